"""Rows that an older version wrote are found like new ones."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from backoffice.customers import names
from backoffice.customers.models import ContactPoint, Customer, NameEntry
from backoffice.customers.searching import find
from backoffice.domains.models import DomainPart
from backoffice.sealed import keyed_hash
from backoffice.trust.models import Contact, ContactChannel
from tests.factories import make_customer, make_domain, now

pytestmark = pytest.mark.django_db
OLD_INDEX = keyed_hash("contact.mail", "j.gross@strasse.example")


@pytest.fixture
def old() -> Customer:
    """A customer as the version before left them, with a message to them."""
    customer = make_customer(
        given_name="Jo\u0308rg", contacts={"mail": "j.gross@straße.example", "phone": "+31205550112"}
    )
    Customer.objects.filter(pk=customer.pk).update(given_name="Jo\u0308rg\u200b", family_name="Groß  Neu")
    customer = Customer.objects.get(pk=customer.pk)
    Customer.objects.filter(pk=customer.pk).update(birth_date="2000-W09-2")
    NameEntry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL countersign.resealing = 'on'")
    mails = ContactPoint.objects.filter(customer=customer, kind="mail")
    mails.update(value="j.gross@straße.example", value_index=OLD_INDEX)
    ContactPoint.objects.update(last_four_index="", last_six_index="")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL countersign.resealing = 'off'")
    Contact.objects.create(
        customer=customer, channel=ContactChannel.MAIL, purpose="x", address_index=OLD_INDEX, at=now()
    )
    return customer


def test_old_rows_are_tidied_and_found(old: Customer) -> None:
    call_command("reindex")

    old.refresh_from_db()
    assert (old.given_name, old.family_name, old.birth_date) == ("Jörg", "Groß Neu", "2000-02-29")
    for typed in ("joerg gross", "j.gross@straße.example", "0112", "550112"):
        assert list(find(text=typed)) == [old]
    assert list(find(text="j.gross@strasse.example")) == []
    point = ContactPoint.objects.get(customer=old, kind="mail")
    assert point.value == "j.gross@xn--strae-oqa.example"
    assert point.masked == "j•••@straße.example"
    assert Contact.objects.get(customer=old).address_index == point.value_index


def test_again_it_changes_nothing(old: Customer) -> None:
    call_command("reindex")
    before = _all()

    call_command("reindex")

    assert _all() == before


def test_a_name_of_which_nothing_would_be_left_stays(old: Customer) -> None:
    Customer.objects.filter(pk=old.pk).update(given_name="\u3164")

    call_command("reindex")

    old.refresh_from_db()
    assert old.given_name == "\u3164"


def test_the_version_before_finds_its_addresses_again(old: Customer) -> None:
    migration: Any = importlib.import_module("backoffice.customers.migrations.0008_reindex")
    migration.forwards(apps, None)

    migration.backwards(apps, None)

    point = ContactPoint.objects.get(customer=old, kind="mail")
    assert (point.value, point.value_index) == ("j.gross@straße.example", OLD_INDEX)
    assert Contact.objects.get(customer=old).address_index == OLD_INDEX


def test_the_parts_of_domains_are_written_too() -> None:
    make_domain(name="straße.example")
    before = set(DomainPart.objects.values_list("text", flat=True))
    DomainPart.objects.all().delete()

    call_command("reindex")

    assert set(DomainPart.objects.values_list("text", flat=True)) == before


def test_the_entries_of_every_customer_are_those_of_their_name() -> None:
    """Nothing but the rules writes names: the admin has no form for the names of a customer who is there."""
    make_customer(given_name="Maria Anna", family_name="de Vries-Müller")
    make_customer(kind="organisation", organisation_name="Tulip B.V.")

    for customer in Customer.objects.all():
        found = set(customer.name_entries.values_list("text", flat=True))
        assert found == names.entries_of(*names.names_of(customer))


def _all() -> list[Any]:
    return [
        list(Customer.objects.order_by("pk").values_list("given_name", "family_name")),
        sorted(NameEntry.objects.values_list("customer_id", "text")),
        list(ContactPoint.objects.order_by("pk").values_list("value_index", "masked", "last_four_index")),
    ]
