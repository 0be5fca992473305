"""What an invoice comes to, by VAT rate and as a whole.

The net amounts of a rate are added first, and the VAT is computed on their sum (Polish act on the tax on goods and
services, art. 106e (1) 13 and 14). Amounts are rounded to a hundredth: what is below half of it is left out, from half
of it on it counts as a whole one (art. 106e (11)).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

_HUNDREDTH = Decimal("0.01")
NOTHING = Decimal("0.00")


class Line(Protocol):
    """A line of an invoice, stored or to be."""

    quantity: Decimal
    unit_net: Decimal
    vat_rate: Decimal | None


@dataclass(frozen=True)
class Total:
    """The sums of one rate in per cent, or of what bears no VAT (None)."""

    rate: Decimal | None
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


@dataclass(frozen=True)
class Totals:
    """`by_rate` begins with the highest rate and ends with what bears none."""

    by_rate: Sequence[Total]

    @property
    def net(self) -> Decimal:
        return sum((one.net for one in self.by_rate), NOTHING)

    @property
    def vat(self) -> Decimal:
        return sum((one.vat for one in self.by_rate), NOTHING)

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def rounded(amount: Decimal) -> Decimal:
    """To a hundredth, from half of it on away from nought, so that a correction takes back what it corrects."""
    return amount.quantize(_HUNDREDTH, ROUND_HALF_UP)


def net_of(line: Line) -> Decimal:
    return rounded(line.quantity * line.unit_net)


def vat_on(net: Decimal, rate: Decimal | None) -> Decimal:
    return rounded(net * rate / 100) if rate is not None else NOTHING


def totals(lines: Iterable[Line]) -> Totals:
    sums: dict[Decimal | None, Decimal] = {}
    for line in lines:
        rate = None if line.vat_rate is None else line.vat_rate.normalize()
        sums[rate] = sums.get(rate, NOTHING) + net_of(line)
    order = sorted(sums, key=lambda rate: (rate is None, -(rate or 0)))
    return Totals([Total(rate, sums[rate], vat_on(sums[rate], rate)) for rate in order])
