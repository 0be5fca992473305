"""What a caller names only finds a record. A wrong number is told with the reason."""

from __future__ import annotations

import pytest

from backoffice.calls import finding
from backoffice.calls.models import KnownBy
from backoffice.customers.models import CustomerKind
from backoffice.domains.models import Domain, DomainState
from backoffice.refusals import Invalid
from tests.calls.calling import NIP, PESEL, REGON, REGON_14
from tests.factories import make_customer, make_domain

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "by", "value"),
    [
        (PESEL, KnownBy.PESEL, PESEL),
        ("840517 12343", KnownBy.PESEL, PESEL),
        (NIP, KnownBy.NIP, NIP),
        ("PL 525-224-84-81", KnownBy.NIP, NIP),
        ("\uff15252248481", KnownBy.NIP, NIP),
        (REGON, KnownBy.REGON, REGON),
        (REGON_14, KnownBy.REGON, REGON_14),
        ("Meadow.Example.", KnownBy.SERVICE, "meadow.example"),
        ("łąka.example", KnownBy.SERVICE, "xn--ka-ola7v.example"),
        ("123.pl", KnownBy.SERVICE, "123.pl"),
    ],
)
def test_one_field_reads_a_name_or_a_number(typed: str, by: KnownBy, value: str) -> None:
    assert finding.read(typed) == finding.Named(by, value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("84051712344", "A PESEL has 11 digits like this one, but here the check digit does not fit"),
        ("84131712340", "A PESEL has 11 digits like this one, but here"),
        ("5252248482", "A NIP has 10 digits like this one, but here the check digit"),
        ("123456786", "A REGON has 9 digits like this one, but here the check digit"),
        ("12345678512348", "A REGON has 14 digits like this one, but here the check digit"),
        ("1234567", "These are 7 digits."),
        ("1", "This is 1 digit."),
        ("Jansen", "Type the whole name of a service"),
        ("maria@example.org", "Type the whole name of a service"),
        ("…", "Type the whole name of a service"),
    ],
)
def test_what_is_wrong_is_told_with_which_and_why(typed: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        finding.read(typed)

    assert said in refused.value.errors["known"][0]


def test_each_of_the_four_finds_its_holder_and_nobody_else() -> None:
    person = make_customer(national_ids={"PESEL": PESEL, "NIP": NIP})
    company = make_customer(kind=CustomerKind.ORGANISATION, national_ids={"REGON": REGON})
    make_domain(customer=company, name="meadow.example")

    found = {typed: finding.holder_of(finding.read(typed)) for typed in (PESEL, NIP, REGON, "meadow.example")}

    assert found == {PESEL: person, NIP: person, REGON: company, "meadow.example": company}
    assert finding.holder_of(finding.read(REGON_14)) is None
    assert finding.holder_of(finding.read("meadows.example")) is None
    assert finding.holder_of(finding.read("meądow.example")) is None
    assert finding.holder_of(finding.read("example.example")) is None


def test_a_service_that_went_elsewhere_finds_nobody() -> None:
    gone = make_domain(name="gone.example")
    Domain.objects.filter(pk=gone.pk).update(state=DomainState.GONE)

    assert finding.holder_of(finding.read("gone.example")) is None
