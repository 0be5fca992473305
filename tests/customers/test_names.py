"""The entries under which a name is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backoffice.customers.names import LONGEST_WORD, entries_of, readings_of

LETTERS = st.text(alphabet="aäÖüåØßijİ王小é'’.-– \u0301\u200bÆ1B", max_size=30)


def test_each_two_words_have_an_entry_in_both_orders() -> None:
    assert entries_of(("Maria", "Jansen")) == {"maria jansen", "jansen maria"}


def test_a_name_that_is_written_apart_is_also_found_together() -> None:
    assert entries_of(("Jan", "de Vries")) == {
        "jan de", "de jan", "jan vries", "vries jan", "de vries", "vries de", "jan devries", "devries jan",
    }  # fmt: skip


def test_a_letter_that_is_also_written_with_two_has_entries_for_both() -> None:
    assert entries_of(("Jo", "Müller")) == {"jo muller", "jo mueller", "muller jo", "mueller jo"}


def test_a_very_long_name_has_few_entries_and_none_is_too_long() -> None:
    entries = entries_of((" ".join(f"{'n' * 60}{number}" for number in range(40)),))

    assert len(entries) <= 80
    assert max(map(len, entries)) <= 2 * LONGEST_WORD + 1


@given(LETTERS, LETTERS)
def test_every_name_is_found_by_itself_in_either_order(given_name: str, family_name: str) -> None:
    entries = entries_of((given_name, family_name))
    words = {entry.partition(" ")[0] for entry in entries}

    for typed in (f"{given_name} {family_name}", f"{family_name}, {given_name}", family_name.upper()):
        readings = readings_of(typed)
        assert not readings or any(all(any(one.startswith(w) for one in words) for w in words_) for words_ in readings)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read(typed: str) -> None:
    assert all(word for words in readings_of(typed) for word in words)
    assert all(len(entry) <= 2 * LONGEST_WORD + 1 for entry in entries_of((typed, "x")))
