"""Opening an autopay update: for a card that replaces another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay.models import AutopayUpdate
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, NotFound
from workflows.autopay_update.facts import AutopayOpening

MOST = 50
"""Cards that a form offers."""


class AutopayForm(OpeningForm):
    """Which card has the new number."""

    submit = _("Move the payments")
    intro = _(
        "We look up which payments recur on the old number, ask the card network to give the new one to each biller, "
        "and show what became of each. Nobody is asked for a number of theirs at a biller."
    )

    card = forms.ChoiceField(
        label=_("Which card has a new number?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the card."),
            "invalid_choice": _("We know no such new card. Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["card"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(card.public_id), str(card)) for card in new_ones(self.customer)]
        if len(choice.choices) == 1:
            choice.initial = choice.choices[0][0]


def new_ones(customer: Customer) -> list[Card]:
    """The customer's cards that replace another one and can be paid with, the newest first."""
    found = Card.objects.filter(customer=customer, state=CardState.ACTIVE, replaces__isnull=False)
    return list(found.select_related("replaces").order_by("-created_at", "-pk")[:MOST])


def why_not(customer: Customer) -> str:
    """Why this customer has nothing to move; empty when they may have."""
    return "" if new_ones(customer) else _t("There is no card that replaces another one.")


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> AutopayOpening:
    """Under a reissue it is about that one's new card. Raises `NotFound` and `Conflict` on the field."""
    under = case.parent.process if case.parent else ""
    card = _of_parent(case.parent) if case.parent else _chosen(case.customer, str(content.get("card", "")), by=by)
    card = Card.objects.select_for_update().get(pk=card.pk)
    live = AutopayUpdate.objects.filter(card=card, live=True).select_related("case").first()
    if live is not None:
        told = {"reference": live.case.reference}
        raise Conflict("under_way", _t("This is under way already: %(reference)s.") % told, field="card")
    AutopayUpdate.objects.create(case=case, card=card)
    case.subject = str(card)[:80]
    return AutopayOpening(under=under)


def _of_parent(parent: Case) -> Card:
    new = CardReissue.of(parent).new_card
    if new is None:
        raise NotFound("unknown_card", _t("There is no new card."))
    AutopayUpdate.objects.filter(card=new, live=True, case__state="closed").update(live=False)
    return new


def _chosen(customer: Customer, public_id: str, *, by: Actor) -> Card:
    theirs = {str(card.public_id): card for card in new_ones(customer)}
    if public_id not in theirs:
        mine = by.kind is ActorKind.CUSTOMER
        sentence = _t("You have no such new card.") if mine else _t("This customer has no such new card.")
        raise NotFound("unknown_card", sentence, field="card")
    return theirs[public_id]


def settle(case: Case) -> None:
    """On closing: the card can have another update."""
    AutopayUpdate.objects.filter(case=case).update(live=False)
