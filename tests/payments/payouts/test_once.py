"""A payout is made once, whatever is lost, and however many ask for it at once (threat 19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases.models import Command
from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.payments.claims.models import PaymentClaim
from backoffice.payments.ledger.models import Posting
from backoffice.payments.payouts import freeing, paying
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.voice.models import VoicePayment
from tests.at_once import at_once
from tests.devstack.payment_simulator.simulator import new_key
from tests.factories import now
from tests.payments.payouts.paid import Shop, claim, look, notes, order_of, pay, pays_out, posted, sent
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(delivered: VoicePayment) -> VoicePayment:
    """One that is under way: the provider is asked next."""
    assert look(delivered)["stands"] == "due"
    return delivered


@pytest.mark.parametrize("fault", ["act_then_fail", "act_then_time_out"])
def test_a_provider_that_acts_without_an_answer_pays_once(shop: Shop, due: VoicePayment, fault: str) -> None:
    shop.bank.faults(**{fault: {"on": "transfer", **({"seconds": 0.2} if fault == "act_then_time_out" else {})}})

    assert pays_out(due)

    assert len(sent(shop, due)) == 1
    assert posted(due)["settled"] == 24_02


def test_a_provider_that_is_away_is_asked_again_for_the_same(shop: Shop, due: VoicePayment, settings: Settings) -> None:
    settings.PAYMENTS_URL = "http://127.0.0.1:9"
    with pytest.raises(OutsideUnavailable):
        pays_out(due)
    payout = Payout.objects.get(payment=due)
    assert (payout.state, payout.attempt) == (PayoutState.UNDER_WAY, 1)
    settings.PAYMENTS_URL = shop.bank.url

    assert pays_out(due)
    assert [one.key for one in sent(shop, due)] == [f"{due.case_id}:payout:1"]


def test_after_the_provider_has_forgotten_the_key_it_is_looked_for_first(shop: Shop, due: VoicePayment) -> None:
    """The provider would send so little a second time: it refuses only more than the payment took."""
    Payout.objects.filter(payment=due).update(amount=5_00, withheld=19_02)
    payout = Payout.objects.get(payment=due)
    order = order_of(due, payout.account, payout.amount)
    before = shop.bank.adapter().pay_out(order, key=payout.key)
    Payout.objects.filter(pk=payout.pk).update(asked_at=now() - timedelta(days=3))
    shop.bank.advance(days=3)

    assert pays_out(due)
    assert [one.id for one in sent(shop, due)] == [before.id]


def test_what_is_under_way_keeps_its_amount_and_account(shop: Shop, due: VoicePayment) -> None:
    """What happens meanwhile makes no other request of it: the provider would take that for another payout."""
    claim(due)
    shop.merchant.payout_account = shop.bank.account()
    shop.merchant.save()

    assert look(due)["stands"] == "due"
    assert pays_out(due)
    assert [one.amount for one in sent(shop, due)] == [24_02]


def test_asked_twice_by_a_process_that_was_killed_it_is_paid_and_posted_once(shop: Shop, due: VoicePayment) -> None:
    assert [pays_out(due, number=one) for one in (1, 2, 3)] == [True, True, True]

    assert len(sent(shop, due)) == 1
    assert Posting.objects.filter(case_id=due.case_id, kind="settled").count() == 1


def test_two_answers_about_one_payout_are_noted_once(shop: Shop, due: VoicePayment) -> None:
    """Both had asked before either was noted."""
    at = now()
    both = [paying.pay_out(case=due.case, args=Nothing(), key=new_key(), asked_at=at, now=at) for _time in range(2)]

    for record in both:
        with changing(due.case_id) as case:
            assert record(case, now()).paid

    assert notes(due).count("paid") == 1


def _pays_out_again(payment: VoicePayment, number: int) -> bool:
    return pays_out(VoicePayment.objects.get(pk=payment.pk), number=number)


@pytest.mark.django_db(transaction=True)
def test_many_releases_and_payouts_at_once_pay_once(shop: Shop) -> None:
    payment = pay(shop)
    opened = claim(payment)
    look(payment)
    opened.live = False
    opened.save()

    at_once([lambda: freeing.free_all(by=system(), now=now())] * 6)
    told = Command.objects.filter(case_id=payment.case_id, signal="happened")
    assert [one.payload["kind"] for one in told] == ["payout_changed"]
    assert look(payment)["stands"] == "due"
    answers = at_once([partial(_pays_out_again, payment, one) for one in range(1, 7)])

    assert answers.count(True) >= 1
    assert len(sent(shop, payment)) == 1
    assert Posting.objects.filter(case_id=payment.case_id, kind="settled").count() == 1


@pytest.fixture
def backlog(shop: Shop) -> Sequence[VoicePayment]:
    """Five whose claims are over, the longest due last."""
    payments = [pay(shop) for _payment in range(5)]
    opened = [claim(payment) for payment in payments]
    for number, payment in enumerate(payments):
        look(payment)
        Payout.objects.filter(pk=payment.pk).update(due_at=now() - timedelta(days=number))
    PaymentClaim.objects.filter(pk__in=[one.pk for one in opened]).update(live=False)
    return payments


def freed(backlog: Sequence[VoicePayment]) -> list[int]:
    """Which of them were told to go on."""
    told = set(Command.objects.filter(signal="happened").values_list("case_id", flat=True))
    return [number for number, one in enumerate(backlog) if one.case_id in told]


def test_a_backlog_of_more_than_one_run_takes_is_freed_the_longest_waiting_first(
    backlog: Sequence[VoicePayment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "AT_ONCE", 2)
    monkeypatch.setattr(freeing, "WITHIN", timedelta(0))

    assert (freeing.free_all(by=system(), now=now()), freed(backlog)) == (2, [3, 4])
    assert (freeing.free_all(by=system(), now=now()), freed(backlog)) == (2, [1, 2, 3, 4])
    assert (freeing.free_all(by=system(), now=now()), freed(backlog)) == (1, [0, 1, 2, 3, 4])
    assert freeing.free_all(by=system(), now=now()) == 0


def test_while_there_is_time_one_run_frees_all_of_a_backlog(
    backlog: Sequence[VoicePayment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "AT_ONCE", 2)

    assert freeing.free_all(by=system(), now=now()) == 5
    assert Command.objects.filter(signal="happened").count() == 5
