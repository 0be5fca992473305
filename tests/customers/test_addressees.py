"""Whose name is on a letter and on a label."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.customers import addressees
from backoffice.customers.models import Customer, CustomerKind
from backoffice.refusals import Invalid
from tests.factories import make_address

HERE = make_address("Damrak 1")


def person(given: str, family: str) -> Customer:
    return Customer(kind=CustomerKind.PERSON, given_name=given, family_name=family)


def organisation(name: str, contact: str = "") -> Customer:
    return Customer(kind=CustomerKind.ORGANISATION, organisation_name=name, contact_person=contact)


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Maria", "Jansen", "Maria Jansen"),
        ("Suharto", "", "Suharto"),
        ("", "Mononym", "Mononym"),
        ("Maria Johanna Wilhelmina Elisabeth", "van der Berg", "Maria J. W. E. van der Berg"),
        ("Wolfeschlegelsteinhausenbergerdorff Hubert", "van den Broek", "W. H. van den Broek"),
        ("Pablo", "Diego José Francisco de Paula Juan Nepomuceno", "P. Diego José Francisco de Paula Juan"),
        ("Anna", "Leutheusser-Schnarrenberger-Hohenlohe-Waldenburg", "A. Leutheusser-Schnarrenberger-Hohenlohe"),
        ("", "x" * 80, "x" * 45),
        ("A" * 100, "B" * 100, "A."),
    ],
)
def test_a_long_name_is_shortened_by_a_rule_and_not_within_a_word(given: str, family: str, name: str) -> None:
    shortened = addressees.fitted(given, family)

    assert shortened == name
    assert len(shortened) <= 45


def test_a_letter_has_the_whole_name_however_long() -> None:
    long = person("Maria " * 20, "van der Berg")

    assert addressees.letter_to(long, HERE)[0] == long.name
    assert len(addressees.label(long, HERE).name) <= 45


def test_an_organisation_has_its_contact_person_on_a_line_of_a_letter_and_behind_its_name_on_a_label() -> None:
    tulip = organisation("Tulip B.V.", "M. Jansen")

    assert addressees.letter_to(tulip, HERE) == ["Tulip B.V.", "attn. M. Jansen", "Damrak 1", "1015 CJ Amsterdam"]
    assert addressees.label(tulip, HERE) == addressees.Label("Tulip B.V., attn. M. Jansen", "Damrak 1")


def test_a_contact_person_who_does_not_fit_behind_the_name_stands_above_the_street() -> None:
    tulip = organisation("Koninklijke Tulpenhandel Aalsmeer B.V.", "Maria Jansen-de Wit")

    assert addressees.label(tulip, HERE) == addressees.Label(
        "Koninklijke Tulpenhandel Aalsmeer B.V.", "attn. Maria Jansen-de Wit", "Damrak 1"
    )


def test_a_contact_person_for_whom_a_label_has_no_room_is_on_the_letter_only() -> None:
    tulip = organisation("Koninklijke Tulpenhandel Aalsmeer B.V.", "Maria Jansen-de Wit")
    full = make_address("x" * 45, "y" * 45)

    assert addressees.label(tulip, full) == addressees.Label(
        "Koninklijke Tulpenhandel Aalsmeer B.V.", "x" * 45, "y" * 45
    )
    assert "attn. Maria Jansen-de Wit" in addressees.letter_to(tulip, full)


def test_a_line_for_somebody_elses_door_stands_under_the_name() -> None:
    there = make_address("Damrak 1", recipient="c/o Smit")

    assert addressees.letter_to(person("Jan", "Bos"), there)[:2] == ["Jan Bos", "c/o Smit"]
    assert addressees.label(person("Jan", "Bos"), there) == addressees.Label("Jan Bos", "c/o Smit", "Damrak 1")


@pytest.mark.parametrize("name", ["王小明", "Мария Иванова", "محمد"])
def test_a_name_that_the_post_cannot_read_needs_a_line_that_it_can(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        addressees.check(person(name, ""), HERE)
    there = make_address("Damrak 1", recipient="Wang Xiaoming")

    addressees.check(person(name, ""), there)

    assert set(refused.value.errors) == {"recipient"}
    assert addressees.label(person(name, ""), there) == addressees.Label("Wang Xiaoming", "Damrak 1")


@pytest.mark.parametrize("name", ["Żółćińska", "Đặng Thị Huệ", "O’Brien-Ó Súilleabháin", "ʻAkilisi"])
def test_accents_are_latin(name: str) -> None:
    addressees.check(person(name, ""), HERE)


def test_a_label_has_no_repr_that_a_log_could_show() -> None:
    shown: Any = addressees.label(person("Jan", "Bos"), HERE)

    assert "Bos" not in repr(shown)
