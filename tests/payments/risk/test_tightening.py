"""The limits tighten by themselves when more is lost than we promise, and open again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.loss_rate import LossRate
from backoffice.payments.risk import limits, tightening
from backoffice.payments.risk.assessing import judge
from backoffice.payments.risk.models import RiskTightening
from tests.payments.ledger.books import AT, euros, make_case, make_owner, post_one
from tests.payments.risk.ordering import an_order, known

YEAR, HOUR = timedelta(days=365), timedelta(hours=1)


@pytest.mark.parametrize(
    ("lost", "captured", "factor"),
    [
        (0, 0, 1),
        (1, 100_000, 1),
        (1, 99_999, 2),
        (2, 100_000, 2),
        (3, 100_000, 4),
        (4, 100_000, 4),
        (5, 100_000, 8),
        (9, 100_000, 16),
        (9_999, 100_000, 16),
        (1, 0, 16),
    ],
)
def test_amounts_are_halved_for_each_doubling_of_the_loss_rate(lost: int, captured: int, factor: int) -> None:
    assert tightening.factor_of(LossRate(euros(lost), euros(captured))) == factor


@pytest.mark.django_db
class TestInForce:
    def lose(self, minor: int, *, of: int) -> None:
        case = make_case(make_owner())
        post_one(case, "captured", movements.captured(merchant=make_owner(), amount=euros(of)))
        post_one(case, "credited", movements.credited(customer=make_owner(), amount=euros(minor)))
        post_one(case, "lost", movements.credit_lost(amount=euros(minor)))

    def test_a_loss_tightens_its_own_currency_from_the_next_look_on(self) -> None:
        self.lose(3, of=100_000)
        assert tightening.in_force("EUR") == limits.usual("EUR")

        tightening.look_at_losses(now=AT + HOUR)

        noted = RiskTightening.objects.get()
        assert (noted.currency, noted.factor, noted.lost, noted.captured) == ("EUR", 4, 3, 100_000)
        assert tightening.in_force("EUR").amounts == limits.usual("EUR").amounts.tightened(4)
        assert tightening.in_force("EUR").counts == limits.usual("EUR").counts
        assert tightening.in_force("USD") == limits.usual("USD")

    def test_a_change_is_noted_once_and_the_limits_open_again_when_the_loss_is_old(self) -> None:
        self.lose(3, of=100_000)
        for later in (HOUR, 2 * HOUR, YEAR + HOUR, YEAR + 2 * HOUR):
            tightening.look_at_losses(now=AT + later)

        noted = RiskTightening.objects.order_by("since").values_list("factor", "since", "until")
        assert list(noted) == [(4, AT + HOUR, AT + YEAR + HOUR), (1, AT + YEAR + HOUR, None)]
        assert tightening.in_force("EUR") == limits.usual("EUR")

    def test_one_currency_is_tightened_once_at_a_time_and_by_halves(self) -> None:
        told: dict[str, Any] = {"currency": "EUR", "lost": 1, "captured": 1, "since": AT}
        RiskTightening.objects.create(factor=2, **told)

        for wrong in ({"factor": 4}, {"factor": 3, "until": AT}, {"factor": 2, "until": AT - HOUR}):
            with pytest.raises(IntegrityError), transaction.atomic():
                RiskTightening.objects.create(**{**told, **wrong})


def test_amounts_are_rounded_down_to_the_smallest_unit() -> None:
    amounts = limits.usual("JPY").amounts.tightened(16)

    assert amounts.unidentified == Money(250, "JPY")
    assert limits.usual("KWD").amounts.tightened(16).unidentified == Money(500, "KWD")
    assert limits.Amounts(*[euros(31)] * 5).tightened(16).same_call == euros(1)


class TestSettings:
    def test_a_setting_replaces_the_amounts_of_a_currency_or_a_count(self, settings: Any) -> None:
        settings.RISK_LIMITS = ["NOK 1/2/3/4/5", "number_days 14"]

        assert limits.usual("NOK").amounts.highest == Money(5_00, "NOK")
        assert limits.usual("EUR").amounts.same_call == euros(100_00)
        assert limits.usual("EUR").counts.number_days == 14

    def test_every_payment_passes_the_limits_of_a_currency_that_has_none(self) -> None:
        order = an_order(amount=Money(1, "NOK"))

        assert "amount_highest" in judge(order, known(limits=limits.usual("NOK"))).denied

    @pytest.mark.parametrize(
        "written", ["EUR 1/2/3/4", "EUR 5/4/3/2/1", "EUR a/b/c/d/e", "XXX 1/2/3/4/5", "number_days soon", "days 3", ""]
    )
    def test_a_setting_that_reads_otherwise_is_refused(self, written: str, settings: Any) -> None:
        settings.RISK_LIMITS = [written]

        with pytest.raises(ImproperlyConfigured, match="RISK_LIMITS"):
            limits.usual("EUR")
