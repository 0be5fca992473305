"""Whoever plays a payment by telephone dies after each of its acts, before anybody hears of it, or the shop calls it
off then: the money moves once or not at all (threat 19). Rows, engine and bank are real; the parts as processes of
their own are killed in `tests/faults/test_payments.py`."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from temporalio.client import Client

from backoffice.cases import calls, timeline, transitions, withdrawing
from backoffice.cases.models import Case, CaseState
from backoffice.payments.ledger import verifying
from backoffice.payments.ledger.models import Posting
from backoffice.payments.voice import fulfilling, gateway, ordering
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.refusals import Conflict
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import KEY, Payments, new_key
from tests.engine.answering_telephone import AnsweringTelephone
from tests.engine.conftest import Working
from tests.engine.relaying import relaying
from tests.factories import make_customer, now
from tests.payments.making import make_agent, make_card_on_file, make_shop, make_voice_payment
from tests.payments.voice.ordered import as_agent, phone_of
from tests.playing import customer_actor
from tests.voice.gateway.exchange import SECRET, serving
from tests.waiting import until
from workflows.base.contracts import Done, MakeCall, OutsideCall, Transition
from workflows.voice_payment.spec import PaymentStage
from workflows.voice_payment.story import VoicePayment as Story

pytestmark = pytest.mark.django_db(transaction=True)
ACTS = [
    *("step 1", "step 2", "ring_customer", "read_out", "take_keys", "step 3", "authorise_payment", "step 4"),
    *("say_verdict", "step 5", "step 6", "step 7"),
]
"""Of a payment that is refunded. The calls whose answer nobody waits for are made within a step."""
CALLS = [
    *("ring_customer", "read_out", "take_keys", "authorise_payment"),
    *("capture_payment", "say_verdict", "hang_up_voice", "note_provider_fee", "refund_payment"),
]


class Died(Exception):
    """The worker, before it could say what it had done."""


class Acts:
    """What is done for each case, in its order and once each. `after` is what happens after an act of a case: by its
    number from 1, or by the name of a call that was made, and is not recorded yet."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: dict[str, list[str]] = defaultdict(list)
        self.after: dict[tuple[str, int | str], Callable[[], None]] = {}
        self.instead: dict[tuple[str, str], Callable[[Callable[[], Any]], Any]] = {}
        """By a case and a call: what is done with the making of it."""
        applies, calls_outside, makes = transitions.apply, calls.call_outside, calls.make

        def apply(step: Transition) -> Done:
            done = applies(step)
            self._did(step.case, f"step {step.number}")
            return done

        def call_outside(asked: OutsideCall) -> Done:
            done = calls_outside(asked)
            self._did(asked.case, asked.call.name)
            return done

        def make(case: Case, call: MakeCall, *, now: datetime) -> Any:
            making = partial(makes, case, call, now=now)
            instead = self.instead.pop((str(case.id), call.name), None)
            record = instead(making) if instead is not None else making()
            self._strike(str(case.id), call.name)
            return record

        monkeypatch.setattr(transitions, "apply", apply)
        monkeypatch.setattr(calls, "call_outside", call_outside)
        monkeypatch.setattr(calls, "make", make)

    def _did(self, case_id: str, act: str) -> None:
        if act not in self.done[case_id]:
            self.done[case_id].append(act)
            self._strike(case_id, len(self.done[case_id]))

    def _strike(self, case_id: str, moment: int | str) -> None:
        strikes = self.after.pop((case_id, moment), None)
        if strikes is not None:
            strikes()


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    return Acts(monkeypatch)


@pytest.fixture
def bank(simulator: Payments, settings: Settings) -> Payments:
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    return simulator


@pytest.fixture
def telephone(bank: Payments, settings: Settings) -> Iterator[AnsweringTelephone]:
    it = AnsweringTelephone(bank.security_code)
    with serving(it.answer) as url:
        settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = url, SECRET
        yield it
    gateway._client.cache_clear()


