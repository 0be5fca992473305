"""Postal addresses by the rules of their countries."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.customers import postal
from backoffice.customers.postal import PostalAddress
from backoffice.customers.postal_rules import countries, rules_of
from backoffice.refusals import Invalid


def address(country: str, *lines: str, **parts: str) -> PostalAddress:
    return PostalAddress(country=country, lines=lines, **parts)


def faults(given: PostalAddress) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        postal.check(given)
    return {part: list(sentences) for part, sentences in refused.value.errors.items()}


GOOD = [
    (
        address("NL", "Lange Voorhout 74", postal_code="2514eh", town="Den Haag"),
        ["Lange Voorhout 74", "2514 EH Den Haag"],
    ),
    (
        address("PL", "ul. Mariacka 5 m. 12", postal_code="80833", town="Gdańsk"),
        ["ul. Mariacka 5 m. 12", "80-833 Gdańsk", "POLAND"],
    ),
    (
        address("DE", "Hinterhaus", "Weserstraße 210 a", postal_code="D-12047", town="Berlin"),
        ["Hinterhaus", "Weserstraße 210 a", "12047 Berlin", "GERMANY"],
    ),
    (
        address("GB", "Rose Cottage", "Mill Lane", postal_code="cb39el", town="Cambridge"),
        ["Rose Cottage", "Mill Lane", "CAMBRIDGE", "CB3 9EL", "UNITED KINGDOM"],
    ),
    (
        address("IE", "The Old Rectory", town="Dingle", region="Kerry"),
        ["The Old Rectory", "Dingle", "Co. Kerry", "IRELAND"],
    ),
    (
        address("IE", "7 Fade Street", town="Dublin 2", postal_code="d02yx28"),
        ["7 Fade Street", "Dublin 2", "D02 YX28", "IRELAND"],
    ),
    (
        address("HK", "Flat 25, 12/F, Acacia Building", "150 Kennedy Road", town="Wan Chai", region="香港島"),
        ["Flat 25, 12/F, Acacia Building", "150 Kennedy Road", "Wan Chai", "HONG KONG ISLAND", "HONG KONG"],
    ),
    (
        address("CN", "No. 16 Tianhe Road", postal_code="510075", town="Guangzhou", district="Tianhe", region="广东省"),
        ["No. 16 Tianhe Road", "Tianhe", "Guangzhou", "GUANGDONG SHENG, 510075", "CHINA"],
    ),
    (
        address("US", "1600 Holloway Avenue", postal_code="941321722", town="San Francisco", region="california"),
        ["1600 Holloway Avenue", "SAN FRANCISCO, CA 94132-1722", "UNITED STATES"],
    ),
    (
        address(
            "JP",
            "1-3 Kita-Aoyama 2-chome",
            "Minato-ku",
            postal_code="〒１０７ー００６１".replace("ー", "-"),
            region="東京都",
        ),
        ["1-3 Kita-Aoyama 2-chome", "Minato-ku, TOKYO", "107-0061", "JAPAN"],
    ),
    (
        address("SG", "30 Prinsep Street", postal_code="188647"),
        ["30 Prinsep Street", "SINGAPORE 188647", "SINGAPORE"],
    ),
    (
        address("ES", "Calle de Alcalá 42", postal_code="28014", town="Madrid", region="Madrid"),
        ["Calle de Alcalá 42", "28014 MADRID MADRID", "SPAIN"],
    ),
    (
        address("AE", "PO Box 9770", region="دبي"),
        ["PO Box 9770", "Dubai", "UNITED ARAB EMIRATES"],
    ),
]


@pytest.mark.parametrize(("given", "lines"), GOOD, ids=[given.country for given, _lines in GOOD])
def test_an_address_is_checked_and_written_as_its_country_does(given: PostalAddress, lines: list[str]) -> None:
    checked = postal.check(given)

    assert postal.formatted(checked, sent_from="NL") == lines
    assert postal.check(checked) == checked
    assert postal.restored(postal.stored(checked)) == checked


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (address("NL", "Plein 1", postal_code="2511 AB Den", town="Haag"), "code"),
        (address("NL", "Plein 1", postal_code="0511 AB", town="Den Haag"), "code"),
        (address("NL", "Plein 1", town="Den Haag"), "code"),
        (address("NL", "Plein 1", postal_code="2511 AB"), "town"),
        (address("NL", "Plein 1", postal_code="2511 AB", town="Den Haag", region="Zuid-Holland"), "region"),
        (address("PL", "Prosta 51", postal_code="1016 GC", town="Warszawa"), "code"),
        (address("DE", "Weg 1", postal_code="1210", town="Berlin"), "code"),
        (address("GB", "10 Downing Street", postal_code="SW1A 2AAxyz", town="London"), "code"),
        (address("IE", "7 Fade Street", postal_code="D02 YX2", town="Dublin 2"), "code"),
        (address("HK", "150 Kennedy Road", town="Wan Chai"), "region"),
        (address("HK", "150 Kennedy Road", region="Kowloon", postal_code="999077"), "code"),
        (address("CN", "No. 1", postal_code="510075", town="Guangzhou", region="Atlantis"), "region"),
        (address("US", "1 Main St", postal_code="94132", town="Austin", region="TX"), "code"),
        (address("US", "1 Main St", postal_code="94132", town="San Francisco"), "region"),
        (address("JP", "1-3", postal_code="107-0061", town="Tokyo", region="Tokyo"), "town"),
        (address("XX", "Street 1"), "country"),
        (address("", "Street 1"), "country"),
        (address("NL", postal_code="2511 AB", town="Den Haag"), "line1"),
        (address("NL", " - ", postal_code="2511 AB", town="Den Haag"), "line1"),
        (address("NL", "x" * 46, postal_code="2511 AB", town="Den Haag"), "line1"),
        (address("NL", "Plein 1", postal_code="2511 AB", town="x" * 46), "town"),
        (address("NL", "Plein 1", postal_code="2511 AB", town="Den Haag", recipient="c/o " + "x" * 42), "recipient"),
        (address("NL", "a", "b", "c", "d", postal_code="2511 AB", town="Den Haag"), "line3"),
        (address("NL", "ул. Ленина 1", postal_code="2511 AB", town="Den Haag"), "line1"),
        (address("NL", "Plein 1 🏠", postal_code="2511 AB", town="Den Haag"), "line1"),
    ],
)
def test_what_the_country_does_not_know_is_refused_at_its_part(given: PostalAddress, part: str) -> None:
    assert set(faults(given)) == {part}


def test_the_words_say_how_the_postal_code_of_that_country_reads() -> None:
    assert faults(address("NL", "Plein 1", postal_code="12345", town="Den Haag"))["code"] == [
        "This is not a postal code (Netherlands). It reads like 1234 AB."
    ]
    assert faults(address("US", "1 Main St", town="Austin", region="TX"))["code"] == [
        "Write the ZIP code. It reads like 95014."
    ]


def test_all_faults_are_told_at_once_behind_the_prefix_of_the_form() -> None:
    with pytest.raises(Invalid) as refused:
        postal.check(address("GB", postal_code="1016 GC"), prefix="postal_")

    assert set(refused.value.errors) == {"postal_line1", "postal_code", "postal_town"}


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("NL", "1016gc", "1016 GC"),
        ("NL", "NL-1016 GC", "1016 GC"),
        ("NL", "１０１６　ＧＣ", "1016 GC"),
        ("PL", "PL-00-838", "00-838"),
        ("GB", "bfpo 61", "BFPO 61"),
        ("GB", "gir0aa", "GIR 0AA"),
        ("LU", "L-4750", "4750"),
        ("SE", "SE-114 55", "11455"),
        ("BR", "40301110", "40301-110"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("NL", "1234", None),
        ("DE", "1O115", None),
        ("HK", "", None),
    ],
)
def test_a_postal_code_is_read_however_people_write_it(country: str, typed: str, written: str | None) -> None:
    rules = rules_of(country)
    assert rules is not None

    assert rules.code(typed) == written


@pytest.mark.parametrize(
    "line", ["Postbus 1234", "De Molen", "Lange Niezel 1-3 II", "Unit ½, The Mews", "Saint-Étienne № 4", "Bahnhof"]
)
def test_a_line_needs_no_house_number(line: str) -> None:
    assert postal.check(address("NL", line, postal_code="1000 AA", town="’s-Hertogenbosch")).lines == (line,)


@pytest.mark.parametrize("hidden", ["Pl\u200bein 1", "  Plein\t1 ", "Plein\n1", "Plein\x001", "Plein\u20281"])
def test_what_nobody_sees_is_taken_out(hidden: str) -> None:
    assert postal.check(address("NL", hidden, postal_code="2511 AB", town="Den Haag")).lines == ("Plein 1",)


def test_capitals_count_for_no_country_and_a_percent_sign_is_only_a_sign() -> None:
    checked = postal.check(address("nl", "Hal %Z %C", postal_code="2511 AB", town="Den Haag"))

    assert postal.text_of(checked) == "Hal %Z %C\n2511 AB Den Haag"


def test_names_stand_where_the_country_writes_them_and_the_recipient_below() -> None:
    checked = postal.check(address("GB", "Mill Lane", postal_code="CB3 9EL", town="Ely", recipient="c/o Smith"))

    assert postal.formatted(checked, names=["Maria Jansen"], sent_from="GB") == [
        "Maria Jansen",
        "c/o Smith",
        "Mill Lane",
        "ELY",
        "CB3 9EL",
    ]


LABELS: list[tuple[PostalAddress, tuple[str, ...] | None]] = [
    (address("NL", "Plein 1"), ("Plein 1",)),
    (address("NL", "Plein 1", recipient="c/o Smit"), ("c/o Smit", "Plein 1")),
    (
        address("GB", "Flat 3", "Rose Court", "12 Mill Lane", recipient="c/o Smith"),
        ("c/o Smith, Flat 3", "Rose Court, 12 Mill Lane"),
    ),
    (address("NL", "x" * 45, "y" * 45), ("x" * 45, "y" * 45)),
    (address("NL", "x" * 45, "y" * 45, recipient="c/o Smit"), None),
    (address("NL", "x" * 30, "y" * 30, "z" * 30), None),
]


@pytest.mark.parametrize(("given", "lines"), LABELS)
def test_neighbours_share_a_line_of_the_label_when_they_must(
    given: PostalAddress, lines: tuple[str, ...] | None
) -> None:
    assert postal.on_label(given) == lines


def test_what_does_not_fit_on_a_label_is_refused_when_it_is_entered() -> None:
    given = address("NL", "x" * 45, "y" * 45, recipient="c/o Smit", postal_code="2511 AB", town="Den Haag")

    assert set(faults(given)) == {"line2"}


def test_every_country_has_rules_whose_own_examples_pass() -> None:
    assert len(countries()) > 240
    for country in countries():
        rules = rules_of(country)
        assert rules is not None
        assert all(rules.code(example) for example in rules.code_examples if ":" not in example), country
        assert all(rules.region(region.value) == region for region in rules.regions), country


def test_an_address_has_no_repr_that_a_log_could_show() -> None:
    assert "Plein" not in repr(address("NL", "Plein 1"))


@pytest.mark.parametrize(
    ("given", "masked"),
    [
        ({"country": "NL", "town": "Den Haag", "postal_code": "2511 AB"}, "•••, Den Haag"),
        ({"country": "HK", "region": "Kowloon"}, "•••, Kowloon, Hong Kong"),
        ({"country": "SG", "postal_code": "188647"}, "•••, Singapore"),
    ],
)
def test_people_see_the_town_and_the_country(given: dict[str, Any], masked: str) -> None:
    assert postal.mask(PostalAddress(lines=("Geheim 1",), **given)) == masked
