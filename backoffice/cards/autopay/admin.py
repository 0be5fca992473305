"""Customers' recurring payments in the admin. Only rules change them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST

from backoffice import no_card_numbers
from backoffice.cards.autopay import mandates
from backoffice.cards.autopay.biller_admin import BillerAdmin
from backoffice.cards.autopay.models import FoundFrom, Mandate, MandateState, Whose
from backoffice.cards.autopay.records import amounts, in_words
from backoffice.cards.autopay.rights import KEEP_MANDATES
from backoffice.cards.models import Card, CardState
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin, ask_why, desk_actor, page
from backoffice.refusals import Refused
from backoffice.staff.read_only import ReadOnlyInline
from backoffice.text_fields import KeptTexts
from backoffice.ui.forms import with_faults

MOST_CARDS = 30
_TOLD_BY = {FoundFrom.CUSTOMER: later("the customer"), FoundFrom.BILLER: later("the company")}


class ToldForm(KeptTexts, forms.Form):
    """A payment that somebody told us of on the telephone, at the counter or in a letter."""

    found_from = forms.ChoiceField(
        label=later("Who told us"),
        widget=forms.RadioSelect,
        choices=[(found.value, said) for found, said in _TOLD_BY.items()],
        error_messages={"required": later("Say who told us.")},
    )
    biller = forms.CharField(label=later("Who takes the money"), max_length=mandates.LONGEST_NAME)
    card = forms.ChoiceField(label=later("From which card"), widget=forms.RadioSelect)
    whose = forms.ChoiceField(
        label=later("Whose bill it is"), widget=forms.RadioSelect, choices=Whose.choices, initial=Whose.OWN
    )
    next_debit = forms.DateField(
        label=later("Next debit"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=later("Leave it empty if nobody said it."),
    )
    reference = forms.CharField(
        label=later("Number at the company"),
        required=False,
        max_length=mandates.LONGEST_REFERENCE,
        help_text=later("Only if the company told us. Never ask the customer: many cannot know it."),
    )

    def __init__(self, *args: Any, cards: list[Card], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["card"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(card.public_id), in_words(card)) for card in cards]
        no_card_numbers.guard(self)


@show_on_customer
class MandateInline(ReadOnlyInline[Mandate, Customer]):
    model = Mandate
    template = "admin/cards/mandate/on_customer.html"
    fields = ["biller", "card", "whose", "found_from", "state", "next_debit"]
    show_change_link = True


@admin.register(Mandate)
class MandateAdmin(RecordAdmin[Mandate]):
    """The customer's number at the biller is not shown: nobody of us needs it."""

    list_display = ["public_id", "state", "found_from", "next_debit"]
    list_filter = ["state", "found_from"]
    ordering = ["-pk"]
    fields = ["customer", "biller", "card", "whose", "found_from", "state", "range", "last_debit", "next_debit"]
    readonly_fields = ["range"]
    change_form_template = "admin/cards/mandate/change_form.html"

    def customer_of(self, record: Mandate) -> Customer:
        return record.customer

    @admin.display(description=later("amounts"))
    def range(self, mandate: Mandate) -> str:
        return amounts(mandate)

    def get_urls(self) -> list[URLPattern]:
        say = require_POST(self.say_view)
        return [
            path("of/<int:pk>/", self.admin_site.admin_view(self.enter_view), name="cards_mandate_enter"),
            path("<int:pk>/say/", self.admin_site.admin_view(say), name="cards_mandate_say"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["may_say"] = KEEP_MANDATES.allows(desk_actor(request))
        context["is_live"] = context["original"].state == MandateState.LIVE
        return super().render_change_form(request, context, *args, **kwargs)

    def enter_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Notes a payment of which the customer or the company told us."""
        customer = get_object_or_404(Customer, pk=pk)
        KEEP_MANDATES.check(desk_actor(request))
        asked = ask_why(request, customer)
        if asked is not None:
            return asked
        found = Card.objects.filter(customer=customer).exclude(state=CardState.INACTIVE)
        form = ToldForm(request.POST or None, cards=list(found.order_by("-created_at", "-pk")[:MOST_CARDS]))
        made = self._told(request, form, customer) if form.is_valid() else None
        if made is not None:
            self.log_addition(request, made, f"payment {made.pk} added, told by {made.found_from}")
            return HttpResponseRedirect(reverse("admin:cards_mandate_change", args=[made.pk]))
        title = _("A recurring payment of %(customer)s") % {"customer": customer}
        context = page(self, request, title, customer=customer, form=form)
        return TemplateResponse(request, "admin/cards/mandate/enter.html", context, status=400 if form.errors else 200)

    def _told(self, request: HttpRequest, form: ToldForm, customer: Customer) -> Mandate | None:
        typed = form.cleaned_data
        try:
            return mandates.add(
                customer=customer,
                card=Card.objects.get(public_id=typed["card"]),
                biller=typed["biller"],
                whose=Whose(typed["whose"]),
                reference=typed["reference"],
                next_debit=typed["next_debit"],
                found_from=FoundFrom(typed["found_from"]),
                by=desk_actor(request),
                now=timezone.now(),
            )
        except Refused as refused:
            with_faults(form, refused)
        return None

    def say_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What the customer says became of a payment, as the button said."""
        mandate = get_object_or_404(Mandate.objects.select_related("customer"), pk=pk)
        KEEP_MANDATES.check(desk_actor(request))
        asked = ask_why(request, mandate.customer)
        if asked is not None:
            return asked
        says = {"over": mandates.say_over, "not_mine": mandates.say_not_mine, "live": mandates.say_live}
        how = request.POST.get("how", "")
        try:
            if how in says:
                says[how](mandate=mandate, by=desk_actor(request), now=timezone.now())
                self.log_change(request, mandate, f"payment {mandate.pk}: {how}")
        except Refused as refused:
            messages.error(request, refused.sentence)
        return HttpResponseRedirect(reverse("admin:cards_mandate_change", args=[pk]))


__all__ = ["BillerAdmin", "MandateAdmin", "MandateInline"]