Playing = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def playing(temporal: Client, working: Working) -> Playing:
    """`with playing():` what is ordered is played."""

    @contextmanager
    def play() -> Iterator[None]:
        with relaying(), working(Story):
            yield

    return play


def die() -> None:
    raise Died


def ordered(bank: Payments, many: int, *, mode: str = "call_out", **shop: Any) -> Sequence[VoicePayment]:
    """So many, each of another customer in another shop; nothing is done of them yet. It is day where they live."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 13:+d}"
    return [_ordered(bank, zone, mode, shop) for _payment in range(many)]


def _ordered(bank: Payments, zone: str, mode: str, shop: dict[str, Any]) -> VoicePayment:
    adapter, customer = bank.adapter(), make_customer(time_zone=zone, days=4000)
    known = adapter.new_customer(key=new_key())
    card = adapter.save_card(bank.card(), customer=known, key=new_key())
    assert not isinstance(card, str)
    kept = make_card_on_file(customer, reference=card.reference, provider_customer=known, last_four=card.last_four)
    if mode == "same_call":  # only for who is known
        make_voice_payment(customer=customer, card=kept, money=MoneyState.CAPTURED, at=now() - timedelta(days=60))
    agent = make_agent(make_shop(**shop), telephone="" if mode == "call_out" else "6001")
    told = {"amount": "25.00", "what_for": "tulips", "phone": phone_of(customer), "last_four": "4242"}
    data = {**told, "mode": mode}
    return ordering.order(agent=agent, data=data, key=str(uuid.uuid4()), by=as_agent(agent), now=now())


def report(payments: Sequence[VoicePayment], *, fulfilled: bool) -> None:
    """The shops say so, each as soon as it is paid."""
    open_ones = {one.pk: one for one in payments}

    def all_told() -> bool:
        for one in VoicePayment.objects.filter(pk__in=open_ones, money=MoneyState.CAPTURED).select_related("agent"):
            fulfilling.report(payment=one, fulfilled=fulfilled, by=as_agent(one.agent), now=now())
            del open_ones[one.pk]
        return not open_ones

    assert until(all_told, seconds=60), f"not paid: {list(VoicePayment.objects.values_list('money', flat=True))}"


def all_over(payments: Sequence[VoicePayment]) -> bool:
    """Closed, or paid and delivered: then only the payout is left."""
    cases = Case.objects.filter(pk__in=[one.pk for one in payments])
    return not cases.exclude(state=CaseState.CLOSED).exclude(stage=PaymentStage.PAYOUT).exists()


def assert_moved(bank: Payments, telephone: AnsweringTelephone, payment: VoicePayment, **moved: int) -> None:
    """The ledger has these movements, once each, and the bank's books say the same; nobody was rung twice."""
    payment.refresh_from_db()
    assert timeline.verify(payment.case) is None
    assert Counter(Posting.objects.filter(case_id=payment.pk).values_list("kind", flat=True)) == moved
    rung = [telephone.dialled[one.conversation] for one in payment.calls.all()]
    assert sum(rung) <= 1
    there = bank.payments_under(payment.provider_key)
    assert there == ["succeeded"] if moved else there in ([], ["canceled"])
    assert payment.token == ""


def test_who_dies_after_each_act_of_a_payment_has_taken_and_refunded_it_once(
    playing: Playing, acts: Acts, bank: Payments, telephone: AnsweringTelephone
) -> None:
    """Once all of an act is done, and for each call also before its answer is recorded."""
    moments: list[int | str] = [*range(1, len(ACTS) + 1), *CALLS]
    undisturbed, *payments = ordered(bank, 1 + len(moments))
    for payment, moment in zip(payments, moments, strict=True):
        acts.after[str(payment.pk), moment] = die
    with playing():
        report([undisturbed, *payments], fulfilled=False)
        assert until(lambda: all_over([undisturbed, *payments]))

    done = acts.done[str(undisturbed.pk)]
    assert list(dict.fromkeys(done)) == ACTS, "what is done again, where another's death came before its record, is one"
    assert acts.after == {}, "each death has struck"
    for payment in (undisturbed, *payments):
        assert_moved(bank, telephone, payment, captured=1, fee=1, refunded=1)
        assert payment.case.outcome == "done"
        assert [one.status for one in bank.adapter().refunds(payment.provider_payment)] == ["done"]
    assert verifying.verify().wrong == []


