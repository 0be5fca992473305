"""Addresses that were one text: split by a guess, marked as such, and confirmed by a person."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from backoffice.actors import system
from backoffice.customers import contact_points
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.customers.postal import PostalAddress
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from tests.customers.test_admin import REASON, opened, page_of
from tests.factories import actor, make_address, make_customer, make_staff, now, old_address, sign_in

pytestmark = pytest.mark.django_db
CHECKED = make_address("Plein 1", postal_code="2511 AB", town="Den Haag")
SENT = {"country": "NL", "line1": "Plein 1", "code": "2511 AB", "town": "Den Haag"}
MIGRATION: Any = importlib.import_module("backoffice.customers.migrations.0006_postal_addresses_split_by_guess")


def split() -> None:
    with connection.schema_editor() as editor:
        MIGRATION.split(apps, editor)


def in_force(customer: Customer) -> ContactPoint:
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    assert point is not None
    return point


def give(customer: Customer, address: PostalAddress) -> ContactPoint:
    return contact_points.supersede(
        customer=customer, kind=ContactKind.POSTAL, value=address, how="call", by=system(), now=now()
    )


@pytest.mark.parametrize(
    ("country", "text", "parts"),
    [
        ("NL", "Plein 1\n2511 AB Den Haag", {"lines": ("Plein 1",), "postal_code": "2511 AB", "town": "Den Haag"}),
        (
            "NL",
            "c/o Smit\nPlein 1\n2511ab Den Haag",
            {"recipient": "c/o Smit", "lines": ("Plein 1",), "postal_code": "2511AB", "town": "Den Haag"},
        ),
        ("NL", "Dorpsstraat 1000\nUtrecht", {"lines": ("Dorpsstraat 1000",), "town": "Utrecht"}),
        (
            "GB",
            "1 Some Road\nLondon SW1A 1AA\nUnited Kingdom",
            {"lines": ("1 Some Road",), "postal_code": "SW1A 1AA", "town": "London"},
        ),
        (
            "GB",
            "1 Some Road\nLondon\nSW1A 1AA",
            {"lines": ("1 Some Road",), "postal_code": "SW1A 1AA", "town": "London"},
        ),
        ("HK", "Flat 1\n2 Some Road\nCentral", {"lines": ("Flat 1", "2 Some Road"), "town": "Central"}),
        ("DE", "Weg 1\n12345", {"lines": ("Weg 1",), "postal_code": "12345"}),
        ("AE", "PO Box 1\nDubai", {"lines": ("PO Box 1",), "town": "Dubai"}),
    ],
)
def test_a_text_is_split_as_well_as_it_can_be_and_marked_as_a_guess(
    country: str, text: str, parts: dict[str, Any]
) -> None:
    customer = make_customer(country=country)
    old_address(customer, text)

    split()
    split()

    point = in_force(customer)
    assert point.address == PostalAddress(country=country, **parts)
    assert (point.value, point.parts_checked_at) == (text, None)


def test_only_texts_in_force_are_split_and_addresses_with_parts_stay() -> None:
    customer = make_customer()
    before = in_force(customer)
    split()
    before.refresh_from_db()
    assert before.parts_checked_at is not None

    old_address(customer, "Plein 1\n2511 AB Den Haag")
    new = give(customer, make_address("Elders 1"))
    split()

    assert in_force(customer) == new
    assert ContactPoint.objects.get(superseded_by=new).parts is None


@pytest.mark.parametrize(
    "checked",
    [
        make_address("Plein 1", postal_code="2511 AB", town="Den Haag"),
        make_address("plein  1", postal_code="2511ab", town="DEN HAAG"),
    ],
)
def test_the_same_words_in_checked_parts_confirm_the_guess_and_are_no_new_address(checked: PostalAddress) -> None:
    customer = make_customer()
    old = old_address(customer, "Plein 1\n2511 AB Den Haag")
    split()
    assert contact_points.unchecked(customer=customer) == old

    confirmed = give(customer, checked)

    assert (confirmed.pk, confirmed.since) == (old.pk, old.since)
    assert confirmed.address is not None
    assert (confirmed.address.postal_code, confirmed.address.town.title()) == ("2511 AB", "Den Haag")
    assert contact_points.unchecked(customer=customer) is None
    assert contact_points.changed_within(customer=customer, now=now()) == frozenset()


@pytest.mark.parametrize(
    "other",
    [
        make_address("Plein 11", postal_code="2511 AB", town="Den Haag"),
        make_address("Plein 1", postal_code="2511 AC", town="Den Haag"),
        make_address("Plein 1", postal_code="2511 AB", town="Den Haag", recipient="c/o Dief"),
        make_address("Plein 1", "2511 AB Den Haag", country="BE", postal_code="2511", town="Den Haag"),
    ],
)
def test_other_words_are_a_new_address(other: PostalAddress) -> None:
    customer = make_customer()
    old = old_address(customer, "Plein 1\n2511 AB Den Haag")
    split()

    new = give(customer, other)

    old.refresh_from_db()
    assert old.superseded_by == new
    assert contact_points.changed_within(customer=customer, now=now()) == {ContactKind.POSTAL}


def test_a_text_written_while_the_new_version_was_rolled_out_is_confirmed_too() -> None:
    customer = make_customer()
    old = old_address(customer, "Plein 1\n2511 AB Den Haag")

    give(customer, make_address("Plein 1", postal_code="2511 AB", town="Den Haag"))

    old.refresh_from_db()
    assert old.parts_checked_at is not None


def test_parts_that_were_checked_are_put_right_by_a_new_address() -> None:
    customer = make_customer()
    wrong = give(customer, make_address("Huis Ten Bosch", "Plein 1"))

    right = give(customer, make_address("Plein 1", recipient="Huis Ten Bosch"))

    assert right.pk != wrong.pk
    assert give(customer, make_address("PLEIN 1", recipient="Huis ten Bosch")) == right


@pytest.mark.parametrize(
    "change", ["parts = 'x'", "parts = NULL", "parts_checked_at = NULL", "parts_checked_at = now()"]
)
def test_raw_sql_cannot_overwrite_checked_parts(change: str) -> None:
    point = in_force(make_customer())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE customers_contactpoint SET {change} WHERE id = %s", [point.pk])


@pytest.fixture
def guessed(db: None) -> Customer:
    customer = make_customer()
    old_address(customer, "Plein 1\n2511 AB Den Haag")
    split()
    return customer


def test_the_rule_of_the_parts_takes_the_same_words_and_they_stay_as_old_as_they_were(guessed: Customer) -> None:
    old, sue = in_force(guessed), actor(make_staff(role=Role.SUPERVISOR))

    point = contact_points.check_parts(customer=guessed, value=CHECKED, by=sue, now=now())

    assert (point.pk, point.since, point.verified_at, point.value) == (old.pk, old.since, old.verified_at, old.value)
    assert contact_points.unchecked(customer=guessed) is None
    assert not contact_points.changed_within(customer=guessed, now=now())


@pytest.mark.parametrize(
    "other",
    [
        make_address("Plein 11", postal_code="2511 AB", town="Den Haag"),
        make_address("Plein 1", postal_code="2511 AB", town="Den Haag", recipient="c/o Dief"),
        make_address("Plein 1", "2511 AB Den Haag", country="BE", postal_code="2511", town="Den Haag"),
    ],
)
def test_the_rule_of_the_parts_takes_no_other_address(guessed: Customer, other: PostalAddress) -> None:
    old, sue = in_force(guessed), actor(make_staff(role=Role.SUPERVISOR))

    with pytest.raises(Invalid) as refused:
        contact_points.check_parts(customer=guessed, value=other, by=sue, now=now())

    assert "open a contact change" in refused.value.errors["line1"][0]
    assert contact_points.unchecked(customer=guessed) == old
    assert in_force(guessed).parts == old.parts


def test_parts_that_somebody_has_checked_are_not_checked_again(guessed: Customer) -> None:
    sue = actor(make_staff(role=Role.SUPERVISOR))
    contact_points.check_parts(customer=guessed, value=CHECKED, by=sue, now=now())

    for customer in (guessed, make_customer(contacts={})):
        with pytest.raises(Conflict, match="nothing to check"):
            contact_points.check_parts(customer=customer, value=CHECKED, by=sue, now=now())


def test_a_supervisor_sees_the_guess_and_confirms_it(client: Client, guessed: Customer) -> None:
    opened(client, guessed, make_staff(role=Role.SUPERVISOR))
    where = page_of(guessed, "check-parts/")

    record, page = (client.get(one).content.decode() for one in (page_of(guessed), where))
    answer = client.post(where, SENT)

    assert f'href="{where}"' in record
    assert "split from a text by a guess" in page
    assert f'href="/desk/customer/{guessed.public_id}/open/contact_change/"' in page
    assert 'value="Den Haag"' in page
    assert answer.status_code == 302
    assert contact_points.unchecked(customer=guessed) is None
    assert where not in client.get(page_of(guessed)).content.decode()


def test_other_words_are_refused_on_the_page_which_names_the_way(client: Client, guessed: Customer) -> None:
    opened(client, guessed, make_staff(role=Role.SUPERVISOR))

    page = client.post(page_of(guessed, "check-parts/"), SENT | {"line1": "Plein 2"}).content.decode()

    assert "These are not the words that we have. For another address, open a contact change." in page
    assert in_force(guessed).value == "Plein 1\n2511 AB Den Haag"


def test_the_parts_are_checked_only_after_a_recent_second_factor(client: Client, guessed: Customer) -> None:
    sue = make_staff(role=Role.SUPERVISOR)
    opened(client, guessed, sue)
    sign_in(client, sue, seconds_ago=3600)

    answer = client.post(page_of(guessed, "check-parts/"), SENT)

    assert answer.headers["Location"].startswith("/account/2fa/reauthenticate/")
    assert contact_points.unchecked(customer=guessed)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPERVISOR])
def test_nobody_else_checks_parts(client: Client, guessed: Customer, role: Role) -> None:
    sign_in(client, make_staff(role=role))

    answer = client.post(page_of(guessed, "check-parts/"), SENT | REASON)

    assert answer.status_code in (302, 403)
    assert contact_points.unchecked(customer=guessed)


def test_the_page_does_not_show_an_address_that_nobody_has_to_look_at(client: Client) -> None:
    customer = make_customer()
    opened(client, customer, make_staff(role=Role.SUPERVISOR))

    page = client.get(page_of(customer, "check-parts/")).content.decode()

    assert "Keizersgracht" not in page
    assert "There is nothing to check" in page


def test_the_index_of_a_text_is_still_found() -> None:
    point = old_address(make_customer(), "Plein 1\n2511 AB Den Haag")

    assert point.value_index == index_of(kind="postal", value="Plein 1\n2511 AB Den Haag")
