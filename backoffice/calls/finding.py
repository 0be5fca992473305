"""Finds whose record a caller means, by what they name: the name of a service, or a PESEL, REGON or NIP. It only looks
up, and gives nothing away: the answer is that there is a record, or that there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from stdnum.exceptions import InvalidChecksum, ValidationError

from backoffice import idn
from backoffice.calls.models import KnownBy
from backoffice.customers import records
from backoffice.customers.models import Customer, NationalId, NationalIdKind
from backoffice.customers.national_ids import CHECKERS, index_of
from backoffice.refusals import Invalid
from backoffice.text import digits_of, folded

NUMBER = re.compile(r"(pl)?[\d\s.\-/]+", re.IGNORECASE)
OF_LENGTH = {11: NationalIdKind.PESEL, 10: NationalIdKind.NIP, 9: NationalIdKind.REGON, 14: NationalIdKind.REGON}
"""How many digits each number has (the acts on the PESEL register, on NIP and on REGON)."""
FIELD = "known"


@dataclass(frozen=True)
class Named:
    """What was typed, read: `value` is a name in A-labels, or digits."""

    by: KnownBy
    value: str


def read(typed: str) -> Named:
    """Reads what was typed. Raises `Invalid` on `known`, with the reason, for what is neither a name nor a number that
    fits its check digit."""
    number = folded(typed).strip()
    if NUMBER.fullmatch(number) and digits_of(number):
        return _number(digits_of(number))
    name = idn.to_ascii(typed)
    if name is None:
        raise Invalid({FIELD: [_("Type the whole name of a service, such as example.pl, or a PESEL, NIP or REGON.")]})
    return Named(KnownBy.SERVICE, name)


def holder_of(named: Named) -> Customer | None:
    """The customer of the record; None when there is none."""
    if named.by is KnownBy.SERVICE:
        found = (kind.holder_of(named.value) for kind in records.all_kinds())
        return next((holder for holder in found if holder is not None), None)
    kind = NationalIdKind(named.by.value.upper())
    numbers = NationalId.objects.filter(kind=kind, number_index=index_of(kind=kind, number=named.value))
    held = numbers.select_related("customer").first()
    return held.customer if held else None


def _number(digits: str) -> Named:
    kind = OF_LENGTH.get(len(digits))
    if kind is None:
        said = ngettext(
            "A PESEL has 11 digits, a NIP 10, a REGON 9 or 14. This is %(number)d digit.",
            "A PESEL has 11 digits, a NIP 10, a REGON 9 or 14. These are %(number)d digits.",
            len(digits),
        )
        raise Invalid({FIELD: [said % {"number": len(digits)}]})
    told = {"kind": kind.value, "number": len(digits)}
    try:
        return Named(KnownBy(kind.value.lower()), str(CHECKERS[kind].validate(digits)))
    except InvalidChecksum:
        said = _("A %(kind)s has %(number)d digits like this one, but here the check digit does not fit the others.")
        raise Invalid({FIELD: [f"{said % told} {_('Ask the caller to read it once more.')}"]}) from None
    except ValidationError:
        said = _("A %(kind)s has %(number)d digits like this one, but here the digits of the date are not a date.")
        raise Invalid({FIELD: [f"{said % told} {_('Ask the caller to read it once more.')}"]}) from None
