from __future__ import annotations

import itertools
import uuid

import pytest

from benchmarks.cloning import Copier, Table, another, merged

CUSTOMER, CASE = uuid.uuid4(), uuid.uuid4()
TABLES = [
    Table("details", key="case_id", unique=frozenset({"case_id"}), foreign={"case_id": "cases"}),
    Table("customers", key="id", unique=frozenset({"id", "public_id"}), foreign={}),
    Table("cases", key="id", unique=frozenset({"id", "reference"}), foreign={"customer_id": "customers"}),
    Table("events", key="id", unique=frozenset({"id"}), foreign={"case_id": "cases", "user_id": "users"}),
]
TEMPLATE = {
    "customers": [{"id": 7, "public_id": CUSTOMER, "value_index": "ab" * 32}],
    "cases": [{"id": CASE, "customer_id": 7, "reference": "K7Q-4MX-2"}],
    "details": [{"case_id": CASE, "reason": "fraud"}],
    "events": [
        {"id": 41, "case_id": CASE, "user_id": 3, "text": "K7Q-4MX-2"},
        {"id": 42, "case_id": CASE, "user_id": 3},
    ],
}


def copier() -> Copier:
    numbers = itertools.count(1000)
    return Copier(TABLES, TEMPLATE, number=lambda table: next(numbers))


def test_a_copy_points_at_itself_and_not_at_what_it_was_made_from() -> None:
    copy = copier().copy(1)

    case = copy["cases"][0]
    assert case["id"] != CASE
    assert case["customer_id"] == copy["customers"][0]["id"] != 7
    assert copy["details"][0]["case_id"] == case["id"]
    assert [event["case_id"] for event in copy["events"]] == [case["id"], case["id"]]


def test_what_points_outside_the_copy_stays() -> None:
    assert {event["user_id"] for event in copier().copy(1)["events"]} == {3}


def test_a_reference_that_is_repeated_elsewhere_follows_its_row() -> None:
    copy = copier().copy(1)

    assert copy["events"][0]["text"] == copy["cases"][0]["reference"] != "K7Q-4MX-2"


def test_no_two_copies_share_what_must_be_unique() -> None:
    making = copier()
    copies = merged([making.copy(serial) for serial in range(50)])

    for table, columns in {"customers": ["id", "public_id", "value_index"], "cases": ["id", "reference"]}.items():
        for column in columns:
            assert len({row[column] for row in copies[table]}) == 50
    assert len({row["id"] for row in copies["events"]}) == 100


def test_a_text_keeps_its_length_and_its_hyphens() -> None:
    assert another("K7Q-4MX-2", 31) == "222-223-3"


def test_a_text_that_is_too_short_for_so_many_is_refused() -> None:
    with pytest.raises(OverflowError):
        another("AB", 900)
