"""Billers in the admin: seen by who works with cases, entered and changed by a supervisor, by the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from backoffice import no_card_numbers
from backoffice.cards.autopay import billers
from backoffice.cards.autopay.models import Biller, Category, Reach
from backoffice.cards.autopay.rights import KEEP_BILLERS
from backoffice.customers.postal_rules import countries, home
from backoffice.customers.record_admin import desk_actor, page
from backoffice.refusals import Refused
from backoffice.staff.read_only import ReadOnlyAdmin
from backoffice.staff.step_up import recently_confirmed, way_to_confirm
from backoffice.text_fields import KeptTexts
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import with_faults
from backoffice.webhooks import outbound


class BillerForm(KeptTexts, forms.Form):
    """What a company says of itself, on its own paper or by its own people. The rule says what is wrong."""

    name = forms.CharField(label=later("Name, as it is on its bills"), max_length=billers.LONGEST_NAME)
    country = forms.ChoiceField(label=later("Country"))
    category = forms.ChoiceField(label=later("What it is paid for"), choices=Category.choices, initial=Category.OTHER)
    network_id = forms.CharField(
        label=later("Number at the card network"),
        required=False,
        max_length=20,
        help_text=later("Without it, the network cannot move its payments. It cannot be changed later."),
    )
    how_to_change = forms.CharField(
        label=later("How a customer changes a card there"),
        required=False,
        max_length=billers.LONGEST_HOW,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=later("Customers read it on their list. Without it they are told to look at their last bill."),
    )
    reach = forms.ChoiceField(
        label=later("How we ask it to wait"), choices=Reach.choices, widget=forms.RadioSelect, initial=Reach.NOTHING
    )
    url = forms.CharField(
        label=later("Address of its system"),
        required=False,
        max_length=outbound.LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=later("It begins with https://. Each time one is entered, a new secret is made, and shown once."),
    )
    mail = forms.CharField(label=later("Mail address"), required=False, max_length=254)
    address = forms.CharField(
        label=later("Postal address"),
        required=False,
        max_length=billers.LONGEST_ADDRESS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=later("As on an envelope, without the name and the country."),
    )
    confirms = forms.BooleanField(
        label=later("Make a secret with which it confirms new cards to us"),
        required=False,
        help_text=later("It is shown once. One that it has already is good for nothing then."),
    )

    def __init__(self, *args: Any, biller: Biller | None = None, **kwargs: Any) -> None:
        initial = {"country": home()}
        if biller is not None:
            shown = ("name", "category", "network_id", "how_to_change", "reach", "mail", "address")
            initial = {name: getattr(biller, name) or "" for name in shown} | {"country": biller.country or home()}
        super().__init__(*args, **(kwargs | {"initial": initial}))
        choice = self.fields["country"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(countries().items())
        if biller is not None and biller.endpoint is not None:
            words = {"host": biller.endpoint.host}
            self.fields["url"].help_text = (
                _("It is at %(host)s now. Leave this empty to leave it so. Another one gets a new secret, shown once.")
                % words
            )
        no_card_numbers.guard(self)

    def keep(self, rule: Callable[..., billers.Entered], **which: Any) -> billers.Entered | None:
        """What the rule gives; None when it refused, which stands on the fields then."""
        try:
            return rule(particulars=billers.Particulars(**self.cleaned_data), now=timezone.now(), **which)
        except Refused as refused:
            with_faults(self, refused)
        return None


@admin.register(Biller)
class BillerAdmin(ReadOnlyAdmin[Biller]):
    """Names that one customer typed are not shown: they stand with that customer."""

    list_display = ["name", "country", "category", "reach", "network_id"]
    list_filter = ["reach", "category"]
    search_fields = ["name"]
    search_help_text = later("Part of the name")
    fields = [
        *("name", "country", "category", "network_id", "reach", "endpoint", "mail", "address", "how_to_change"),
        *("confirms", "confirms_at"),
    ]
    readonly_fields = ["confirms", "confirms_at"]
    change_form_template = "admin/cards/biller/change_form.html"
    change_list_template = "admin/cards/biller/change_list.html"

    @admin.display(description=later("confirms new cards itself"), boolean=True)
    def confirms(self, biller: Biller) -> bool:
        return bool(biller.secret)

    @admin.display(description=later("address for its confirmations"))
    def confirms_at(self, biller: Biller) -> str:
        return reverse("api:autopay_update:card-on-file", args=[biller.public_id]) if biller.secret else "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Biller]:
        return super().get_queryset(request).filter(only_for=None).select_related("endpoint")

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"cards_biller_{name}")

        return [
            at("enter/", self.enter_view, "enter"),
            at("<int:pk>/particulars/", self.particulars_view, "particulars"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        allowed = {"may_enter": KEEP_BILLERS.allows(desk_actor(request))}
        return super().changelist_view(request, allowed | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["may_enter"] = KEEP_BILLERS.allows(desk_actor(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def enter_view(self, request: HttpRequest) -> HttpResponseBase:
        first = self._first(request)
        if first is not None:
            return first
        form = BillerForm(request.POST or None)
        entered = form.keep(billers.enter, by=desk_actor(request)) if form.is_valid() else None
        if entered is not None:
            self.log_addition(request, entered.biller, _in_words(entered))
            return self._kept(request, entered)
        return self._page(request, _("A company that takes payments from cards"), form)

    def particulars_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        first = self._first(request)
        if first is not None:
            return first
        biller = get_object_or_404(self.get_queryset(request), pk=pk)
        form = BillerForm(request.POST or None, biller=biller)
        entered = form.keep(billers.change, biller_id=pk, by=desk_actor(request)) if form.is_valid() else None
        if entered is not None:
            if entered.changed:
                self.log_change(request, entered.biller, _in_words(entered))
            return self._kept(request, entered)
        return self._page(request, _("Particulars of %(biller)s") % {"biller": biller}, form, biller=biller)

    def _first(self, request: HttpRequest) -> HttpResponseBase | None:
        """What comes before: the right, and the second factor, because our messages go where this says."""
        KEEP_BILLERS.check(desk_actor(request))
        return None if recently_confirmed(request) else HttpResponseRedirect(way_to_confirm(request))

    def _page(self, request: HttpRequest, title: str, form: BillerForm, **more: object) -> HttpResponseBase:
        context = page(self, request, title, form=form, **more)
        return TemplateResponse(request, "admin/cards/biller/enter.html", context, status=400 if form.errors else 200)

    def _kept(self, request: HttpRequest, entered: billers.Entered) -> HttpResponseBase:
        """The page of the biller, or first the one that shows its secrets."""
        if not (entered.our_secret or entered.their_secret):
            return HttpResponseRedirect(reverse("admin:cards_biller_change", args=[entered.biller.pk]))
        context = page(self, request, _("Shown once"), entered=entered, confirms_at=self.confirms_at(entered.biller))
        return never_kept(TemplateResponse(request, "admin/cards/biller/secrets.html", context).render())


def _in_words(entered: billers.Entered) -> str:
    """For the history: "reach: nothing → letter; system: new secret"."""
    said = [f"{name}: {was or '—'} → {now or '—'}" for name, (was, now) in entered.changed.items()]
    return "; ".join(said)
