"""The payouts in our books are those of the provider; what differs is named."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from backoffice.payments.payouts.models import Payout
from backoffice.payments.voice.models import VoicePayment
from tests.devstack.payment_simulator.simulator import KEY, Payments, new_key
from tests.payments.making import make_agent, make_shop
from tests.payments.payouts.paid import Shop, look, order_of, pay, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path, settings: Settings) -> Iterator[Shop]:
    """Of a provider that has no payouts of other tests."""
    bank = Payments(tmp_path)
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = bank.url, KEY
    merchant = make_shop(payout_account=bank.account(), payout_delay=0)
    yield Shop(bank, merchant, make_agent(merchant))
    bank.stop()


@pytest.fixture
def settled(shop: Shop) -> VoicePayment:
    payment = pay(shop)
    settle(payment)
    return payment


def verified() -> str:
    told = io.StringIO()
    call_command("verify_ledger", with_provider=True, stdout=told)
    return told.getvalue()


def wrong() -> str:
    with pytest.raises(CommandError) as found:
        verified()
    return str(found.value)


def test_books_that_are_the_same_verify_also_while_a_payout_is_under_way(shop: Shop, settled: VoicePayment) -> None:
    under_way = pay(shop)
    look(under_way)
    payout = Payout.objects.get(payment=under_way)
    shop.bank.adapter().pay_out(order_of(under_way, payout.account, payout.amount), key=payout.key)

    assert "payouts of 30 days are those of the provider" in verified()
    assert "ledger intact" in verified()


def test_a_payout_that_only_the_provider_has_is_named(shop: Shop, settled: VoicePayment) -> None:
    other = pay(shop)
    sent = shop.bank.adapter().pay_out(order_of(other, shop.merchant.payout_account, 5_00), key=new_key())

    assert f"payout {sent.id} is not in our books" in wrong()


def test_a_payout_that_only_we_have_is_named(settled: VoicePayment) -> None:
    Payout.objects.filter(payment=settled).update(transfer="tr_of_nobody")

    assert "tr_of_nobody of case" in wrong()


def test_what_was_taken_back_there_and_not_posted_here_is_named(shop: Shop, settled: VoicePayment) -> None:
    payout = Payout.objects.get(payment=settled)
    shop.bank.adapter().take_back(payout.transfer, key=new_key(), amount=1_00)

    assert "payout_returned is 0.00 EUR in our books, and 1.00 EUR at the provider" in wrong()


def test_without_an_answer_nothing_is_said_to_be_right(settled: VoicePayment, settings: Settings) -> None:
    settings.PAYMENTS_URL = "http://127.0.0.1:9"

    assert "did not say" in wrong()