def test_called_off_after_each_act_of_a_payment_it_is_paid_once_or_nothing_is_held(
    playing: Playing, acts: Acts, bank: Payments, telephone: AnsweringTelephone
) -> None:
    moments: list[int | str] = [*range(1, len(ACTS) - 2), *CALLS[:-2]]
    payments = ordered(bank, len(moments))
    for payment, moment in zip(payments, moments, strict=True):
        acts.after[str(payment.pk), moment] = partial(call_off, payment)
    with playing():
        assert until(lambda: all_over(delivered(payments)))

    assert acts.after == {}, "all were called off, or tried to be"
    for payment in payments:
        payment.refresh_from_db()
        payment.case.refresh_from_db()
        paid = payment.case.stage == PaymentStage.PAYOUT
        assert_moved(bank, telephone, payment, **({"captured": 1, "fee": 1} if paid else {}))
        assert paid or payment.case.outcome == "withdrawn"
    assert verifying.verify().wrong == []


def test_killed_with_an_authorisation_unread_and_stopped_nothing_stays_held(
    playing: Playing, acts: Acts, bank: Payments, telephone: AnsweringTelephone
) -> None:
    """Whether the bank has it already, gets it only later, or never gets it from whoever was killed."""
    [late] = ordered(bank, 1)
    acts.instead[str(late.pk), "authorise_payment"] = partial(sent_and_killed, bank, late)
    with playing():
        assert until(lambda: all_over([late]))
        unread, unsent = ordered(bank, 2)
        acts.after[str(unread.pk), "authorise_payment"] = partial(stopped_and_killed, unread)
        acts.instead[str(unsent.pk), "authorise_payment"] = lambda _making: stopped_and_killed(unsent)
        assert until(lambda: all_over([unread, unsent]))

    assert (acts.after, acts.instead) == ({}, {}), "each death has struck"
    for payment in (late, unread, unsent):
        assert_moved(bank, telephone, payment)
        assert bank.payments_under(payment.provider_key) == ["canceled"]
        payment.case.refresh_from_db()
        assert (payment.case.outcome, payment.money) == ("withdrawn", MoneyState.RELEASED)
    assert verifying.verify().wrong == []


def sent_and_killed(bank: Payments, payment: VoicePayment, making: Callable[[], Any]) -> None:
    """The bank has the request, and acts on it only after the worker was killed, whom nobody hears any more."""
    bank.faults(slow={"seconds": 0.6, "on": "authorise"})

    def send() -> None:
        try:
            making()
        finally:
            connection.close()

    threading.Thread(target=send).start()
    assert until(lambda: "slow" not in bank.ask("GET", "/_sim/faults")), "the bank has it"
    stopped_and_killed(payment)


def stopped_and_killed(payment: VoicePayment) -> None:
    withdrawing.withdraw(case_id=payment.case_id, by=customer_actor(payment.case.customer))
    die()


def call_off(payment: VoicePayment) -> None:
    """The shop does; where it is too late, it is told so."""
    with contextlib.suppress(Conflict):
        ordering.cancel(payment=payment, by=as_agent(payment.agent), now=now())


def delivered(payments: Sequence[VoicePayment]) -> Sequence[VoicePayment]:
    """The shops deliver what is paid by now."""
    paid = VoicePayment.objects.filter(pk__in=[one.pk for one in payments], money=MoneyState.CAPTURED, fulfilment="")
    for one in paid.select_related("agent"):
        fulfilling.report(payment=one, fulfilled=True, by=as_agent(one.agent), now=now())
    return payments
