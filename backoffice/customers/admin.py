"""The customers in the admin: found by search, opened for a case or a reason, and changed only by the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST

from backoffice.customers import contact_points, moved_numbers, new_addresses, postal_form, registering
from backoffice.customers.forms import OWN_FIELDS, POSTAL, TYPED, CheckPartsForm, NewCustomerForm
from backoffice.customers.models import Access, ContactKind, ContactPoint, Customer, CustomerKind, NationalId
from backoffice.customers.record_admin import RecordAdmin, ask_why, desk_actor, page
from backoffice.customers.representative_admin import RepresentativeInline
from backoffice.customers.searching import find
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.staff import rights
from backoffice.staff.read_only import ReadOnlyInline
from backoffice.staff.step_up import recently_confirmed, way_to_confirm


class ContactPointInline(ReadOnlyInline[ContactPoint, Customer]):
    model = ContactPoint
    fk_name = "customer"
    fields = ["kind", "masked", "since", "verified_at", "verified_how", "sim_swapped_at", "superseded_at"]
    ordering = [F("superseded_at").desc(nulls_first=True), "kind"]


class NationalIdInline(ReadOnlyInline[NationalId, Customer]):
    model = NationalId
    fields = ["masked"]

    @admin.display(description=later("number"))
    def masked(self, held: NationalId) -> str:
        return held.masked


def is_organisation(customer: Customer) -> bool:
    return customer.kind == CustomerKind.ORGANISATION


_more_inlines: list[type[ReadOnlyInline[Any, Customer]]] = []


def show_on_customer(inline: type[ReadOnlyInline[Any, Customer]]) -> type[ReadOnlyInline[Any, Customer]]:
    """Decorates an inline of another app (cards, domains, cases), which is then shown on the customer's page."""
    _more_inlines.append(inline)
    return inline


@admin.register(Customer)
class CustomerAdmin(RecordAdmin[Customer]):
    """`get_search_results` is the search of the list and of autocompletion; it asks `searching.find`."""

    list_display = ["name", "kind", "country", "language"]
    search_fields = ["family_name"]
    search_help_text = later("Name, e-mail, telephone number or national id")
    list_filter = ["kind", "country"]
    list_per_page = 50
    show_full_result_count = False
    fields = [
        "kind",
        "given_name",
        "family_name",
        "organisation_name",
        "contact_person",
        "birth_date",
        "country",
        "language",
        "time_zone",
        "phrase",
        "user",
    ]
    typed_fields = [*OWN_FIELDS, "birth_date", *TYPED, "national_id_kind", "national_id"]
    add_fields = [*typed_fields, *postal_form.names(POSTAL)]

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"customers_customer_{name}")

        return [
            at("check-parts", self.check_parts_view, "check_parts"),
            at("sim-swap", require_POST(self.sim_swap_view), "sim_swap"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return rights.REGISTER.allows(desk_actor(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=find(text=search_term).values("pk")), False

    def get_inlines(self, request: HttpRequest, obj: Customer | None) -> list[Any]:
        if obj is None:
            return []
        own = [RepresentativeInline] if is_organisation(obj) else []
        return [ContactPointInline, NationalIdInline, *own, *_more_inlines]

    # Reading ----------------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With what the policy table lets this person change."""
        by = desk_actor(request)
        customer = self.get_object(request, unquote(object_id)) if object_id else None
        phone = contact_points.current(customer=customer, kind=ContactKind.PHONE) if customer else None
        may = {
            "new_addresses": new_addresses.pages(customer, by) if customer else (),
            "may_check_parts": bool(customer and contact_points.may_check_parts(customer, by)),
            "may_represent": rights.REPRESENT.allows(by) and customer is not None and is_organisation(customer),
            "may_mark_sim": rights.MARK_SIM.allows(by) and phone is not None,
        }
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **may})

    def customer_of(self, record: Customer) -> Customer:
        return record

    # Changing ---------------------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Customer | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": NewCustomerForm, "fields": self.typed_fields}
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        return self.fields if obj else self.add_fields

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        made = registering.register(particulars=form.particulars(), by=desk_actor(request), now=timezone.now())
        obj.pk, obj.public_id, obj.phrase = made.pk, made.public_id, made.phrase

    def check_parts_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Shows the parts that were split by a guess, and takes them put right, through the rule. It is a sensitive
        action, so the person confirms their identity first."""
        customer, by = get_object_or_404(Customer, pk=pk), desk_actor(request)
        rights.CHECK_PARTS.check(by)
        asked = ask_why(request, customer)
        if asked is not None:
            return asked
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        guessed = contact_points.unchecked(customer=customer)
        shown = guessed.address if guessed else None
        form = CheckPartsForm(request.POST or None, country=customer.country, shown=shown)
        if form.is_valid() and self._check_parts(request, customer, form):
            return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[pk]))
        title = _("The parts of the postal address of %(customer)s") % {"customer": customer}
        context = page(self, request, title, customer=customer, form=form, is_guess=guessed is not None)
        context["new_addresses"] = new_addresses.pages(customer, by)
        return TemplateResponse(request, "admin/customers/customer/check_parts.html", context)

    def _check_parts(self, request: HttpRequest, customer: Customer, form: CheckPartsForm) -> bool:
        value, by = form.cleaned_data["value"], desk_actor(request)
        try:
            point = contact_points.check_parts(customer=customer, value=value, by=by, now=timezone.now())
        except Invalid as refused:
            for field, sentences in refused.errors.items():
                form.add_error(field if field in form.fields else None, sentences)
            return False
        except Conflict as refused:
            form.add_error(None, refused.sentence)
            return False
        self.log_change(request, customer, f"parts of contact point {point.pk} checked")
        return True

    def sim_swap_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Notes a SIM swap on the number in force. This only takes trust away, so it needs no second confirmation."""
        customer = get_object_or_404(Customer, pk=pk)
        rights.MARK_SIM.check(desk_actor(request))
        asked = ask_why(request, customer)
        if asked is not None:
            return asked
        point = contact_points.current(customer=customer, kind=ContactKind.PHONE)
        try:
            if point is not None:
                moved_numbers.note_moved(point=point, by=desk_actor(request), now=timezone.now())
                self.log_change(request, customer, f"SIM swap noted on contact point {point.pk}")
        except Refused as refused:
            messages.error(request, refused.sentence)
        return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[pk]))


@admin.register(Access)
class AccessAdmin(RecordAdmin[Access]):
    """Who opened records, for compliance. Whose record it was, and why, stands on the page, which asks why as well."""

    list_display = ["at", "user", "came_of_it"]
    list_filter = ["refused", "at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    ordering = ["-at"]
    search_help_text = later("Username of the member of staff")
    fields = ["customer", "user", "at", "until", "case_id", "reason", "page", "refused"]

    @admin.display(description=later("what came of it"), ordering="refused")
    def came_of_it(self, record: Access) -> str:
        """In words: a tick for a refusal, and a cross for a record that was shown, would be read the wrong way."""
        return _("refused") if record.refused else _("opened")

    def customer_of(self, record: Access) -> Customer:
        return record.customer
