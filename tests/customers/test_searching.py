from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.customers import contact_points, names, searching
from backoffice.customers.models import ContactPoint, Customer, CustomerKind
from backoffice.customers.searching import find, match
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


def register_many(*people: tuple[str, str], times: int = 60) -> None:
    Customer.objects.bulk_create(
        Customer(given_name=given, family_name=family) for given, family in people for _ in range(times)
    )
    names.index_names(*Customer.objects.filter(name_entries=None))


def test_common_words_together_find_those_who_have_both() -> None:
    register_many(("Jan", "Bakker"), ("Piet", "de Vries"))
    make_customer(given_name="Jan", family_name="de Vries")

    found = match(text="vries jan")

    assert {customer.name for customer in found.customers} == {"Jan de Vries"}
    assert not found.more


@pytest.mark.parametrize(
    "typed", ["ja baa", "baa ja", "j. baas", "jaap b", "jaap baas jaap", "a. jaap ba", "ba jaap aal", "JAA BA"]
)
def test_the_beginnings_of_common_words_find_those_who_have_all(typed: str) -> None:
    register_many(("Jaap Aalt", "de Wit"), ("Jan", "Baars"), ("Jaan", "Smit"), ("Piet", "Baak"), ("Aal", "Baan"))
    make_customer(given_name="Jaap Aal", family_name="Baas")

    found = match(text=typed)

    assert "Jaap Aal Baas" in {customer.name for customer in found.customers}
    words = {word.strip(".").casefold() for word in typed.split()}
    for customer in found.customers:
        assert all(any(part.casefold().startswith(word) for part in customer.name.split()) for word in words)


def test_what_is_too_common_to_be_read_to_its_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_READ_WIDELY", 160)
    register_many(("Jaap", "Wit"), ("Jaan", "Wit"), ("Piet", "Baak"), ("Aal", "Baan"), times=90)
    make_customer(given_name="Jazz", family_name="Baas")

    found = {typed: match(text=typed) for typed in ("ja ba", "ja", "jazz ba", "jazz", "jaap wit", "piet wit")}

    assert {typed: one.more for typed, one in found.items()} == {
        "ja ba": True, "ja": True, "jazz ba": False, "jazz": False, "jaap wit": False, "piet wit": False,
    }  # fmt: skip
    assert [len(one.customers) for one in found.values()] == [0, 100, 1, 1, 90, 0]


def test_as_many_numbers_with_the_same_end_as_can_be_read_are_not_all() -> None:
    phone = make_customer(contacts={"phone": "+31 20 555 0112"}).contact_points.get(kind="phone")
    for number in range(201):
        customer = Customer.objects.create(given_name="Ada", family_name=f"B{number}")
        ContactPoint.objects.create(
            customer=customer, kind="phone", value=phone.value, value_index=str(number), masked="", since=now(),
            last_four_index=phone.last_four_index, last_six_index=phone.last_six_index,
        )  # fmt: skip

    few, many = match(text="+31 20 555 0112"), match(text="0112")

    assert (many.more, len(many.customers)) == (True, 100)
    assert len(few.customers) == 100


def test_a_number_in_force_is_found_before_those_that_were_superseded() -> None:
    before = [make_customer(contacts={"phone": f"+31 20 {area} 0112"}) for area in range(500, 520)]
    for one in before:
        contact_points.supersede(customer=one, kind="phone", value="+12025550150", how="", by=system(), now=now())
    today = make_customer(contacts={"phone": "+31 20 555 0112"})

    keys = searching._by_last_digits("0112").keys

    assert (keys[0], len(keys)) == (today.pk, 21)


@pytest.mark.parametrize("typed", ["a", "a b", "jan de vries", "a b c d e f g h"])
def test_names_are_read_by_an_index_that_stops(maria: Customer, typed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as asked:
        list(find(text=typed))

    entries = [one["sql"] for one in asked if "customers_nameentry" in one["sql"]]
    for sql in (one for one in entries if "LIKE" in one):
        of_each = "customers_customer" in sql
        assert ("LIMIT 1)" if of_each else "LIMIT 2000" if "LIMIT 2000" in sql else "LIMIT 150") in sql
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert ("SubPlan" if of_each else "customers_by_name") in plan
        assert "Index Cond" in plan
        assert "Seq Scan" not in plan
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
