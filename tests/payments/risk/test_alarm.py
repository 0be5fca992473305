"""A merchant whose orders come to nothing is suspended, by the step that decides on an order."""

from __future__ import annotations

import pytest

from backoffice.payments.merchants.models import Merchant, Suspension
from backoffice.payments.risk.assessing import alarm, judge
from tests.factories import now
from tests.payments.making import make_shop
from tests.payments.risk.ordering import an_order, known

pytestmark = pytest.mark.django_db


def test_only_an_alarm_suspends_the_merchant_and_twice_is_once() -> None:
    merchant = make_shop()
    order = an_order(merchant=merchant)
    denied, alarming = judge(order, known(agent_unpaid=11)), judge(order, known(merchant_unpaid=31))
    assert denied.denied
    assert alarm(order=order, assessment=denied, now=now()) is None

    first, again = (alarm(order=order, assessment=alarming, now=now()) for _time in range(2))

    assert first == again == Suspension.objects.get(merchant=merchant, reason="risk")
    assert Merchant.objects.get(pk=merchant.pk).state == "suspended"
