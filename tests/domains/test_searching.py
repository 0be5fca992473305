"""A domain is found in both of its forms, and by its parts."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.domains.models import Domain
from backoffice.domains.searching import find
from tests.factories import make_domain

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Domain:
    make_domain(name="tulip.example")
    return make_domain(name="mein-shop.straße.example")


@pytest.mark.parametrize(
    "typed",
    [
        "mein-shop.straße.example",
        "mein-shop.xn--strae-oqa.example",
        "MEIN-SHOP.Straße.EXAMPLE.",
        "mein‑shop．straße．example",
        "mein-shop.stra\u200bße.example",
        "mein",
        "shop",
        "shop.str",
        "straß",
        "strasse.exa",
        "xn--str",
        "www.mein-shop",
    ],
)
def test_a_domain_is_found_in_every_form_and_by_the_beginning_of_its_parts(shop: Domain, typed: str) -> None:
    assert list(find(text=typed)) == [shop]


@pytest.mark.parametrize(
    "typed", ["", "st", "hop", "example", "traß", "mein shop", "maria@mein-shop", "%", "str%", "s_r"]
)
def test_nothing_else_is_found(shop: Domain, typed: str) -> None:
    assert list(find(text=typed)) == []


def test_a_whole_name_is_that_name_and_no_other() -> None:
    sharp, double = make_domain(name="straße.example"), make_domain(name="strasse.example")

    assert list(find(text="straße.example")) == [sharp]
    assert list(find(text="STRASSE.example")) == [double]
    assert set(find(text="strass")) == {sharp, double}


def test_the_parts_are_read_by_their_index(shop: Domain) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as asked:
        list(find(text="straß"))

    sql = next(one["sql"] for one in asked if "domains_domainpart" in one["sql"] and "LIKE" in one["sql"])
    assert "LIMIT" in sql
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        assert "domains_by_part" in "\n".join(line for (line,) in cursor.fetchall())
