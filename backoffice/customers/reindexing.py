"""Writes again what customers are found by: the entries of their names, and the blind indexes of their mail addresses
and telephone numbers. For rows that an older version wrote, and after a change of the rules.

It also runs in a migration, so it takes the models from the registry that it is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.apps.registry import Apps
from django.db import connection, transaction

from backoffice.customers import names
from backoffice.customers.addresses import index_of, mask, with_ascii_domain
from backoffice.customers.contact_points import endings_of
from backoffice.customers.models import ContactKind
from backoffice.text import kept

BATCH = 1000
"""Rows in one transaction."""
_NAMES = ("given_name", "family_name", "organisation_name", "contact_person")


def all_customers(apps: Apps) -> int:
    """Tidies the names and birth dates that are not as `kept` and ISO 8601 have them, and writes the names' entries.
    Gives how many customers there are."""
    entries = apps.get_model("customers", "NameEntry").objects
    done = 0
    for batch in _batches(apps.get_model("customers", "Customer").objects):
        changed = [customer for customer in batch if _tidied(customer)]
        type(batch[0]).objects.bulk_update(changed, [*_NAMES, "birth_date"])
        entries.filter(customer__in=[customer.pk for customer in batch]).delete()
        entries.bulk_create(
            entries.model(customer_id=customer.pk, text=text)
            for customer in batch
            for text in sorted(names.entries_of(*names.names_of(customer)))
        )
        done += len(batch)
    return done


def all_contact_points(apps: Apps) -> int:
    """Writes the indexes of mail addresses and telephone numbers, with mail's domains in ASCII, and the same indexes in
    the register of contacts. Gives how many addresses there are."""
    done = 0
    points = apps.get_model("customers", "ContactPoint").objects
    for batch in _batches(points.filter(kind__in=[ContactKind.MAIL, ContactKind.PHONE])):
        changed, replaced = [], []
        for point in batch:
            new = _columns(point)
            if any(getattr(point, name) != value for name, value in new.items()):
                replaced.append((point.customer_id, point.value_index, new["value_index"]))
                for name, value in new.items():
                    setattr(point, name, value)
                changed.append(point)
        write(changed)
        contacts = apps.get_model("trust", "Contact").objects
        for customer, old, index in replaced:
            if old != index:
                contacts.filter(customer_id=customer, address_index=old).update(address_index=index)
        done += len(batch)
    return done


def write(points: list[Any]) -> None:
    """Writes the indexes of contact points, which the database lets nobody else change."""
    if points:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL countersign.resealing = 'on'")
            fields = ["value", "value_index", "masked", "last_four_index", "last_six_index"]
            type(points[0]).objects.bulk_update(points, fields)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL countersign.resealing = 'off'")


def _batches(rows: Any) -> Iterator[list[Any]]:
    """All rows by their keys, each batch in a transaction of its own and under locks."""
    last = 0
    while True:
        with transaction.atomic():
            batch = list(rows.filter(pk__gt=last).order_by("pk").select_for_update()[:BATCH])
            if not batch:
                return
            yield batch
        last = batch[-1].pk


def _tidied(customer: Any) -> bool:
    """Whether a name or the birth date had to be changed. A name of which nothing would be left stays as it is."""
    before = [getattr(customer, name) for name in (*_NAMES, "birth_date")]
    for name in _NAMES:
        setattr(customer, name, kept(getattr(customer, name)) or getattr(customer, name))
    if customer.birth_date:
        with contextlib.suppress(ValueError):
            customer.birth_date = date.fromisoformat(customer.birth_date).isoformat()
    return before != [getattr(customer, name) for name in (*_NAMES, "birth_date")]


def _columns(point: Any) -> dict[str, str]:
    value = with_ascii_domain(point.value) if point.kind == ContactKind.MAIL else point.value
    return {
        "value": value,
        "value_index": index_of(kind=point.kind, value=value),
        "masked": mask(kind=point.kind, value=value),
        **endings_of(kind=point.kind, value=value),
    }
