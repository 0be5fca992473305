"""The stories can be played again and again on one data folder."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from backoffice.payments.risk.limits import Counts, usual
from demo.management.commands.demo import LIMITS

PAYING_AGAIN = (
    *("customer_orders_an_hour", "card_orders_a_day"),
    *("unpaid_orders_to_a_number_a_day", "unpaid_orders_to_a_number_a_week"),
)


@pytest.mark.parametrize("name", PAYING_AGAIN)
def test_two_customers_may_pay_more_often_than_people_do(name: str, settings: LazySettings) -> None:
    settings.RISK_LIMITS = LIMITS.split(",")

    assert getattr(usual("EUR").counts, name) >= 5 * getattr(Counts(), name)
