"""Telling us that a card is lost, stolen, misused or damaged."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.cards.models import Card, Reason
from backoffice.cards.reissue.opening import BLOCKED_AT_ONCE, open_reissue, reissuable
from backoffice.customers.models import Customer
from backoffice.portal.access import CustomerRequest, for_customers
from backoffice.refusals import Conflict

REASONS = [
    (Reason.LOST, _("I lost it")),
    (Reason.STOLEN, _("It was stolen")),
    (Reason.FRAUD, _("I see payments that are not mine")),
    (Reason.DAMAGED, _("It is damaged")),
]


class ReportForm(forms.Form):
    """`key` is made with the page: the same page sent twice opens one case. So a card that was just reported is still
    taken when it is sent again; the rule then gives the case that is there."""

    card = forms.ChoiceField(
        label=_("Which card?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the card."),
            "invalid_choice": _("This is not a card of yours. Choose one of the list."),
        },
    )
    reason = forms.ChoiceField(
        label=_("What happened?"),
        help_text=_(
            "A card that is lost, stolen or misused is blocked at once, and for good if it was stolen or misused."
        ),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened."), "invalid_choice": _("Choose one of the reasons.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cards = list(Card.objects.filter(customer=customer).order_by("created_at", "id"))
        field = self.fields["card"]
        assert isinstance(field, forms.ChoiceField)
        offered = [card for card in self.cards if self.is_bound or not reissuable(card)]
        field.choices = [(str(card.public_id), str(card)) for card in offered]
        if len(self.cards) == 1:
            field.initial = str(self.cards[0].public_id)

    @property
    def refused(self) -> list[tuple[Card, str]]:
        """The cards that cannot be reported, each with the reason."""
        return [(card, why) for card in self.cards if (why := reissuable(card))]


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def report_card(request: CustomerRequest) -> HttpResponse:
    form = ReportForm(
        request.POST if request.method == "POST" else None, customer=request.customer, initial={"key": uuid.uuid4()}
    )
    if form.is_valid():
        card = next(one for one in form.cards if str(one.public_id) == form.cleaned_data["card"])
        try:
            return _report(request, card, form)
        except Conflict as refused:
            if refused.field != "card":
                raise
            form.add_error("card", refused.sentence)
    return render(request, "portal/report.html", {"form": form}, status=400 if form.errors else 200)


def _report(request: CustomerRequest, card: Card, form: ReportForm) -> HttpResponse:
    reason = form.cleaned_data["reason"]
    key = opening_key(request.customer, form.cleaned_data["key"])
    case, _new = open_reissue(card=card, reason=reason, by=request.actor, key=key)
    blocked = _t("We have your report, and block the card now.") if reason in BLOCKED_AT_ONCE else ""
    messages.success(request, blocked or _t("We have your report. Here is how it goes on."))
    return redirect("portal:case", case.reference)


def opening_key(customer: Customer, key: uuid.UUID) -> str:
    """The key of the opening: a customer's key never meets another one's."""
    return f"portal:{customer.public_id}:{key}"
