from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from backoffice.actors import Actor, ActorKind, system
from backoffice.customers import national_ids, phrases
from backoffice.customers.models import ContactPoint, Customer, CustomerKind, NationalId
from backoffice.customers.registering import Particulars, register
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role
from tests.factories import actor, make_address, make_customer, make_staff, now

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "given_name": "Maria",
    "family_name": "Jansen",
    "birth_date": "1984-05-17",
    "contacts": {"mail": "maria@example.org", "phone": "+12025550113", "postal": make_address("Keizersgracht 4")},
    "national_ids": {"BSN": "111222333"},
}


def enter(by: Actor | None = None, **changed: Any) -> Customer:
    return register(particulars=Particulars(**(GOOD | changed)), by=by or system(), now=now())


def test_a_customer_is_written_with_addresses_numbers_and_a_phrase() -> None:
    customer = enter(by=actor(make_staff(role=Role.SUPERVISOR)))

    assert customer.contact_points.count() == 3
    assert str(customer.national_ids.get()) == "BSN •••33"
    assert len(customer.phrase.split()) == 3


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "ghost"}, "kind"),
        ({"given_name": " ", "family_name": ""}, "family_name"),
        ({"family_name": "x" * 201}, "family_name"),
        ({"family_name": "Jansen 4111 1111 1111 1111"}, "family_name"),
        ({"contact_person": "M. Jansen"}, "contact_person"),
        ({"kind": CustomerKind.ORGANISATION}, "organisation_name"),
        ({"birth_date": "17-05-1984"}, "birth_date"),
        ({"birth_date": "2984-05-17"}, "birth_date"),
        ({"birth_date": "1899-12-31"}, "birth_date"),
        ({"kind": CustomerKind.ORGANISATION, "organisation_name": "Tulip"}, "birth_date"),
        ({"country": "XX"}, "country"),
        ({"country": "Netherlands"}, "country"),
        ({"language": "tlh"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"contacts": {"phone": "12"}}, "phone"),
        ({"contacts": {"phone": "+31 900 123 4567"}}, "phone"),
        ({"contacts": {"mail": "maria"}}, "mail"),
        ({"contacts": {"fax": "12"}}, "fax"),
        ({"national_ids": {"BSN": "111222334"}}, "BSN"),
        ({"national_ids": {"SSN": "1"}}, "SSN"),
        ({"national_ids": {"REGON": "123456785"}}, "REGON"),
    ],
)
def test_what_cannot_be_is_refused_on_its_field_and_nothing_is_written(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(**changed)

    assert field in refused.value.errors
    assert not Customer.objects.exists()


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        enter(given_name="", family_name="", country="XX", contacts={"phone": "12"}, national_ids={"BSN": "1"})

    assert set(refused.value.errors) == {"family_name", "country", "phone", "BSN"}


def test_a_person_may_have_one_name() -> None:
    assert enter(given_name="", family_name="Sukarni").name == "Sukarni"


@pytest.mark.parametrize("kind", [ActorKind.CUSTOMER, ActorKind.OUTSIDE])
def test_only_our_staff_enters_customers(kind: ActorKind) -> None:
    with pytest.raises(Forbidden):
        enter(by=Actor(kind=kind, id="x"))


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        ("BSN", "1112.22.333", "111222333"),
        ("PESEL", "440514 01359", "44051401359"),
        ("NIP", "PL 123-456-32-18", "1234563218"),
        ("REGON", "123 456 785", "123456785"),
    ],
)
def test_a_national_id_has_one_written_form(kind: str, typed: str, written: str) -> None:
    assert national_ids.clean(kind=kind, number=typed) == written


def test_an_organisation_has_no_number_of_a_person() -> None:
    customer = make_customer(kind=CustomerKind.ORGANISATION)

    with pytest.raises(Invalid):
        national_ids.add(customer=customer, kind="PESEL", number="44051401359")
    assert national_ids.add(customer=customer, kind="NIP", number="1234563218").customer == customer


def test_a_number_belongs_to_one_customer_and_nobody_is_told_to_whom() -> None:
    owner = make_customer(national_ids={"BSN": "111222333"}, family_name="Verborgen")

    again = national_ids.add(customer=owner, kind="BSN", number="111222333")
    with pytest.raises(Conflict) as refused:
        national_ids.add(customer=make_customer(), kind="BSN", number="1112.22.333")

    assert again == owner.national_ids.get()
    assert "Verborgen" not in refused.value.sentence


def test_sealed_columns_do_not_hold_the_clear_text_in_the_database() -> None:
    customer = enter()
    clear = ["1984-05-17", "111222333", "maria@example.org", "+12025550113", "2025550113", "Keizersgracht"]

    with connection.cursor() as cursor:
        stored = ""
        for model in (Customer, ContactPoint, NationalId):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")
            stored += "".join(row[0] for row in cursor.fetchall())

    assert customer.phrase in stored
    assert [text for text in clear if text in stored] == []


def test_the_same_number_has_another_index_as_another_kind() -> None:
    assert national_ids.index_of(kind="NIP", number="1") != national_ids.index_of(kind="REGON", number="1")


def test_a_phrase_is_two_plain_words_and_a_digit() -> None:
    quality, thing, digit = phrases.new_phrase().split()

    assert quality in phrases.QUALITIES
    assert thing in phrases.THINGS
    assert digit in phrases.DIGITS


def test_the_words_are_many_short_and_never_in_both_lists() -> None:
    qualities, things = set(phrases.QUALITIES), set(phrases.THINGS)

    assert min(len(qualities), len(things)) >= 200
    assert len(qualities) == len(phrases.QUALITIES)
    assert len(things) == len(phrases.THINGS)
    assert not qualities & things
    assert all(word.isalpha() and word.islower() and len(word) <= 10 for word in qualities | things)


def test_a_phrase_is_renewed_by_the_customer_or_staff_only() -> None:
    customer, other = make_customer(), make_customer()
    assert customer.user is not None
    assert other.user is not None
    before = customer.phrase

    assert phrases.renew(customer=customer, by=actor(customer.user)).phrase != before
    with pytest.raises(Forbidden):
        phrases.renew(customer=customer, by=actor(other.user))
    with pytest.raises(Forbidden):
        phrases.renew(customer=customer, by=Actor(kind=ActorKind.OUTSIDE))
