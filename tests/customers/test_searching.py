from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.customers import contact_points, names
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


@pytest.mark.parametrize(
    ("given", "family", "typed"),
    [
        ("Zofia", "Żółć", ["zolc", "Żółć", "Z\u0307o\u0301łc\u0301", "ZOLC zofia", "zof żół"]),
        ("Jörg", "Groß", ["Gross", "GROSS", "groß", "jorg", "Joerg Gross", "gross, j."]),
        ("Sinéad", "O’Connor", ["O'Connor", "OConnor", "o’connor", "O\u02bcConnor", "connor", "sinead o'c"]),
        ("Maria  Anna", "de  Vries", ["maria  anna", "anna vries", "vries maria", "devries", "de vries, m. a."]),
        ("小明", "王", ["王小明", "小明王", "王 小明", "小明 王", "小明", "王小"]),
        ("Günther", "Müller", ["Mueller", "Muller", "Guenther Muller", "mueller gunther"]),
        ("Soeren", "Kjær", ["Søren", "kjaer", "Soeren Kjær", "søren kj"]),
        ("Anne-Marie", "Janssen", ["annemarie", "anne marie", "marie janssen", "Anne\u2011Marie"]),
        ("İbrahim", "Işık", ["ibrahim", "isik", "IŞIK", "ISIK İBRAHİM"]),
        ("はなこ", "ガルシア", ["ｶﾞﾙｼｱ", "ガルシアはなこ", "はなこ"]),
        ("علي", "الحُسَين", ["الحسين", "علي الحسين"]),
    ],
)
def test_a_name_is_found_in_every_spelling(given: str, family: str, typed: list[str]) -> None:
    make_customer(given_name="Piotr", family_name="Nowak")
    customer = make_customer(given_name=given, family_name=family)

    assert [one for one in typed if list(find(text=one)) != [customer]] == []


@pytest.mark.parametrize("typed", ["zolc x", "connor p", "vries de jan", "lc", "王明"])
def test_every_word_must_begin_a_word_of_the_name(typed: str) -> None:
    for given, family in (("Zofia", "Żółć"), ("Sinéad", "O’Connor"), ("Maria", "de Vries"), ("小明", "王")):
        make_customer(given_name=given, family_name=family)

    assert list(find(text=typed)) == []


@pytest.mark.parametrize("typed", ["tulip bv", "Tulip B.V.", "tulip b v", "b.v. tulip", "trading", "loreal", "oreal"])
def test_an_organisation_is_found_by_any_word_and_without_its_dots(typed: str) -> None:
    tulip = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="Tulip Trading B.V. – L’Oréal")

    assert list(find(text=typed)) == [tulip]


def test_an_organisation_of_digits_is_found_as_one() -> None:
    customer = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="4711")

    assert list(find(text="4711")) == [customer]


def test_a_wildcard_is_a_character_like_any_other() -> None:
    bio = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="100% Bio")
    make_customer(kind=CustomerKind.ORGANISATION, organisation_name="100 Bio")

    assert list(find(text="100% bio")) == [bio]


@pytest.mark.parametrize(
    "typed",
    [
        "+31 20 555 0112",
        "0031 20 555 0112",
        "020 555 0112",
        "(020) 555‑01 12",
        "+31 (0)20 555 0112",
        "tel:+31205550112",
        "٠٢٠٥٥٥٠١١٢",
        "5550112",
        "550112",
        "0112",
        "50112",
    ],
)
def test_a_number_is_found_in_every_notation_and_by_its_last_digits(typed: str) -> None:
    make_customer(contacts={"phone": "+31 20 555 0199"})
    customer = make_customer(contacts={"phone": "+31 20 555 0112"})

    assert list(find(text=typed)) == [customer]


def test_a_number_abroad_is_found_as_it_is_dialled_there() -> None:
    customer = make_customer(country="PL", contacts={"phone": "+48 22 555 01 12"})

    assert list(find(text="22 555 01 12")) == [customer]


@pytest.mark.parametrize("typed", ["112", "9550112", "1550112", "205550113"])
def test_other_digits_find_nobody(typed: str) -> None:
    make_customer(contacts={"phone": "+31 20 555 0112"})

    assert list(find(text=typed)) == []


@pytest.mark.parametrize(
    "typed",
    ["J.Gross@straße.example", "j.gross@xn--strae-oqa.example", "Jörg <j.gross@straße.example>",
     "mailto:j.gross@straße.example", "j.gross＠straße．example", "j.gross@stra\u200bße.example"],
)  # fmt: skip
def test_mail_is_found_with_its_domain_in_either_form(typed: str) -> None:
    customer = make_customer(contacts={"mail": "j.gross@straße.example"})
    make_customer(contacts={"mail": "j.gross@strasse.example"})

    assert list(find(text=typed)) == [customer]


@pytest.mark.parametrize("typed", ["111222333", "111 222 333", "111\u2011222\u2011333", "１１１２２２３３３"])
def test_a_national_id_is_found_however_it_is_grouped(maria: Customer, typed: str) -> None:
    assert list(find(text=typed)) == [maria]


def test_a_name_without_blanks_is_found_by_its_last_characters() -> None:
    customer = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="北京大学")

    assert list(find(text="大学")) == [customer]


def test_common_words_together_find_those_who_have_both() -> None:
    many = 60
    Customer.objects.bulk_create(
        Customer(given_name=given, family_name=family)
        for given, family in [("Jan", "Bakker")] * many + [("Piet", "de Vries")] * many + [("Jan", "de Vries")]
    )
    names.index_names(*Customer.objects.filter(name_entries=None))

    found = find(text="vries jan")

    assert {customer.name for customer in found} == {"Jan de Vries"}


@pytest.mark.parametrize("typed", ["a", "a b", "jan de vries", "a b c d e f g h"])
def test_names_are_read_by_an_index_that_stops(maria: Customer, typed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as asked:
        list(find(text=typed))

    entries = [one["sql"] for one in asked if "customers_nameentry" in one["sql"]]
    for sql in (one for one in entries if "LIKE" in one):
        assert "LIMIT 150" in sql
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "customers_by_name" in plan
        assert "Index Cond" in plan
    assert len(entries) <= 40


def test_last_digits_are_read_by_an_index(maria: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as asked:
        list(find(text="0113"))
        list(find(text="550113"))

    plans = []
    for sql in (one["sql"] for one in asked if "last_" in one["sql"].partition("WHERE")[2]):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert "phones_by_last_four" in plans[0]
    assert "phones_by_last_six" in plans[1]
