"""What the provider reports of payouts: made, and taken back by its own staff. What we have taken back ourselves is in
`test_taking_back.py`."""

from __future__ import annotations

import pytest

from backoffice.actors import system
from backoffice.payments.payouts import returning
from backoffice.payments.payouts.models import Payout
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.voice.models import VoicePayment
from tests.factories import now
from tests.payments.payouts.paid import Shop, look, owes, refund, settle

pytestmark = pytest.mark.django_db


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


def test_what_the_providers_own_staff_took_back_is_posted_once(shop: Shop, settled: VoicePayment) -> None:
    """Reported twice, and an older report after a newer one."""
    assert [reported(settled, amount) for amount in (5_00, 5_00, 8_00, 5_00)] == [True] * 4

    assert (Payout.objects.get(payment=settled).returned, owes(shop.merchant)) == (8_00, 12_00)


def test_a_payout_is_known_by_its_key_before_we_have_the_answer(shop: Shop, delivered: VoicePayment) -> None:
    look(delivered)

    assert reported(delivered, 24_02, EventKind.PAID_OUT)
    assert not reported(delivered, 24_02)
