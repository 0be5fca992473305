"""What a customer tells us is stored in one form, and nothing that cannot be seen is stored at all."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.actors import system
from backoffice.customers import birth_dates, contact_points, reading
from backoffice.customers.addresses import clean, index_of, mask
from backoffice.customers.forms import NewCustomerForm
from backoffice.customers.models import Customer
from backoffice.customers.registering import Particulars, faults, register
from backoffice.refusals import Invalid
from tests.factories import actor, make_customer, make_staff, now

TODAY = date(2026, 11, 29)
NOTHING = ["", "  ", "\u200b", "\u3164", "\u2800", "\u00ad\u2060", "\u202e\u2066", "\u0301", "\x00"]


@pytest.mark.parametrize("typed", NOTHING)
def test_names_of_which_nothing_can_be_seen_are_missing(typed: str) -> None:
    person = Particulars(given_name=typed, family_name=typed)
    organisation = Particulars(kind="organisation", organisation_name=typed)

    assert list(faults(person, today=TODAY)) == ["family_name"]
    assert faults(organisation, today=TODAY) == {"organisation_name": ["Enter this name."]}


@pytest.mark.parametrize("typed", NOTHING)
def test_one_name_that_can_be_seen_is_enough(typed: str) -> None:
    assert faults(Particulars(given_name=typed, family_name="Suharto"), today=TODAY) == {}
    assert faults(Particulars(given_name="Suharto", family_name=typed), today=TODAY) == {}


@pytest.mark.django_db
def test_a_name_is_stored_as_it_is_kept() -> None:
    customer = register(
        particulars=Particulars(given_name=" Zo\u0301ł\u200b ", family_name="\u202eŻ  ółć\u202c"),
        by=system(),
        now=now(),
    )

    assert (customer.given_name, customer.family_name) == ("Zół", "Ż ółć")


def test_the_form_refuses_a_name_of_invisible_characters_on_its_field() -> None:
    form = NewCustomerForm({"kind": "person", "given_name": "\u3164", "family_name": "\u2800"})

    assert "family_name" in form.errors


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1984-05-17", "1984-05-17"),
        (" 1984-5-7 ", "1984-05-07"),
        ("1984–05–17", "1984-05-17"),
        ("１９８４-０５-１７", "1984-05-17"),
        ("١٩٨٤-٠٥-١٧", "1984-05-17"),
        ("1984 - 05 - 17", "1984-05-17"),
        ("2000-02-29", "2000-02-29"),
        ("1900-01-01", "1900-01-01"),
        ("2026-11-29", "2026-11-29"),
    ],
)
def test_a_birth_date_has_one_written_form(typed: str, stored: str) -> None:
    assert birth_dates.clean(typed, today=TODAY) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2000-W09-2", "Write the date as year-month-day: 1984-05-17."),
        ("20000229", "Write the date as year-month-day: 1984-05-17."),
        ("2000-060", "Write the date as year-month-day: 1984-05-17."),
        ("17-05-1984", "Write the date as year-month-day: 1984-05-17."),
        ("1984-05-17T00:00", "Write the date as year-month-day: 1984-05-17."),
        ("0x7c0-05-17", "Write the date as year-month-day: 1984-05-17."),
        ("2001-02-29", "There is no such day: this month had 28 days."),
        ("1900-02-29", "There is no such day: this month had 28 days."),
        ("1984-04-31", "There is no such day: this month had 30 days."),
        ("1984-05-00", "There is no such day: this month had 31 days."),
        ("1984-17-05", "There is no month 17. Write year, month, day: 1984-05-17."),
        ("1984-00-05", "There is no month 0. Write year, month, day: 1984-05-17."),
        ("2026-11-30", "This date is in the future."),
        ("2984-05-17", "This date is in the future."),
        ("1899-12-31", "This date is too long ago. Check the year."),
        ("0000-01-01", "This date is too long ago. Check the year."),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused_in_words_that_fit(typed: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        birth_dates.clean(typed, today=TODAY)

    assert refused.value.errors == {"birth_date": [sentence]}


@pytest.mark.django_db
def test_a_birth_date_of_invisible_characters_is_none() -> None:
    assert make_customer(birth_date="\u200b").birth_date == ""


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("J.Gross@Straße.Example", "J.Gross@xn--strae-oqa.example"),
        ("j.gross@STRASSE.example", "j.gross@strasse.example"),
        ("j.gross@XN--STRAE-OQA.example", "j.gross@xn--strae-oqa.example"),
        ("maria\u200b@example.org ", "maria@example.org"),
        ("ｍａｒｉａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "maria@example.org"),
        ("o’connor@example.org", "o'connor@example.org"),
        ("anne\u2011marie@example.org", "anne-marie@example.org"),
        ("maria@mu\u0308nchen\u3002example", "maria@xn--mnchen-3ya.example"),
        ("maria@example.org.", "maria@example.org"),
    ],
)
def test_mail_is_sent_to_the_domain_that_was_written_and_to_no_other(typed: str, written: str) -> None:
    assert clean(kind="mail", value=typed) == written


@pytest.mark.parametrize(
    "typed",
    ["maria", "@example.org", "maria@", "maria@example", "maria@[127.0.0.1]", "maria@localhost", "ma ria@example.org",
     "maria@ex_ample.org", "maria@☕.example", "żółć@example.org", "maria@192.0.2.7", "maria@@example.org"],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused_on_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(kind="mail", value=typed, field="mail")

    assert list(refused.value.errors) == ["mail"]


def test_two_domains_have_two_indexes_and_one_domain_has_one() -> None:
    def index(value: str) -> str:
        return index_of(kind="mail", value=value)

    assert index("j.gross@straße.example") != index("j.gross@strasse.example")
    assert index("j.groß@example.org") != index("j.gross@example.org")
    assert index("j.gross@straße.example") == index("J.Gross@xn--strae-oqa.EXAMPLE") == index(" j.gross@Straße.example")


def test_a_masked_address_shows_the_domain_as_people_write_it() -> None:
    assert mask(kind="mail", value="j.gross@xn--strae-oqa.example") == "j•••@straße.example"


@pytest.mark.parametrize(
    "typed", ["+31 20 555‑01‑12", "٠٢٠ ٥٥٥ ٠١١٢", "\u202a+31 20 555 0112\u202c", "(020) 555\u00a00112"]
)
def test_a_telephone_number_has_one_written_form(typed: str) -> None:
    assert clean(kind="phone", value=typed, country="NL") == "+31205550112"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", NOTHING)
def test_an_address_is_not_verified_by_nothing(typed: str) -> None:
    customer = make_customer()
    point = contact_points.supersede(
        customer=customer, kind="phone", value="+12065550190", how=typed, by=system(), now=now()
    )

    assert point.verified_at is None
    with pytest.raises(Invalid) as refused:
        contact_points.verify(point=point, how=typed, by=system(), now=now())
    assert list(refused.value.errors) == ["how"]


@pytest.mark.django_db
def test_a_record_is_not_opened_for_ten_invisible_characters() -> None:
    user = make_staff()

    with pytest.raises(Invalid) as refused:
        reading.open_record(customer=make_customer(), by=actor(user), user=user, now=now(), reason="a" + "\u200b" * 12)

    assert list(refused.value.errors) == ["reason"]


@pytest.mark.django_db
def test_the_names_of_a_customer_who_is_there_are_in_no_form() -> None:
    """So that nobody gets round the rule that keeps the texts by which they are found."""
    from django.contrib import admin
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = make_staff(is_superuser=True)
    shown = admin.site.get_model_admin(Customer)

    assert not shown.has_change_permission(request, make_customer())
