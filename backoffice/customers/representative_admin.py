"""Who acts for an organisation, in the admin: seen on its page, entered and ended by the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST

from backoffice.customers import representatives
from backoffice.customers.models import Act, Customer, CustomerKind, May, NationalIdKind, Representative
from backoffice.customers.national_ids import OF_ORGANISATIONS
from backoffice.customers.record_admin import RecordAdmin, ask_why, desk_actor, page
from backoffice.customers.registering import LONGEST_NAME
from backoffice.refusals import Invalid, Refused
from backoffice.staff import rights
from backoffice.staff.read_only import ReadOnlyInline
from backoffice.staff.step_up import recently_confirmed, way_to_confirm
from backoffice.text_fields import KeptTexts

OF_PEOPLE = [(kind.value, kind.label) for kind in NationalIdKind if kind not in OF_ORGANISATIONS]


class RepresentativeForm(KeptTexts, forms.Form):
    """What a register extract says of one person. The rule says what is wrong."""

    name = forms.CharField(label=later("Name"), max_length=LONGEST_NAME)
    number_kind = forms.ChoiceField(label=later("Kind of number"), choices=[("", "—"), *OF_PEOPLE], required=False)
    number = forms.CharField(label=later("Their number"), max_length=40, required=False)
    may = forms.ChoiceField(label=later("May act"), choices=May.choices)
    acts = forms.MultipleChoiceField(
        label=later("May"), choices=Act.choices, widget=forms.CheckboxSelectMultiple, initial=Act.values
    )
    extract_of = forms.DateField(
        label=later("Date of the register extract"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def enter(self, organisation: Customer, request: HttpRequest) -> Representative | None:
        """The new representative; None when the rule refused, which stands beside the fields then."""
        entry = representatives.Entry(**self.cleaned_data)
        try:
            return representatives.enter(
                organisation=organisation, entry=entry, by=desk_actor(request), now=timezone.now()
            )
        except Invalid as refused:
            for field, sentences in refused.errors.items():
                self.add_error(field if field in self.fields else None, ValidationError(sentences))
        return None


class RepresentativeInline(ReadOnlyInline[Representative, Customer]):
    model = Representative
    fk_name = "organisation"
    fields = ["name", "may", "told_acts", "extract_of", "until"]
    ordering = ["-until", "name"]
    show_change_link = True

    @admin.display(description=later("may"))
    def told_acts(self, held: Representative) -> str:
        return _acts(held)


@admin.register(Representative)
class RepresentativeAdmin(RecordAdmin[Representative]):
    """The list names nobody, as all lists; the page opens for a case or a reason."""

    list_display = ["id", "may", "extract_of", "since", "until"]
    list_filter = ["may"]
    fields = ["organisation", "name", "person", "masked", "may", "told_acts", "extract_of", "since", "until"]
    readonly_fields = ["masked", "told_acts"]
    change_form_template = "admin/customers/representative/change_form.html"

    def customer_of(self, record: Representative) -> Customer:
        return record.organisation

    @admin.display(description=later("may"))
    def told_acts(self, held: Representative) -> str:
        return _acts(held)

    @admin.display(description=later("number"))
    def masked(self, held: Representative) -> str:
        return f"{held.number_kind} •••{held.number[-2:]}" if held.number else "—"

    def get_urls(self) -> list[URLPattern]:
        return [
            path("of/<int:pk>/", self.admin_site.admin_view(self.enter_view), name="customers_representative_enter"),
            path(
                "<int:pk>/end/",
                self.admin_site.admin_view(require_POST(self.end_view)),
                name="customers_representative_end",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["may_represent"] = rights.REPRESENT.allows(desk_actor(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def enter_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Enters a representative. It is a sensitive action, so the person confirms their identity first."""
        organisation = get_object_or_404(Customer, pk=pk, kind=CustomerKind.ORGANISATION)
        first = self._first(request, organisation)
        if first is not None:
            return first
        form = RepresentativeForm(request.POST or None)
        if form.is_valid():
            made = form.enter(organisation, request)
            if made is not None:
                self.log_addition(request, made, f"representative {made.pk} entered")
                return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[pk]))
        title = _("Who acts for %(customer)s") % {"customer": organisation}
        context = page(self, request, title, customer=organisation, form=form)
        return TemplateResponse(request, "admin/customers/representative/enter.html", context)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Notes that somebody no longer acts for the organisation."""
        held = get_object_or_404(Representative, pk=pk)
        first = self._first(request, held.organisation)
        if first is not None:
            return first
        try:
            representatives.end(representative=held, by=desk_actor(request), now=timezone.now())
            self.log_change(request, held, f"representative {held.pk} ended")
        except Refused as refused:
            messages.error(request, refused.sentence)
        return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[held.organisation_id]))

    def _first(self, request: HttpRequest, organisation: Customer) -> HttpResponseBase | None:
        """What comes before: the right, the reason, the second factor."""
        rights.REPRESENT.check(desk_actor(request))
        asked = ask_why(request, organisation)
        if asked is None and not recently_confirmed(request):
            back_to = reverse("admin:customers_customer_change", args=[organisation.pk])
            return HttpResponseRedirect(way_to_confirm(request, back_to=back_to if request.method == "POST" else ""))
        return asked


def _acts(held: Representative) -> str:
    return "; ".join(str(Act(one).label) for one in held.acts)
