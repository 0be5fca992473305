"""Opening the reissue of a card: asked by the customer or the desk, or caused by a signal of fraud."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.models import Card, CardReissue, CardState, Reason, Signal
from backoffice.cases import effects, opening, timeline
from backoffice.cases.changing import changing
from backoffice.cases.models import Case
from backoffice.inserting import insert_or_ignore
from backoffice.refusals import Conflict, Invalid, NotFound

BLOCKED_AT_ONCE = frozenset({Reason.LOST, Reason.STOLEN, Reason.FRAUD})


def reissuable(card: Card) -> str:
    """The sentence that says why this card cannot be reissued now; empty when it can."""
    if card.state == CardState.CLOSED:
        return _("This card is closed.")
    if CardReissue.objects.filter(card=card, live=True).exists():
        return _("A new card is already being made for this one.")
    return ""


def open_reissue(
    *,
    card: Card,
    reason: str,
    by: Actor,
    key: str,
    payments: Sequence[Mapping[str, Any]] = (),
    now: datetime | None = None,
) -> tuple[Case, bool]:
    """Opens the case; a card that is lost, stolen or defrauded is blocked at once in our own records, and at the issuer
    by the case's first step. Gives the case and whether it is new.

    Raises `Invalid` for an unknown reason, `NotFound` for a card that is not this customer's, `Conflict` for a card
    that is closed or is being reissued, or for a key that opened something else.
    """
    if reason not in Reason.values:
        raise Invalid({"reason": [_("Choose one of the reasons.")]})
    if by.kind is ActorKind.CUSTOMER and str(card.customer.public_id) != by.id:
        raise NotFound("unknown_card", _("There is no such card."), field="card")
    content = {"card": str(card.public_id), "reason": reason, "payments": json.dumps(list(payments))}
    return opening.open_case(
        process="card_reissue",
        customer=card.customer,
        by=by,
        key=key,
        content=content,
        why=str(Reason(reason).label),
        now=now,
    )


@effects.opening("card_reissue")
def prepare(*, case: Case, args: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Inside the opening's transaction: locks the card, so that of two openings at once one is refused."""
    card = Card.objects.select_for_update().get(public_id=args["card"])
    refusal = reissuable(card)
    if refusal:
        raise Conflict("not_reissuable", refusal, field="card")
    reason = Reason(args["reason"])
    payments = json.loads(args.get("payments", "[]"))
    CardReissue.objects.create(case=case, card=card, reason=reason, payments=payments or None)
    case.subject = str(card)
    if reason in BLOCKED_AT_ONCE and card.state == CardState.ACTIVE:
        card.state = CardState.BLOCKED
        card.save(update_fields=["state"])
    return {"reason": reason.value}


@effects.closing("card_reissue")
def settle(case: Case) -> None:
    """A closed case frees the card for another one."""
    CardReissue.objects.filter(case=case).update(live=False)


OF_THE_NEW_CARD = frozenset(
    {"card_shipped", "card_delivered_activate", "activation_reminder", "card_active", "case_done"}
)


@effects.telling("card_reissue")
def shown_in_messages(case: Case, template: str) -> dict[str, str]:
    """The last four of the card that the message is about, and why it is reissued."""
    reissue = CardReissue.objects.select_related("card", "new_card").get(case=case)
    card = reissue.new_card if template in OF_THE_NEW_CARD and reissue.new_card else reissue.card
    return {"last_four": card.last_four, "reason": reissue.reason}


def fraud_signalled(
    *, signal_id: str, card: Card, payments: Sequence[Mapping[str, Any]], by: Actor, now: datetime | None = None
) -> tuple[Case, bool]:
    """A detector of fraud speaks: opens a case, or adds to the one that is there. The same signal twice is one."""
    now = now or timezone.now()
    known = Signal.objects.filter(signal_id=signal_id).select_related("case").first()
    if known is not None:
        return known.case, False
    with transaction.atomic():
        live = CardReissue.objects.filter(card=card, live=True).select_related("case").first()
        if live is not None:
            case, new = live.case, False
            with changing(case.id) as locked:
                if insert_or_ignore(Signal(signal_id=signal_id, case=locked, at=now), unique="signal_id"):
                    timeline.note(locked, "card.signalled_again", by=by, data={"last_four": card.last_four}, at=now)
        else:
            case, new = open_reissue(
                card=card, reason=Reason.FRAUD, by=by, key=f"signal:{signal_id}", payments=payments, now=now
            )
            insert_or_ignore(Signal(signal_id=signal_id, case=case, at=now), unique="signal_id")
    return case, new
