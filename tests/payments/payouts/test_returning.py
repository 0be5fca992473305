"""What comes back of a payout: taken back at once where somebody asks, or posted when the provider reports it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases.outside import OutsideUnavailable
from backoffice.money import Money
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.payouts import returning
from backoffice.payments.payouts.models import Payout
from backoffice.payments.payouts.returning import Returned
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.voice.models import VoicePayment
from tests.devstack.payment_simulator.simulator import new_key
from tests.factories import now
from tests.payments.payouts.paid import Shop, look, owes, pay, posted, refund, sent, settle

pytestmark = pytest.mark.django_db


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def settled(shop: Shop, delivered: VoicePayment) -> VoicePayment:
    """Paid out, and refunded afterwards."""
    settle(delivered)
    refund(shop, delivered, 20_00)
    return delivered


def reported(payment: VoicePayment, amount: int, kind: EventKind = EventKind.PAYOUT_RETURNED) -> bool:
    payout = Payout.objects.get(payment=payment)
    event = ProviderEvent("evt_1", kind, payout.transfer or "tr_not_known", payout.key, amount, "EUR", now())
    return returning.reported(event, system(), now())


def test_what_is_taken_back_ends_the_debt_of_the_merchant(shop: Shop, settled: VoicePayment) -> None:
    assert owes(shop.merchant) == 20_00

    returned = returning.ask(payment=settled, amount=euros(20_00), key=new_key())
    assert returning.record(payment=settled, returned=returned, now=now()) == euros(20_00)

    assert (owes(shop.merchant), posted(settled)["payout_returned"]) == (0, 20_00)
    assert [one.returned for one in sent(shop, settled)] == [20_00]
    assert verify().wrong == []


def test_asked_twice_under_one_key_it_is_taken_back_and_posted_once(shop: Shop, settled: VoicePayment) -> None:
    key = new_key()
    for _time in range(2):
        returned = returning.ask(payment=settled, amount=euros(5_00), key=key)
        returning.record(payment=settled, returned=returned, now=now())

    assert [one.returned for one in sent(shop, settled)] == [5_00]
    assert posted(settled)["payout_returned"] == 5_00


@pytest.mark.parametrize("fault", ["act_then_fail", "fail"])
def test_without_an_answer_it_is_asked_again(shop: Shop, settled: VoicePayment, fault: str) -> None:
    shop.bank.faults(**{fault: {"on": "reverse"}})
    with pytest.raises(OutsideUnavailable):
        returning.ask(payment=settled, amount=euros(5_00), key=new_key())
    assert "payout_returned" not in posted(settled)


def test_no_more_is_taken_back_than_was_paid_out(shop: Shop, settled: VoicePayment) -> None:
    returned = returning.ask(payment=settled, amount=euros(99_00), key=new_key())

    assert returning.record(payment=settled, returned=returned, now=now()) == euros(24_02)
    assert returning.ask(payment=settled, amount=euros(1), key=new_key()).altogether == 24_02


def test_what_the_provider_refuses_to_take_back_stays_a_debt(shop: Shop, settled: VoicePayment) -> None:
    shop.bank.faults(refuse={"code": "balance_insufficient", "on": "reverse"})

    returned = returning.ask(payment=settled, amount=euros(20_00), key=new_key())
    assert returning.record(payment=settled, returned=returned, now=now()) == euros(0)
    assert owes(shop.merchant) == 20_00


def test_before_it_is_paid_out_there_is_nothing_to_take_back(shop: Shop, settings: Settings) -> None:
    payment = pay(shop)

    assert returning.ask(payment=payment, amount=euros(1_00), key=new_key()) == Returned("", 0)


def test_what_the_providers_own_staff_took_back_is_posted_once(shop: Shop, settled: VoicePayment) -> None:
    """Reported twice, and an older report after a newer one."""
    assert [reported(settled, amount) for amount in (5_00, 5_00, 8_00, 5_00)] == [True] * 4

    assert (Payout.objects.get(payment=settled).returned, owes(shop.merchant)) == (8_00, 12_00)


def test_a_payout_is_known_by_its_key_before_we_have_the_answer(shop: Shop, delivered: VoicePayment) -> None:
    look(delivered)

    assert reported(delivered, 24_02, EventKind.PAID_OUT)
    assert not reported(delivered, 24_02)
