"""Opening an autopay update: for a card that replaces another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay import lines, settling
from backoffice.cards.autopay.models import AutopayUpdate
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cards.ports import Replacement
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
    """The customer's cards that have a new number and can be paid with, the newest first."""
    found = Card.objects.filter(customer=customer, state=CardState.ACTIVE, replaces__isnull=False)
    newest = found.select_related("replaces").order_by("-created_at", "-pk")[:MOST]
    return [card for card in newest if has_new_number(card)]


def has_new_number(card: Card) -> bool:
    """Whether its number is another one than that of a card before it. A damaged or expiring card is replaced by one
    with the same number; of cards that came from elsewhere nobody knows, and a new number is likely."""
    for one in [card, *lines.earlier(card)]:
        reissue = CardReissue.objects.filter(new_card=one).order_by("-pk").first()
        if one.replaces_id and (reissue is None or not Replacement.of(reissue.reason).keeps_number):
            return True
    return False


def why_not(customer: Customer) -> str:
    """Why this customer has nothing to move; empty when they may have."""
    return "" if new_ones(customer) else _t("There is no card whose number is new.")


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> AutopayOpening:
    """Under a reissue it is about that one's new card; where somebody opened another one for it meanwhile, that one
    moves everything, and the reissue does not wait for it. Raises `NotFound` and `Conflict` on the field."""
    under = case.parent.process if case.parent else ""
    card = _of_parent(case.parent) if case.parent else _chosen(case.customer, str(content.get("card", "")), by=by)
    card = Card.objects.select_for_update().get(pk=card.pk)
    live = AutopayUpdate.objects.filter(card=card, live=True).select_related("case").first()
    if live is not None and case.parent is None:
        told = {"reference": live.case.reference}
        raise Conflict("under_way", _t("This is under way already: %(reference)s.") % told, field="card")
    AutopayUpdate.objects.create(case=case, card=card, live=live is None)
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
    """On closing: what is still open has the old number, whatever closed the case, and the card can have another
    update."""
    update = lines.update_of(case)
    settling.leave(update, now=case.closed_at or timezone.now())
    update.live = False
    update.save(update_fields=["live"])
