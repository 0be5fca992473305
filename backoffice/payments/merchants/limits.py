"""How much a merchant may take: its own limits, and the caps above which nobody may go (`MERCHANT_CAPS`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from backoffice.cases.sentences import Text
from backoffice.money import Money, parse
from backoffice.money_fields import MoneyField
from backoffice.needed_fields import needed
from backoffice.refusals import Refused

FIELDS = ("per_payment", "per_day", "per_month")
"""The limits of a merchant, by the names of their fields and columns, the smallest first."""

USUAL_CAPS = (
    *("EUR 2000/20000/200000", "USD 2000/20000/200000", "GBP 2000/20000/200000", "CHF 2000/20000/200000"),
    *("PLN 8000/80000/800000", "CZK 50000/500000/5000000", "JPY 300000/3000000/30000000", "KWD 600/6000/60000"),
)
"""The caps where `MERCHANT_CAPS` names none."""


@dataclass(frozen=True)
class Limits:
    """The most of a payment, of a day and of a month, in one currency."""

    per_payment: Money
    per_day: Money
    per_month: Money

    @property
    def grow(self) -> bool:
        """Whether none is less than the one before it."""
        return self.per_payment <= self.per_day <= self.per_month


def caps() -> Mapping[str, Limits]:
    """The highest limits that anybody can give a merchant, by currency. In other currencies nobody is admitted."""
    return _read_caps(tuple(settings.MERCHANT_CAPS) or USUAL_CAPS)


@cache
def _read_caps(written: tuple[str, ...]) -> Mapping[str, Limits]:
    """Of settings as `EUR 1000/20000/200000`. Raises `ImproperlyConfigured` for one that is no such text, or whose
    limits do not grow."""
    found = {}
    for one in written:
        currency, _blank, three = one.partition(" ")
        try:
            limits = Limits(*(parse(amount, currency, language="en") for amount in three.split("/")))
        except (Refused, TypeError, LookupError):
            raise ImproperlyConfigured(f"MERCHANT_CAPS: “{one}” does not read like “EUR 1000/20000/200000”") from None
        if not limits.grow or not limits.per_payment:
            raise ImproperlyConfigured(f"MERCHANT_CAPS: the limits of “{one}” do not grow")
        found[currency] = limits
    return found


def most(name: str) -> Mapping[str, int]:
    """The caps of one of `FIELDS`, by currency in minor units, as a field of money takes them."""
    return {currency: getattr(cap, name).minor for currency, cap in caps().items()}


def field(label: Text) -> MoneyField:
    """A field for a limit. `offer` says in which currency it is."""
    return needed(MoneyField(label=cast("str", label), required=False))


def offer(form: forms.Form, currency: str, **told: str) -> None:
    """Sets the currency of the form's limits, and says at each field how much can be given at most, after what is
    `told` of it."""
    cap = caps().get(currency)
    for name in FIELDS:
        asked = form.fields[name]
        assert isinstance(asked, MoneyField)
        asked.currency, asked.most = currency, most(name)
        said = _("At most %(cap)s.") % {"cap": getattr(cap, name).shown()} if cap else ""
        asked.help_text = f"{told.get(name, '')} {said}".strip()


def check(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """All three limits are needed, and none may be less than the one before it: what is wrong goes to its field."""
    before: Money | None = None
    for name in FIELDS:
        given = cleaned.get(name)
        if given is None:
            if name not in form.errors:
                form.add_error(name, _("Write this limit."))
            continue
        if before is not None and given < before:
            form.add_error(name, _("It cannot be less than the limit before it."))
        before = given


def minor_units(cleaned: Mapping[str, Any]) -> dict[str, int]:
    """The three limits of a form, as the columns take them."""
    return {name: cleaned[name].minor for name in FIELDS}
