"""National and company numbers: checked, and refused in words that say which one and why."""

from __future__ import annotations

import pytest

from backoffice.customers import national_ids
from backoffice.customers.models import NationalIdKind
from backoffice.refusals import Invalid
from tests.factories import valid_bsn


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        ("PESEL", "440514-01359", "44051401359"),
        ("NIP", "856-734-62-15", "8567346215"),
        ("REGON", "192598184", "192598184"),
        ("REGON", "12345678512347", "12345678512347"),
        ("BSN", valid_bsn(5), valid_bsn(5)),
        ("VAT", "nl 0044.95.445.B.01", "NL004495445B01"),
        ("VAT", "DE136695976", "DE136695976"),
        ("KVK", "6929 4466", "69294466"),
    ],
)
def test_a_number_has_one_written_form(kind: str, typed: str, written: str) -> None:
    assert national_ids.clean(kind=kind, number=typed) == written


@pytest.mark.parametrize(
    ("kind", "typed", "why"),
    [
        ("PESEL", "44051401358", "This is not a PESEL: its check digit does not fit the others."),
        ("PESEL", "4405140135", "A PESEL has 11 digits."),
        ("PESEL", "4405140135a", "A PESEL consists of digits only."),
        ("PESEL", "44131401350", "This is not a PESEL: its first six digits are no birth date."),
        ("PESEL", "", "A PESEL "),
        ("NIP", "8567346216", "This is not a NIP: its check digit does not fit the others."),
        ("NIP", "85673462150", "A NIP has 10 digits."),
        ("REGON", "192598183", "This is not a REGON: its check digit does not fit the others."),
        ("REGON", "19259818", "A REGON has 9 or 14 digits."),
        ("BSN", "123456789", "This is not a BSN: its check digit does not fit the others."),
        ("VAT", "NL123456789B01", "This is not a VAT number of a country of the European Union."),
        ("VAT", "136695976", "This is not a VAT number of a country of the European Union."),
        ("KVK", "6929446", "A KVK has 8 digits."),
        ("KVK", "6929446x", "A KVK consists of digits only."),
        ("SSN", "1", "Choose BSN, PESEL, NIP, REGON, VAT or KVK."),
    ],
)
def test_a_wrong_number_is_refused_on_its_field_with_which_one_and_why(kind: str, typed: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        national_ids.clean(kind=kind, number=typed, field="nip")

    assert list(refused.value.errors) == ["nip"]
    assert why in refused.value.errors["nip"][0]


@pytest.mark.parametrize(("kind", "number"), [("PESEL", "44051401359"), ("NIP", "8567346215"), ("REGON", "192598184")])
def test_every_single_wrong_digit_at_the_end_is_caught(kind: str, number: str) -> None:
    for last in "0123456789":
        if last != number[-1]:
            with pytest.raises(Invalid, match="check digit"):
                national_ids.clean(kind=kind, number=number[:-1] + last)


@pytest.mark.parametrize(("kind", "owner"), [("PESEL", "organisation"), ("BSN", "organisation"), ("REGON", "person")])
def test_a_person_has_a_persons_number_and_an_organisation_its_own(kind: str, owner: str) -> None:
    with pytest.raises(Invalid, match=kind) as refused:
        national_ids.check_owner(kind=kind, customer_kind=owner, field="number")

    assert list(refused.value.errors) == ["number"]


@pytest.mark.parametrize("kind", ["NIP", "VAT", "KVK"])
def test_people_with_a_business_have_its_numbers_too(kind: str) -> None:
    for owner in ("person", "organisation"):
        national_ids.check_owner(kind=kind, customer_kind=owner, field="number")


def test_a_typed_number_is_looked_up_as_each_kind_that_it_can_be() -> None:
    assert {kind for kind, _index in national_ids.indexes_of("8567346215")} == {NationalIdKind.NIP}
    assert {kind for kind, _index in national_ids.indexes_of("NL004495445B01")} == {NationalIdKind.VAT}
    assert national_ids.indexes_of("Jansen") == []
