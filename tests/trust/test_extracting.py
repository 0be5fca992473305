"""What is read from a text, in whatever spelling; and that a hostile text takes no longer than another."""

from __future__ import annotations

import time

import pytest

from backoffice.trust.extracting import LONGEST, asks_for, extract, run_of

SPELLINGS = {
    "as we write it": "K7Q-4MX-4",
    "lower case": "k7q-4mx-4",
    "no dashes": "K7Q4MX4",
    "blanks": " K7Q 4MX 4 ",
    "en dashes": "K7Q–4MX–4",
    "em dashes and blanks": "K7Q — 4MX — 4",
    "hyphens that do not break": "K7Q\u20114MX\u20114",
    "minus signs": "K7Q\u22124MX\u22124",
    "full width": "Ｋ７Ｑ－４ＭＸ－４",
    "digits of Arabic": "K\u0667Q-\u0664MX-\u0664",
    "invisible characters": "\u200bK7Q\u00ad-4MX\u2060-4\ufeff",
    "characters of direction": "\u2066K7Q-4MX-4\u2069",
    "a quotation": "“K7Q-4MX-4”.",
    "brackets": "[K7Q-4MX-4]",
    "full stops": "K7Q.4MX.4",
    "slashes": "K7Q/4MX/4",
    "a sentence": "My code is K7Q-4MX-4, is it yours?",
    "a sentence with en dashes": "Case K7Q–4MX–4, please",
    "two lines": "K7Q-4MX-\n4",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_reference_is_read_in_any_spelling(spelling: str) -> None:
    found = extract(SPELLINGS[spelling])

    assert [*found.references, *found.chance_references] == ["K7Q-4MX-4"]
    assert found.broken_references == []


def test_a_reference_with_blanks_in_a_sentence_counts_only_where_we_made_it() -> None:
    found = extract("the code is K7Q 4MX 4, she says")

    assert (found.references, found.chance_references) == ([], ["K7Q-4MX-4"])


@pytest.mark.parametrize(
    "broken",
    ["K7Q-4MX-3", "K7Q-4MX-O", "k7q 1mx 4", "K7Q–4MX–3", "K7Q-4MX", "47A-AWZ-TTT-67G-K", "see K7Q-4MX-3, she says"],
)
def test_what_was_meant_as_a_reference_and_cannot_be_one_is_told(broken: str) -> None:
    found = extract(broken)

    assert found.references == []
    assert len(found.broken_references) == 1


@pytest.mark.parametrize(
    "text", ["hello there", "maria92@example.org", "+31 6 12345678", "23-11-2026", "a-b-c", "www.ab1.nl"]
)
def test_what_is_no_reference_is_none(text: str) -> None:
    found = extract(text)

    assert (found.references, found.broken_references) == ([], [])


def test_the_addresses_of_links_in_html_are_read_and_those_of_its_grammar_are_not() -> None:
    found = extract(
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Sign&nbsp;in <a href=\"https://evil.test/x\">here</a></p>"
        "<img/src=//pixel.test/1.gif></body></html>"
    )

    assert found.hosts == ["evil.test", "pixel.test"]
    assert "Sign in" in found.text
    assert found.is_source


def test_what_is_no_html_stays() -> None:
    assert extract("a < b, <post@meridian.example> & <https://evil.test/>").text == (
        "a < b, <post@meridian.example> & <https://evil.test/>"
    )


def test_the_message_itself_is_the_last_of_those_that_were_passed_on() -> None:
    found = extract("From: a@example.org\nTo: b@example.org\n\n> Van: c@example.org\n> Onderwerp: Hallo")

    assert found.headers("from") == ["a@example.org", "c@example.org"]
    assert found.headers("subject") == ["Hallo"]
    assert found.body.strip() == ""


def test_a_secret_is_asked_for_unless_its_sentence_says_never() -> None:
    assert asks_for(run_of("We never ask for your PIN. Answer with your CVC!")) == ["cvc"]


HOSTILE = [
    *("1", "1 ", "(1", "+1", "1-", "06 12345678 ", "@", "a@", "a@a.", "-", "a-", "--a", "aaa-", "aaa ", "K7Q-4MX-3 "),
    *("<", ">", "> ", "[", "]", "<a ", "<a href=", "<!", "&#1", "&lt;", "www.", "://", "http://", "a.", "a.b/c ", "a:"),
    *("\nFrom: ", "wrote", "wrote wrote\n", "---\n", "-_a-" * 70 + "\n", "sent from my", "never pin. ", "*", "_", "'"),
    *("\u200b", "\ufdfa", "é", "\u0301", " \n", "\u202e"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_in_a_fifth_of_a_second(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    seconds = min(seconds_for(text) for _turn in range(2))

    assert seconds < 0.2


def seconds_for(text: str) -> float:
    """Of this processor alone, so that a busy machine does not count."""
    began = time.process_time()
    found = extract(text)
    read = (found.references, found.broken_references, found.chance_references, found.mails, found.phones, found.hosts)
    assert read
    assert isinstance(asks_for(found.run), list)
    assert isinstance(found.words, list)
    return time.process_time() - began


def test_a_number_of_a_character_that_is_too_long_to_read_is_dropped() -> None:
    assert extract("a &#" + "9" * 6000 + "; b").text == "a b"
