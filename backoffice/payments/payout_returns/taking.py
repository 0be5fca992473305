"""Has the provider take back from a merchant's account what it was paid out: once, whatever is lost on the way. What it
refuses stays a debt on the merchant's account in our books, and the next payouts keep it (`payouts.planning`)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import alarms, timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.payments.charging import KEYS_LAST
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.payout_returns.models import PayoutReturn, ReturnState, return_of
from backoffice.payments.payouts import planning, returning
from backoffice.payments.payouts.models import payout_of
from backoffice.payments.payouts.paying import asked
from backoffice.payments.provider.ports import NoAnswer, NotSent, ProviderFailed, ProviderRefused, Refusal
from workflows.base.spec import Nothing
from workflows.payout_return.facts import ReturnFound, TakenBack
from workflows.payout_return.spec import PAYOUT_RETURN

NOT_RETURNED = "payout_not_returned"


def look(*, case: Case, args: Nothing, now: datetime) -> ReturnFound:
    """What is under way stays as it is, so that the provider can be asked again for the same. After a refusal it is
    counted anew, because payouts may have kept something of it meanwhile."""
    found = return_of(case)
    if found.state == ReturnState.UNDER_WAY:
        return ReturnFound(due=True)
    with changing(found.payout.payment_id) as paid:
        payout = payout_of(paid)
        assert payout is not None
        merchant = Merchant.objects.select_for_update(no_key=True).get(pk=payout.payment.merchant_id)
        amount = planning.to_take_back(payout, merchant)
    if not amount:
        _over(found, ReturnState.SETTLED, now)
        timeline.note(case, "payout_return.settled", by=system(), at=now)
        return ReturnFound(due=False)
    found.state, found.amount, found.asked_at = ReturnState.UNDER_WAY, amount, now
    found.save(update_fields=["state", "amount", "asked_at"])
    return ReturnFound(due=True)


def take(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[TakenBack]:
    """The key is that of the return, not of this call, so it stays the same whoever asks again. Raises
    `OutsideUnavailable` where nobody knows what was done."""
    found = return_of(case)
    if found.state != ReturnState.UNDER_WAY:
        return lambda case, now: TakenBack(taken=found.state == ReturnState.BACK)
    try:
        altogether = _taken(found, now=now)
    except ProviderRefused as refused:
        return _refused(found, refused.because)
    except ProviderFailed as failed:
        raise OutsideUnavailable(failed.reason) from failed
    return _back(found, altogether)


def leave_as_debt(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """A supervisor hears that a merchant owes us what its account at the provider does not hold."""
    told = {"reference": case.reference}
    alarms.sound(process=PAYOUT_RETURN.name, code=NOT_RETURNED, key=f"{NOT_RETURNED}:{case.id}", told=told, now=now)
    return Nothing()


def release(case: Case) -> None:
    """When the case is closed: where people gave up asking, payouts keep the debt again."""
    found = return_of(case)
    if found.state == ReturnState.UNDER_WAY:
        _over(found, ReturnState.OWED, case.closed_at or timezone.now())


# --- inside -----------------------------------------------------------------------------------------------------------


def _taken(found: PayoutReturn, *, now: datetime) -> int:
    """How much of the payout has been taken back altogether, with this. A key that the provider may have forgotten, or
    under which it repeats a failure of its own, is not asked with before it was looked for what became of it."""
    if now - found.asked_at > KEYS_LAST and _is_known(found):
        return _altogether(found)
    try:
        return asked().take_back(found.payout.transfer, key=found.key, amount=found.amount).returned
    except ProviderFailed as failed:
        if isinstance(failed, NotSent) or not _is_known(found):
            raise
        return _altogether(found)


def _is_known(found: PayoutReturn) -> bool:
    return any(one.key == found.key for one in asked().taken_back(found.payout.transfer))


def _altogether(found: PayoutReturn) -> int:
    """Raises `NoAnswer` where the provider does not name the payout."""
    for one in asked().payouts(group=found.payout.group):
        if one.id == found.payout.transfer:
            return one.returned
    raise NoAnswer("unknown_payout")


def _back(asked_for: PayoutReturn, altogether: int) -> Record[TakenBack]:
    def record(case: Case, now: datetime) -> TakenBack:
        found = return_of(case)
        if found.state != ReturnState.UNDER_WAY or found.key != asked_for.key:
            return TakenBack(taken=found.state == ReturnState.BACK)
        payout = found.payout
        returning.record(payment=payout.payment, transfer=payout.transfer, altogether=altogether, now=now)
        found.refusal = ""
        _over(found, ReturnState.BACK, now)
        timeline.note(case, "payout_return.taken", by=system(), data={"amount": found.sum.shown("en")}, at=now)
        return TakenBack(taken=True)

    return record


def _refused(asked_for: PayoutReturn, because: Refusal) -> Record[TakenBack]:
    """Nothing was taken. The next try has another key: it may be of another amount."""

    def record(case: Case, now: datetime) -> TakenBack:
        found = return_of(case)
        if found.state != ReturnState.UNDER_WAY or found.key != asked_for.key:
            return TakenBack(taken=found.state == ReturnState.BACK)
        found.refusal, found.attempt = because.value, found.attempt + 1
        _over(found, ReturnState.OWED, now)
        told = {"amount": found.sum.shown("en")}
        timeline.note(case, "payout_return.refused", by=system(), data={**told, "refusal": because.value}, at=now)
        with changing(found.payout.payment_id) as paid:
            timeline.note(paid, "payout.owed", by=system(), data=told, at=now)
        return TakenBack(taken=False)

    return record


def _over(found: PayoutReturn, state: ReturnState, now: datetime) -> None:
    found.state, found.over_at = state, now
    found.save(update_fields=["state", "over_at", "refusal", "attempt"])
