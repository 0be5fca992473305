"""What is changed after it was read out is read out again: nobody pays another amount than they heard (threat 18)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from backoffice.money import Money
from backoffice.payments.voice import ordering
from backoffice.payments.voice.models import MoneyState, Reading, VoicePayment
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.voice.contract import Answered, Ask, Asked, Captured, Outcome, Role
from tests.devstack.payment_simulator.simulator import Payments
from tests.payments.making import make_agent
from tests.payments.voice.conftest import Played
from tests.payments.voice.ordered import (
    NOON,
    TULIPS,
    as_agent,
    ask,
    begins,
    heard_by_process,
    prepared,
    read_to,
    tells,
)

pytestmark = pytest.mark.django_db
MORE = Money(30_00, "EUR")


def changed(payment: VoicePayment, amount: Money = MORE, what_for: str = TULIPS) -> VoicePayment:
    return ordering.change(payment=payment, amount=amount, what_for=what_for, by=as_agent(payment.agent), now=NOON)


def test_a_change_after_the_reading_makes_it_void(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    read_to(call)
    changed(payment)

    assert Reading.objects.get(payment=payment).void_at == NOON
    assert not begins(payment)
    tells(call, Captured(key="keys", outcome=Outcome.DONE, token="tok"))
    assert heard_by_process(payment)[-1] == "changed"

    read_to(call, number=2)
    assert "the order has changed" in [one.text for one in played.commands if isinstance(one, Ask)][-1]
    assert "thirty euros" in Reading.objects.get(payment=payment, void_at=None).text
    assert begins(payment)


def test_who_agrees_to_what_was_changed_meanwhile_has_agreed_to_nothing(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    ask(payment.case, "read_out")
    changed(payment)
    tells(call, Answered(role=Role.CUSTOMER))
    tells(call, Asked(key=f"{call.id}:read:1:1", digits="1"))

    assert heard_by_process(payment)[-1] == "changed"
    assert not Reading.objects.filter(agreed_at__isnull=False).exists()


def test_the_same_order_again_is_no_change(payment: VoicePayment, played: Played) -> None:
    read_to(prepared(payment))
    changed(payment, payment.sum, payment.what_for)

    assert begins(payment)


def test_from_the_moment_at_which_the_bank_is_asked_nothing_can_be_changed(
    payment: VoicePayment, played: Played
) -> None:
    read_to(prepared(payment))
    assert begins(payment)

    with pytest.raises(Conflict, match="bank is asked already"):
        changed(payment)


@pytest.mark.parametrize(
    ("amount", "what_for", "field"),
    [
        (Money(30_00, "USD"), TULIPS, "amount"),
        (MORE, "x", "what_for"),
        (MORE, "call 123456 now", "what_for"),
        (MORE, "tulips <b>", "what_for"),
        (MORE, "with the card 4111 1111 1111 1111", "what_for"),
    ],
)
def test_a_bad_change_is_refused_on_its_field(payment: VoicePayment, amount: Money, what_for: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed(payment, amount, what_for)

    assert field in refused.value.errors


def test_an_order_does_not_grow_past_what_the_customer_is_asked_first_for(payment: VoicePayment) -> None:
    with pytest.raises(Conflict) as refused:
        changed(payment, Money(400_00, "EUR"))

    assert (refused.value.code, refused.value.field) == ("asks_more", "amount")
    payment.refresh_from_db()
    assert payment.amount == 25_00


def test_another_merchant_changes_calls_off_and_starts_nothing(payment: VoicePayment, played: Played) -> None:
    stranger = as_agent(make_agent())
    for rule in (
        lambda: ordering.change(payment=payment, amount=MORE, what_for=TULIPS, by=stranger, now=NOON),
        lambda: ordering.cancel(payment=payment, by=stranger, now=NOON),
        lambda: ordering.take_now(payment=payment, by=stranger, now=NOON),
    ):
        with pytest.raises(NotFound):
            rule()


@pytest.mark.django_db(transaction=True)
def test_a_change_and_the_bank_race_and_only_one_of_them_wins(
    payment: VoicePayment, played: Played, bank: Payments
) -> None:
    read_to(prepared(payment))
    ready, refused = threading.Barrier(2), []

    def change() -> None:
        ready.wait()
        try:
            changed(payment)
        except Conflict:
            refused.append("change")
        connection.close()

    racing = threading.Thread(target=change)
    racing.start()
    ready.wait()
    begun = begins(payment)
    racing.join()

    payment.refresh_from_db()
    assert begun == (refused == ["change"])
    assert payment.amount == (25_00 if begun else 30_00)
    assert payment.money == (MoneyState.AUTHORISING if begun else MoneyState.NOTHING)
