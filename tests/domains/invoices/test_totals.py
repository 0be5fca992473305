"""What an invoice comes to, by VAT rate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domains.invoices.totals import net_of, rounded, totals

D = Decimal
STANDARD, ONE = D(23), D(1)


@dataclass
class Line:
    unit_net: Decimal
    vat_rate: Decimal | None = STANDARD
    quantity: Decimal = ONE


def amounts(*lines: Line) -> list[tuple[Decimal | None, Decimal, Decimal, Decimal]]:
    return [(one.rate, one.net, one.vat, one.gross) for one in totals(lines).by_rate]


def test_the_vat_of_a_rate_is_computed_on_the_sum_of_its_net_amounts() -> None:
    """Three lines of 0.11 bear 0.08 together, and not 3 x 0.03."""
    assert amounts(*[Line(D("0.11"))] * 3) == [(D(23), D("0.33"), D("0.08"), D("0.41"))]


def test_rates_are_told_apart_from_the_highest_to_none() -> None:
    found = amounts(Line(D(10), None), Line(D(10), D(0)), Line(D(20), D("8.00")), Line(D(40)), Line(D(1), D(8)))

    assert found == [
        (D(23), D(40), D("9.20"), D("49.20")),
        (D(8), D(21), D("1.68"), D("22.68")),
        (D(0), D(10), D(0), D(10)),
        (None, D(10), D(0), D(10)),
    ]


@pytest.mark.parametrize(
    ("amount", "to"),
    [
        ("0.005", "0.01"),
        ("0.0049", "0.00"),
        ("2.675", "2.68"),
        ("2.665", "2.67"),
        ("-0.005", "-0.01"),
        ("-2.675", "-2.68"),
    ],
)
def test_from_half_a_hundredth_on_it_counts_as_a_whole_one(amount: str, to: str) -> None:
    assert rounded(D(amount)) == D(to)


def test_a_line_is_rounded_before_it_is_added() -> None:
    line = Line(D("0.3333"), quantity=D(3))

    assert net_of(line) == D("1.00")
    assert totals([line, line]).net == D("2.00")


money = st.decimals(min_value=-10_000, max_value=10_000, places=4)
lines = st.lists(
    st.builds(Line, money, st.sampled_from([D(23), D(8), D("5.5"), D(0), None]), st.integers(1, 99).map(D))
)


@given(lines)
def test_the_whole_is_the_sum_of_its_rates_to_the_hundredth(some: list[Line]) -> None:
    whole = totals(some)

    assert whole.gross == whole.net + whole.vat == sum((one.gross for one in whole.by_rate), D(0))
    assert whole.net == sum((net_of(line) for line in some), D(0))
    assert len({one.rate for one in whole.by_rate}) == len(whole.by_rate)
    for one in whole.by_rate:
        exact = one.net * (one.rate or 0) / 100
        assert abs(one.vat - exact) <= D("0.005")
        assert one.vat == one.vat.quantize(D("0.01"))


@given(lines)
def test_a_correction_takes_back_exactly_what_it_corrects(some: list[Line]) -> None:
    back = [Line(-line.unit_net, line.vat_rate, line.quantity) for line in some]

    assert totals(back).gross == -totals(some).gross
