"""Opening the reissue of a card: on request of the customer or the desk, or because of a signal of fraud."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.models import Card, CardReissue, CardState, Reason
from backoffice.cards.reissue import blocking
from backoffice.cases import opening
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import OPEN, needs
from backoffice.statements import insert, update
from workflows.card_reissue import facts
from workflows.card_reissue.facts import ReissueOpening
from workflows.card_reissue.spec import CARD_REISSUE

BLOCKED_AT_ONCE = frozenset({Reason.LOST, Reason.STOLEN, Reason.FRAUD})
CUSTOMERS_REASONS = [
    (Reason.LOST.value, _("I lost it")),
    (Reason.STOLEN.value, _("It was stolen")),
    (Reason.FRAUD.value, _("I see payments that are not mine")),
    (Reason.DAMAGED.value, _("It is damaged")),
]


def reissuable(card: Card) -> str:
    """The sentence that says why this card cannot be reissued now; empty when it can."""
    if card.state == CardState.CLOSED:
        return _t("This card is closed.")
    if CardReissue.objects.filter(card=card, live=True).exists():
        return _t("A case about this card is open already.")
    return ""


class OneOfTheirCards(forms.ChoiceField):
    """A card of the customer, by its public id, or by its last four digits if only one card has them."""

    cards: Sequence[Card] = ()

    def to_python(self, value: object) -> str:
        typed = super().to_python(value)
        fitting = [card for card in self.cards if card.last_four == typed]
        return str(fitting[0].public_id) if len(fitting) == 1 else typed


class ReissueForm(OpeningForm):
    """Which card, and what happened to it. When the form is sent again, a card that was just reported is still
    accepted, so that the rule can return the existing case."""

    submit = _("Send")

    card = OneOfTheirCards(
        label=_("Which card?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the card."),
            "invalid_choice": _("This is not a card of this customer. Choose one of the list."),
        },
    )
    reason = forms.ChoiceField(
        label=_("What happened?"),
        choices=Reason.choices,
        help_text=_(
            "A card that is lost, stolen or misused is blocked at once, and for good if it was stolen or misused."
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened."), "invalid_choice": _("Choose one of the reasons.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cards = list(Card.objects.filter(customer=self.customer).order_by("created_at", "id"))
        card, reason = self.fields["card"], self.fields["reason"]
        assert isinstance(card, OneOfTheirCards)
        assert isinstance(reason, forms.ChoiceField)
        offered = [card for card in self.cards if self.is_bound or not reissuable(card)]
        card.cards = offered
        card.choices = [(str(one.public_id), f"{one} · {one.get_state_display()}") for one in offered]
        chosen = str(self.data.get(self.add_prefix("card")) or "")
        shown = {str(one.public_id) for one in offered if not reissuable(one)} | {chosen}
        card.widget.choices = [choice for choice in card.choices if choice[0] in shown]
        if len(offered) == 1:
            card.initial = str(offered[0].public_id)
        if self.by.kind is ActorKind.CUSTOMER:
            reason.choices = CUSTOMERS_REASONS
        if self.by.kind is ActorKind.CUSTOMER:
            self.intro = _t(
                "We block the card if that is needed, and ask you a few questions. The next step is a new card."
            )
            card.error_messages["invalid_choice"] = _t("This is not a card of yours. Choose one of the list.")

    def clean(self) -> dict[str, Any]:
        """The case of a card that is not blocked names its last digits; those of a card that is not activated yet are
        what its holder proves to have it with."""
        cleaned = super().clean() or {}
        chosen = next((card for card in self.cards if str(card.public_id) == cleaned.get("card")), None)
        is_blocked = cleaned.get("reason", Reason.LOST) in BLOCKED_AT_ONCE
        if chosen and chosen.state == CardState.INACTIVE and not is_blocked:
            self.add_error("reason", _t("This card is not activated yet. If it cannot be used, report it as lost."))
        return cleaned

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The cards that cannot be chosen, each with the reason."""
        return [(str(card), why) for card in self.cards if (why := reissuable(card))]


def whose(data: Mapping[str, Any]) -> Customer | None:
    """The customer whose card the form names by its public id. Raises `NotFound` when there is no such card, and
    `Invalid` when it is no id: without a customer, the last four digits do not identify a card."""
    typed = str(data.get("card") or "")
    if not typed:
        return None
    if len(typed) == 4 and typed.isdigit():
        raise Invalid({"customer": [_t("With the last four digits, say whose card it is.")]})
    try:
        card = Card.objects.select_related("customer").filter(public_id=uuid.UUID(typed)).first()
    except ValueError:
        raise Invalid({"card": [_t("“%(typed)s” is not an id.") % {"typed": typed[:40]}]}) from None
    if card is None:
        raise NotFound("unknown_card", _t("There is no such card."), field="card")
    return card.customer


def why(content: Mapping[str, Any]) -> str:
    return str(content["reason"])


def why_not(customer: Customer) -> str:
    """Why no card of this customer can be replaced now; empty when one can."""
    refusals = [reissuable(card) for card in Card.objects.filter(customer=customer)]
    if not refusals:
        return _t("There is no card.")
    return "" if "" in refusals else refusals[0]


@needs(OPEN)
def open_reissue(*, card: Card, reason: str, by: Actor, key: str, now: datetime | None = None) -> tuple[Case, bool]:
    """Opens the case of this card, through the rule for all openings. Returns the case, and whether it is new.

    Raises `Invalid` for an unknown reason or a card that is not theirs, `Conflict` for a card that is closed or is
    being reissued, or for a key that opened something else.
    """
    data = {"card": str(card.public_id), "reason": reason}
    return opening.open_by_form(process=CARD_REISSUE.name, customer=card.customer, by=by, key=key, data=data, now=now)


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> ReissueOpening:
    """Runs inside the opening's transaction, and locks the card, so that of two openings at once one is refused. A card
    that is lost, stolen or misused is blocked at once in our own records; the case's first step blocks it at the
    issuer."""
    card = Card.objects.select_for_update().get(public_id=content["card"])
    refusal = reissuable(card)
    if refusal:
        raise Conflict("not_reissuable", refusal, field="card")
    reason = Reason(content["reason"])
    insert([CardReissue(case=case, card=card, reason=reason, opened_by=by.kind.value)])
    if reason in BLOCKED_AT_ONCE:
        blocking.block_here(card)
    case.subject = str(card)
    return ReissueOpening(reason=facts.Reason(reason.value))


def settle(case: Case) -> None:
    """A closed case frees the card for another one."""
    update(CardReissue(case=case, live=False), ("live",))
