"""National and company numbers: their check digits are checked, they are stored sealed, and found by a blind index."""

from __future__ import annotations

from types import ModuleType

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon

from backoffice.customers.models import Customer, CustomerKind, NationalId, NationalIdKind
from backoffice.refusals import Conflict, Invalid
from backoffice.sealed import keyed_hash
from backoffice.text import folded

CHECKERS: dict[NationalIdKind, ModuleType] = {
    NationalIdKind.BSN: bsn,
    NationalIdKind.PESEL: pesel,
    NationalIdKind.NIP: nip,
    NationalIdKind.REGON: regon,
}
OF_PERSONS = frozenset({NationalIdKind.BSN, NationalIdKind.PESEL})
OF_ORGANISATIONS = frozenset({NationalIdKind.REGON})
"""People and organisations both have a NIP."""


def clean(*, kind: str, number: str, field: str = "number") -> str:
    """The number in its normal form, digits only. Raises Invalid on `field` when its check digits are wrong."""
    if kind not in NationalIdKind.values:
        raise Invalid({field: [_("Choose BSN, PESEL, NIP or REGON.")]})
    try:
        return str(CHECKERS[NationalIdKind(kind)].validate(folded(number)))
    except ValidationError:
        sentence = _("This is not a %(kind)s: its digits do not fit each other. Check them once more.")
        raise Invalid({field: [sentence % {"kind": kind}]}) from None


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
