"""Fills a database with customers to search in: copies of one whom the rules entered, by INSERT … SELECT and COPY,
without triggers, and with the indexes made afterwards: a million in a minute or two.

Their names, numbers, domains and references are spread as those of real customers are: few names are common and many
are rare, and a hundred numbers in a million end in the same four digits. What is sealed is a value of a small pool.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from backoffice.customers.addresses import ending_index_of
from backoffice.customers.models import Customer
from backoffice.customers.names import entries_of
from backoffice.domains.names import parts_of
from backoffice.sealed import seal

COMMON_GIVEN = ("Jan", "Maria", "Piet", "Anna", "Zofia", "Mohammed", "Søren", "Jürgen")
COMMON_FAMILY = ("de Vries", "Jansen", "Bakker", "Nowak", "Müller", "van den Berg", "O’Connor", "Żółć")
GIVEN, FAMILY = 500, 5_000
"""Different names; the first of each are the most common."""
_STARTS = ("b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "dr", "kl", "st")
_MIDDLES = ("a", "e", "i", "o", "u", "aa", "ie", "oe", "ui")
_ENDS = ("n", "r", "s", "l", "k", "m", "t", "nd", "rs", "ck")
_LAST_FOUR = 10_000
_UUID = "gen_random_uuid()"
_HASH = "md5(random()::text) || md5(random()::text)"


def fill(count: int, like: Customer) -> None:
    """Adds `count` customers like this one, who has a mail address, a number, a national id, a domain, a case and a
    message, and gives them their places in all indexes."""
    chance = random.Random(7)
    _pool("given", ["name"], ((name,) for name in _names(chance, COMMON_GIVEN, GIVEN)))
    _pool("family", ["name"], ((name,) for name in _names(chance, COMMON_FAMILY, FAMILY)))
    _pool("phone", ["value", "last_four"], map(_phone, range(_LAST_FOUR)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.7)")
        cursor.execute(
            # A power of an even chance: the first names come most often.
            f"CREATE TEMP TABLE person AS SELECT i, 1 + floor({GIVEN} * power(random(), 3))::int AS given, "
            f"1 + floor({FAMILY} * power(random(), 2))::int AS family FROM generate_series(1, {int(count)}) AS i"
        )
        cursor.execute("SELECT max(id) FROM customers_customer")
        first = int(cursor.fetchone()[0])
        cursor.execute("SELECT max(id) FROM domains_domain")
        first_domain = int(cursor.fetchone()[0])
    copies = list(_copies(first, like))
    with _in_bulk(*(table for table, *_rest in copies), "customers_nameentry", "domains_domainpart"):
        for table, row, changed, source in copies:
            _copy(table, row, changed, source)
        names = f"SELECT id, given_name, family_name FROM customers_customer WHERE id > {first}"
        _copy_texts("customers_nameentry", "customer_id", names, _entries)
        domains = f"SELECT id, name FROM domains_domain WHERE id > {first_domain}"
        _copy_texts("domains_domainpart", "domain_id", domains, parts_of)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


@contextlib.contextmanager
def _in_bulk(*tables: str) -> Iterator[None]:
    """Without the triggers, which check the keys of each row, and without the indexes, which are made again at the end:
    both cost more than the rows. The primary keys stay."""
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])"
    )
    indexes = (
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE NOT indisprimary AND indrelid = ANY(%s::regclass[])"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(constraints, [list(dict.fromkeys(tables))])
        unique = cursor.fetchall()
        for table, name, _definition in unique:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(indexes, [list(dict.fromkeys(tables))])
        others = cursor.fetchall()
        for name, _definition in others:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in others:
            cursor.execute(definition)
        for table, name, definition in unique:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute("SET session_replication_role = DEFAULT")


def _names(chance: random.Random, common: Sequence[str], count: int) -> Iterator[str]:
    known = dict.fromkeys(common)
    while len(known) < count:
        syllables = [chance.choice(_STARTS) + chance.choice(_MIDDLES) for _one in range(chance.randint(1, 3))]
        known["".join([*syllables, chance.choice(_ENDS)]).capitalize()] = None
    yield from known


def _phone(end: int) -> tuple[str, str]:
    number = f"+3120555{end:04d}"
    return seal(number), ending_index_of(value=number, digits=4)


@lru_cache(maxsize=200_000)
def _entries(given: str, family: str) -> frozenset[str]:
    return entries_of((given, family))


def _pool(name: str, columns: Sequence[str], values: Iterable[Sequence[str]]) -> None:
    """A table for the time of the filling, with a number `n` from 1."""
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {name} (n serial, {', '.join(f'{column} text' for column in columns)})")
        with cursor.copy(f"COPY {name} ({listed}) FROM STDIN") as copy:
            for value in values:
                copy.write_row(value)


def _copies(first: int, like: Customer) -> Iterator[tuple[str, Any, Mapping[str, str], str]]:
    """The tables, which row of each is copied, what differs in the copies, and where that comes from."""
    key = f"{first} + person.i"
    owner = {"customer_id": key}
    mail, phone = (like.contact_points.get(kind=kind).pk for kind in ("mail", "phone"))
    named = "person JOIN given ON given.n = person.given JOIN family ON family.n = person.family"
    numbered = f"person JOIN phone ON phone.n = 1 + person.i % {_LAST_FOUR}"
    names = {"given_name": "given.name", "family_name": "family.name"}
    yield "customers_customer", like.pk, {"id": key, "public_id": _UUID, "user_id": "NULL", **names}, named
    yield "customers_contactpoint", mail, {**owner, "value_index": _HASH}, "person"
    ends = {"value": "phone.value", "last_four_index": "phone.last_four", "last_six_index": _HASH}
    yield "customers_contactpoint", phone, {**owner, "value_index": _HASH, **ends}, numbered
    yield "customers_nationalid", like.national_ids.get().pk, {**owner, "number_index": _HASH}, "person"
    domain = r"regexp_replace(lower(family.name), '[^a-z]+', '-', 'g') || '-' || person.i || '.example'"
    yield "domains_domain", like.domains.get().pk, {**owner, "public_id": _UUID, "name": domain}, named
    case = {"id": _UUID, "reference": "lpad(to_hex(person.i), 12, '0')", "opening_key": "'bench ' || person.i"}
    yield "cases_case", like.cases.get().pk, {**owner, **case}, "person"
    message = {"reference": "lpad(to_hex(person.i), 20, '0')", "address_index": _HASH}
    yield "trust_contact", like.contacts.order_by("pk")[0].pk, {**owner, **message}, "person"


def _copy(table: str, row: Any, changed: Mapping[str, str], source: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        columns = [name for (name,) in cursor.fetchall() if name != "id" or name in changed]
        listed = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(changed.get(name, f'original."{name}"') for name in columns)
        original = f"(SELECT * FROM {table} WHERE id = '{row}') AS original"
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {values} FROM {source} CROSS JOIN {original}")


def _copy_texts(table: str, column: str, rows: str, texts_of: Callable[..., Iterable[str]]) -> None:
    """The texts by which each new row is found, by the rule that writes them."""
    with connection.cursor() as cursor:
        cursor.execute(rows)
        found = cursor.fetchall()
        with cursor.copy(f"COPY {table} ({column}, text) FROM STDIN") as copy:
            for key, *values in found:
                for text in texts_of(*values):
                    copy.write_row((key, text))
