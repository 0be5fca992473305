"""What the payment provider tells of a top-up afterwards: its customer's bank disputes it, decides, or it went back to
the card. The balance follows the money, the customer is told, and a supervisor has an alarm to see to. Events come
twice, late and in any order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backoffice.actors import Actor, system
from backoffice.cases import alarms, timeline
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.messages import telling
from backoffice.messages.catalogue import code_of
from backoffice.money import Money
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.models import Posting
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.top_up.models import MoneyState, TopUp
from workflows.base.spec import Notice
from workflows.top_up.spec import DISPUTED_NOTICE, RESTORED_NOTICE, TOP_UP

DISPUTED, GIVEN_BACK = "top_up_disputed", "top_up_given_back"
"""The codes of the alarms."""
OVER = frozenset({DisputeStatus.WON.value, DisputeStatus.LOST.value})
_DISPUTES = frozenset({EventKind.DISPUTED, EventKind.DISPUTE_CHANGED, EventKind.DISPUTE_CLOSED})


def reported(event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Takes an event of a top-up; whether there is such a one. `now` is aware UTC."""
    found = TopUp.objects.filter(provider_payment=event.payment).values_list("case_id", flat=True).first()
    if found is None:
        return False
    with changing(found) as case:
        top_up = TopUp.objects.select_for_update(of=("self",)).get(case=case)
        if top_up.money != MoneyState.CAPTURED:
            return True
        if event.kind is EventKind.REFUNDED:
            _given_back(top_up, case, event, now)
        if event.kind in _DISPUTES and event.dispute is not None:
            _disputed(top_up, case, event.dispute, now)
    return True


def _disputed(top_up: TopUp, case: Case, dispute: Dispute, now: datetime) -> None:
    """Keeps the state of the dispute, never an older one over its end. The bank has the money from the first day until
    it decides against its customer."""
    state = dispute.status.value
    if top_up.dispute == dispute.id and (top_up.dispute_state in OVER or top_up.dispute_state == state):
        return
    top_up.dispute, top_up.dispute_state = dispute.id, state
    timeline.note(case, "top_up.disputed", by=system(), data={"dispute": state}, at=now)
    step = f"dispute {dispute.id}"
    if dispute.status is DisputeStatus.WON:
        _put_back(top_up, case, step, now)
    elif _take_back(top_up, case, step, Money(dispute.amount, top_up.currency), now):
        _tell(case, DISPUTED_NOTICE, now)
    top_up.save(update_fields=["dispute", "dispute_state", "taken_back"])
    if dispute.status is not DisputeStatus.WON:
        told: Mapping[str, str] = {"reference": case.reference}
        alarms.sound(process=TOP_UP.name, code=DISPUTED, key=f"{DISPUTED}:{dispute.id}", told=told, now=now)


def _given_back(top_up: TopUp, case: Case, event: ProviderEvent, now: datetime) -> None:
    """`event.amount` is what was given back altogether, also what we know already."""
    more = Money(event.amount, top_up.currency) - top_up.off
    if _take_back(top_up, case, f"refund {event.id}", more, now):
        top_up.save(update_fields=["taken_back"])
        _tell(case, DISPUTED_NOTICE, now)
        told: Mapping[str, str] = {"reference": case.reference}
        alarms.sound(process=TOP_UP.name, code=GIVEN_BACK, key=f"{GIVEN_BACK}:{event.id}", told=told, now=now)


def _take_back(top_up: TopUp, case: Case, step: str, amount: Money, now: datetime) -> bool:
    """Takes it off the balance, at most what this added; whether that was something new."""
    part = min(amount, Money(top_up.amount or 0, top_up.currency) - top_up.off)
    if part.minor <= 0 or Posting.objects.filter(key=posting.key_of(case.id, step)).exists():
        return False
    moved = {step: movements.top_up_reversed(customer=case.customer, amount=part)}
    posting.post(case_id=case.id, movements=moved, by=system(), at=now)
    top_up.taken_back += part.minor
    timeline.note(case, "top_up.taken_back", by=system(), at=now)
    return True


def _put_back(top_up: TopUp, case: Case, step: str, now: datetime) -> None:
    """What this dispute took off the balance is there again."""
    known = Posting.objects.filter(key=posting.key_of(case.id, step)).first()
    if known is None:
        return
    moved = {f"{step} won": movements.top_up_restored(customer=case.customer, amount=known.money)}
    posting.post(case_id=case.id, movements=moved, by=system(), at=now)
    top_up.taken_back -= known.amount
    timeline.note(case, "top_up.restored", by=system(), at=now)
    _tell(case, RESTORED_NOTICE, now)


def _tell(case: Case, notice: Notice, now: datetime) -> None:
    told = telling.Notice(code_of(notice.name, process=TOP_UP.name), urgent=notice.urgent, to_old=notice.urgent)
    by = system()
    telling.tell_all(
        customer=case.customer, case_id=case.id, case_reference=case.reference, notices=(told,), by=by, now=now
    )
    timeline.note(
        case, "case.told", by=by, data={"template": told.template, "channels": ",".join(told.channels)}, at=now
    )
