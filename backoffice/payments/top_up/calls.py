"""The calls and effects of a top-up, as its spec declares them: the bank is asked, the money is taken and booked."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import calls as outside_calls
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideUnavailable
from backoffice.payments import charging
from backoffice.payments.charging import Charge
from backoffice.payments.ledger import movements, posting
from backoffice.payments.provider.ports import NoAnswer, NotSent, Order, Payment
from backoffice.payments.top_up import calling, linking
from backoffice.payments.top_up.models import Farewell, MoneyState, Step, TopUp, TopUpCall
from workflows.base.spec import Nothing
from workflows.top_up.facts import Bank, BankSaid, Saying, Verdict
from workflows.top_up.spec import AUTHORISE

POSTED = "topped_up"
_FAREWELLS = {Verdict.ADDED: Farewell.ADDED, Verdict.DECLINED: Farewell.DECLINED}


def authorise(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[BankSaid]:
    """Has the amount held on the card. While nobody knows what became of that, the same is asked again. An
    answer that comes after it was released, to a worker that was given up, changes nothing. Raises `ValueError` where
    what was read out is not what would be charged."""
    top_up = _of(case)
    try:
        answer = charging.ask(_agreed(top_up), now=now)
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed

    def record(case: Case, now: datetime) -> BankSaid:
        kept = _of(case)
        if kept.money == MoneyState.RELEASED:
            return BankSaid(bank=Bank.DECLINED)
        kept.token = ""
        if isinstance(answer, Payment):
            kept.provider_payment = answer.id
        if charging.is_held(answer):
            kept.money, event, said = MoneyState.AUTHORISED, "top_up.authorised", Bank.AUTHORISED
        else:
            kept.money, event, decline = MoneyState.DECLINED, "top_up.declined", charging.why_declined(answer)
            kept.decline, said = decline.value, Bank.STOLEN if decline in charging.REPORTED else Bank.DECLINED
        kept.save(update_fields=["money", "provider_payment", "decline", "token"])
        timeline.note(case, event, by=system(), at=now)
        return BankSaid(bank=said)

    return record


def release(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Gives back what is held, also where nobody has heard of it yet."""
    top_up = _of(case)
    if top_up.money == MoneyState.DECLINED:
        return lambda case, now: Nothing()
    may_come = outside_calls.was_begun(case, AUTHORISE)
    charging.release(_charge(top_up), key=f"{case.id}:release", now=now, may_come=may_come)

    def record(case: Case, now: datetime) -> Nothing:
        TopUp.objects.filter(case=case).update(money=MoneyState.RELEASED, token="")
        timeline.note(case, "top_up.released", by=system(), at=now)
        return Nothing()

    return record


def capture(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Takes what is held. In the transaction that records it the money is on the balance."""
    held = _of(case).provider_payment
    charging.capture(held, key=f"{case.id}:capture")

    def record(case: Case, now: datetime) -> Nothing:
        kept = _of(case)
        if kept.sum is None:
            raise ValueError("nothing is agreed")
        kept.money, kept.captured_at = MoneyState.CAPTURED, now
        kept.save(update_fields=["money", "captured_at"])
        moved = {POSTED: movements.topped_up(customer=case.customer, amount=kept.sum)}
        posting.post(case_id=case.id, movements=moved, by=system(), at=now)
        timeline.note(case, "top_up.captured", by=system(), at=now)
        return Nothing()

    return record


def say(*, case: Case, args: Saying, now: datetime) -> Nothing:
    """Tells the caller what became of it, if they are still on the line and wait."""
    _tell(case, _FAREWELLS[args.verdict], now, only=(Step.BANK,))
    return Nothing()


def settle(case: Case) -> None:
    """When the case is closed: its number is no use any more, and who is still on the line hears that nothing is
    possible."""
    TopUp.objects.filter(case=case).update(line="", code_until=None, token="")
    on_the_way = tuple(step for step in Step if step not in (Step.TOLD, Step.LEAVING, Step.OVER))
    _tell(case, Farewell.NOT_NOW, timezone.now(), only=on_the_way)


def _tell(case: Case, farewell: Farewell, now: datetime, *, only: tuple[Step, ...]) -> None:
    found = TopUpCall.objects.filter(top_up_id=case.id, ended_at=None, step__in=only).first()
    if found is None:
        return
    with calling.locked(found) as (call, _case):
        if call.ended_at is None and call.step in only:
            calling.ends(call, farewell, now)
            call.save()


def _of(case: Case) -> TopUp:
    return TopUp.objects.select_related("card", "agreed_in").get(case=case)


def _agreed(top_up: TopUp) -> Charge:
    """What was read out, held against what is to be charged, a last time."""
    if top_up.sum is None or top_up.card is None or top_up.agreed_in is None:
        raise ValueError("nothing is agreed")
    linked = linking.digest(case_id=top_up.case_id, amount=top_up.sum, card=top_up.card)
    if linked != top_up.agreed_in.sha256:
        raise ValueError("what was read out is not what would be charged")
    return _charge(top_up)


def _charge(top_up: TopUp) -> Charge:
    if top_up.amount is None or top_up.card is None or top_up.agreed_at is None:
        raise ValueError("nothing is agreed")
    order = Order(
        amount=top_up.amount,
        currency=top_up.currency,
        card=top_up.card.reference,
        customer=top_up.card.provider_customer,
        security_code=top_up.token,
    )
    return Charge(order=order, key=top_up.provider_key, asked_at=top_up.agreed_at, payment=top_up.provider_payment)
