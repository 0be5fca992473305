"""National and company numbers: their check digits are checked, they are stored sealed, and found by a blind index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon

from backoffice.customers.models import Customer, CustomerKind, NationalId, NationalIdKind
from backoffice.refusals import Conflict, Invalid
from backoffice.sealed import keyed_hash
from backoffice.text import folded


class Checker(Protocol):
    """A module of stdnum, or what looks like one."""

    def validate(self, number: str) -> str: ...


class _KvK:
    """The Dutch register of companies gives eight digits without a check digit."""

    def validate(self, number: str) -> str:
        written = number.replace(" ", "").replace(".", "")
        if not written.isdecimal():
            raise InvalidFormat
        if len(written) != LENGTHS[NationalIdKind.KVK][0]:
            raise InvalidLength
        return written


LENGTHS: Mapping[NationalIdKind, tuple[int, ...]] = {
    NationalIdKind.BSN: (9,),
    NationalIdKind.PESEL: (11,),
    NationalIdKind.NIP: (10,),
    NationalIdKind.REGON: (9, 14),
    NationalIdKind.KVK: (8,),
}
"""The digits that a number of this kind has."""
CHECKERS: Mapping[NationalIdKind, Checker] = {
    NationalIdKind.BSN: bsn,
    NationalIdKind.PESEL: pesel,
    NationalIdKind.NIP: nip,
    NationalIdKind.REGON: regon,
    NationalIdKind.VAT: vat,
    NationalIdKind.KVK: _KvK(),
}
OF_PERSONS = frozenset({NationalIdKind.BSN, NationalIdKind.PESEL})
OF_ORGANISATIONS = frozenset({NationalIdKind.REGON})
"""People with a business have a NIP, a VAT number or a KvK number, too."""


def clean(*, kind: str, number: str, field: str = "number") -> str:
    """The number in its normal form, without blanks and dashes. Raises Invalid on `field`, in words that say which
    number it is and what is wrong with it."""
    if kind not in NationalIdKind.values:
        kinds = ", ".join(NationalIdKind.values[:-1])
        raise Invalid(
            {field: [_("Choose %(kinds)s or %(last)s.") % {"kinds": kinds, "last": NationalIdKind.values[-1]}]}
        )
    try:
        return str(CHECKERS[NationalIdKind(kind)].validate(folded(number)))
    except ValidationError as error:
        raise Invalid({field: [_what_is_wrong(NationalIdKind(kind), error)]}) from None


def _what_is_wrong(kind: NationalIdKind, error: ValidationError) -> str:
    told = {"kind": kind.value, "digits": _(" or ").join(map(str, LENGTHS.get(kind, ())))}
    if kind is NationalIdKind.VAT:
        return _(
            "This is not a VAT number of a country of the European Union. It begins with the two letters of the "
            "country, and its last digits are computed from the others: check it once more."
        )
    if isinstance(error, InvalidLength):
        return _("A %(kind)s has %(digits)s digits.") % told
    if isinstance(error, InvalidChecksum):
        return _("This is not a %(kind)s: its check digit does not fit the others. Look for a mistyped digit.") % told
    if isinstance(error, InvalidComponent):
        return _("This is not a %(kind)s: its first six digits are no birth date.") % told
    return _("A %(kind)s consists of digits only.") % told


def index_of(*, kind: str, number: str) -> str:
    """The blind index of a number that `clean` returned."""
    return keyed_hash(f"national_id.{kind}", number)


def indexes_of(typed: str) -> list[tuple[NationalIdKind, str]]:
    """The kind and blind index of every national id that the typed text could be."""
    found = []
    for kind in NationalIdKind:
        try:
            found.append((kind, index_of(kind=kind, number=clean(kind=kind, number=typed))))
        except Invalid:
            continue
    return found


def check_owner(*, kind: str, customer_kind: str, field: str) -> None:
    """Raises Invalid when a person would get an organisation's number, or the other way round."""
    if customer_kind == CustomerKind.ORGANISATION and kind in OF_PERSONS:
        raise Invalid({field: [_("An organisation has no %(kind)s.") % {"kind": kind}]})
    if customer_kind == CustomerKind.PERSON and kind in OF_ORGANISATIONS:
        raise Invalid({field: [_("A person has no %(kind)s.") % {"kind": kind}]})


def check_free(*, kind: str, number: str, field: str) -> None:
    """Raises Invalid when another customer has this number (from `clean`), without saying who."""
    if NationalId.objects.filter(kind=kind, number_index=index_of(kind=kind, number=number)).exists():
        raise Invalid({field: [_("Another customer has this number.")]})


def add(*, customer: Customer, kind: str, number: str, field: str = "number") -> NationalId:
    """Adds a number to the customer; adding it again returns the existing one. Raises Invalid on `field`, and Conflict
    when another customer has it (without saying who).
    """
    written = clean(kind=kind, number=number, field=field)
    check_owner(kind=kind, customer_kind=customer.kind, field=field)
    held, _made = NationalId.objects.get_or_create(
        kind=kind,
        number_index=index_of(kind=kind, number=written),
        defaults={"customer": customer, "number": written},
    )
    if held.customer_id != customer.pk:
        raise Conflict("national_id_held", _("Another customer has this number."), field=field)
    return held
