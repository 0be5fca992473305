"""Text has one form in which it is kept, and one in which it is compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.text import digits_of, folded, kept, kept_lines, words_of


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Zo\u0308e", "Zöe"),
        ("  Maria\u00a0 \t Jansen ", "Maria Jansen"),
        ("Ma\u200bria\ufeff", "Maria"),
        ("\u202eneJ", "neJ"),
        ("Jan\u00adsen", "Jansen"),
        ("Jan\x00sen\x07", "Jansen"),
        ("\u3164Kim", "Kim"),
        ("A\u2800B", "A B"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Ma\u200cria", "Maria"),
        ("\ud800Maria", "Maria"),
        ("葛\U000e0100城", "葛\U000e0100城"),
    ],
)
def test_a_text_is_kept_as_written_without_what_nobody_sees(written: str, stored: str) -> None:
    assert kept(written) == stored


@pytest.mark.parametrize("written", ["", "   ", "\u200b\u200d", "\u3164\u3164", "\u0301", "\u2800", "\u202e", "\x00"])
def test_nothing_is_left_of_a_text_that_nobody_can_see(written: str) -> None:
    assert kept(written) == ""


def test_lines_stay_apart_and_lose_what_nobody_sees() -> None:
    assert kept_lines("\n one \r\ntwo\u2028three\n\n\n\nfour\u200b\n\n") == "one\ntwo\nthree\n\nfour"


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Żółć", "zolc"),
        ("Groß", "GROSS"),
        ("O’Connor", "O'Connor"),
        ("İstanbul", "istanbul"),
        ("Søren Ærø", "soren aero"),
        ("Ðorđe", "Dorde"),
        ("ﬁne", "FINE"),
        ("Ｍａｒｉａ", "maria"),
        ("Anna–Maria", "anna-maria"),
        ("Ελένη", "ΕΛΕΝΗ"),
        ("Ἀλέξανδρος", "αλεξανδροσ"),
        ("مُحَمَّد", "محمد"),
        ("٠١٢", "012"),
        ("が", "か\u3099"),
        ("한", "\u1112\u1161\u11ab"),
        ("Zoë", "Zoe\u0308"),
    ],
)
def test_what_people_read_as_the_same_compares_as_the_same(stored: str, typed: str) -> None:
    assert folded(stored) == folded(typed)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("Jansen", "Janssen"), ("कि", "की"), ("王", "玉")])
def test_what_tells_two_words_apart_stays(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_words_are_parted_by_blanks_dashes_and_dots_and_joined_by_an_apostrophe() -> None:
    assert words_of("Dr. Anne-Marie O’Connor d'Arc") == ["dr", "anne", "marie", "oconnor", "darc"]


def test_digits_of_every_script_are_read() -> None:
    assert digits_of("+٣١ (०20) ５５5-①") == "31020555"


@given(st.text(max_size=60))
def test_both_forms_are_their_own_form(text: str) -> None:
    assert kept(kept(text)) == kept(text)
    assert folded(folded(text)) == folded(text)
    assert folded(kept(text)) == folded(text)


@given(st.text(max_size=60))
def test_the_spelling_of_unicode_makes_no_difference(text: str) -> None:
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


@given(st.text(max_size=60))
def test_what_is_kept_can_be_stored(text: str) -> None:
    kept(text).encode()
    assert "\x00" not in kept(text)


@given(st.text(st.characters(max_codepoint=0x7F), max_size=60))
def test_what_needs_no_care_is_read_as_what_does(text: str) -> None:
    assert kept(text) == kept(f"{text}\u200b")
    assert folded(text) == folded(f"{text}\u0301").strip()
