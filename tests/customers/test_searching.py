from __future__ import annotations

import pytest
from django.db import connection

from backoffice.actors import system
from backoffice.customers import contact_points
from backoffice.customers.models import Customer, CustomerKind
from backoffice.customers.searching import find
from tests.factories import make_customer, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria() -> Customer:
    make_customer(given_name="Piotr", family_name="Nowak")
    return make_customer(
        given_name="Maria",
        family_name="Jansen de Vries",
        contacts={"mail": "maria@example.org", "phone": "+12025550113"},
        national_ids={"BSN": "111222333"},
    )


@pytest.mark.parametrize(
    "typed",
    [
        "jans",
        "JANSEN DE VRIES",
        "mar",
        "maria jan",
        "jansen, m.",
        "Jansen, Maria",
        "Maria Jansen de Vries",
        "Jansen de Vries Maria",
        " Maria@Example.org ",
        "+1 (202) 555-0113",
        "12025550113",
        "111222333",
        "1112.22.333",
    ],
)
def test_a_customer_is_found_by_what_one_knows(maria: Customer, typed: str) -> None:
    assert list(find(text=typed)) == [maria]


@pytest.mark.parametrize(
    "typed", ["", "  ", "ansen", "maria@example", "+12025550114", "111222334", "mar%", "m_ria", "x@y@z"]
)
def test_nothing_else_is_found(maria: Customer, typed: str) -> None:
    assert list(find(text=typed)) == []


def test_an_organisation_is_found_by_the_beginning_of_its_name() -> None:
    tulip = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="Tulip Trading B.V.")

    assert list(find(text="tulip tr")) == [tulip]


def test_a_number_at_home_is_found_without_its_country() -> None:
    customer = make_customer(contacts={"phone": "+31 20 555 0112"})

    assert list(find(text="020-5550112")) == [customer]


def test_a_superseded_number_still_finds_its_customer_once(maria: Customer) -> None:
    contact_points.supersede(customer=maria, kind="phone", value="+12025550150", how="", by=system(), now=now())

    assert list(find(text="+12025550113")) == [maria]
    assert list(find(text="+12025550150")) == [maria]


def test_names_are_found_through_the_functional_indexes(maria: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = find(text="jans").order_by().explain()

    assert "customers_by_family_name" in plan
    assert "customers_by_given_name" in plan
    assert "customers_by_organisation" in plan
