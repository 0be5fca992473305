"""Signals of a detector of fraud. The card is blocked first, and nothing but the card is needed for that; then what
else the signal says is added to the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cards.models import Card, CardReissue, CardState, Reason, Signal
from backoffice.cards.reissue import blocking
from backoffice.cards.reissue.opening import BLOCKED_AT_ONCE, open_reissue
from backoffice.cards.reissue.rights import SIGNAL_FRAUD
from backoffice.cards.reissue.understanding import MOST_PAYMENTS, Details
from backoffice.cases import timeline, withdrawing
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.statements import insert_new, update


class CardClosed(Conflict):
    """This card is closed, and no open card has its number."""


@needs(SIGNAL_FRAUD)
def fraud_signalled(*, signal_id: str, card: Card, by: Actor, now: datetime | None = None) -> tuple[Case, bool]:
    """Takes a signal: blocks the card and opens a case, or adds to the one that has blocked it. Returns the case, and
    whether it is new. The same signal twice counts once. Where the card has handed its number on, the card that has the
    number now is meant. Raises `CardClosed` where nothing is left to block.

    A case that replaces a worn card leaves its card open, so it gives way: it is stopped where that is still possible,
    and orders and activates nothing more.
    """
    now = now or timezone.now()
    known = Signal.objects.filter(signal_id=signal_id).select_related("case").first()
    if known is not None:
        return known.case, False
    with transaction.atomic():
        card = blocking.newest_of_number(card)
        if card.state == CardState.CLOSED:
            raise CardClosed("card_closed", _("This card is closed."), field="card")
        live = CardReissue.objects.filter(card=card, live=True).select_related("case").first()
        if live is not None and _keeps_blocked(live):
            case, new = live.case, False
            with changing(case.id) as locked:
                if insert_new(Signal(signal_id=signal_id, case=locked, at=now), unique="signal_id"):
                    timeline.note(locked, "card.signalled_again", by=by, data={"last_four": card.last_four}, at=now)
        else:
            if live is not None:
                _give_way(live, by=by, now=now)
            case, new = open_reissue(card=card, reason=Reason.FRAUD, by=by, key=f"signal:{signal_id}", now=now)
            insert_new(Signal(signal_id=signal_id, case=case, at=now), unique="signal_id")
    return case, new


def is_known(signal_id: str) -> bool:
    return Signal.objects.filter(signal_id=signal_id).exists()


@needs(SIGNAL_FRAUD)
def note_details(*, signal_id: str, details: Details, by: Actor, now: datetime | None = None) -> None:
    """Adds what a signal says besides its card, once for each signal. What was not understood is kept, sealed, for a
    person to read."""
    signal = Signal.objects.get(signal_id=signal_id)
    with changing(signal.case_id) as case:
        signal = Signal.objects.select_for_update().get(pk=signal.pk)
        if signal.is_read:
            return
        add_payments(case, [one for one in details.payments if one["amount"] or one["merchant"]])
        signal.is_read = True
        if details.not_understood:
            signal.unread = {"fields": details.not_understood, "text": details.rest}
            timeline.note(case, "card.not_understood", by=by, at=now)
        update(signal, ("is_read", "unread"))


def add_payments(case: Case, payments: Sequence[Mapping[str, str]]) -> None:
    """Adds payments that its customer is asked about to a case that is being changed: each once, and so many as a
    person can be asked about."""
    reissue = CardReissue.of(case)
    known: list[dict[str, str]] = list(reissue.payments or [])
    for payment in payments:
        same = [one for one in known if (one.get("id") or one) == (payment.get("id") or payment)]
        if not same and len(known) < MOST_PAYMENTS:
            known.append(dict(payment))
    if known != (reissue.payments or []):
        reissue.payments = known
        update(reissue, ("payments",))


def _keeps_blocked(live: CardReissue) -> bool:
    """Whether this case has blocked its card and does not release it just now."""
    return live.reason in BLOCKED_AT_ONCE and live.case.state != CaseState.STOPPING


def _give_way(live: CardReissue, *, by: Actor, now: datetime) -> None:
    with changing(live.case_id) as case:
        update(CardReissue(case=case, live=False), ("live",))
        timeline.note(case, "card.gave_way", by=by, at=now)
        if not withdrawing.why_not_withdraw(case, by=system()):
            withdrawing.withdraw(case_id=case.id, by=system(), reason=Reason.FRAUD)
