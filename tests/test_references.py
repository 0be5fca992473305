from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.references import ALPHABET, CHECKS, check_character, grouped, near_misses, new_reference, tidy_reference

references = st.text(ALPHABET, min_size=4, max_size=13).map(lambda body: grouped(body + check_character(body)))


def test_a_reference_reads_like_this() -> None:
    assert [len(part) for part in new_reference().split("-")] == [3, 3, 1]
    assert not set("01ILO") & set(CHECKS)
    assert all(tidy_reference(reference) == reference for reference in (new_reference(13) for _turn in range(50)))


def test_no_reference_spells_a_word() -> None:
    """But for its check character."""
    assert not set("AEIOU") & {sign for _turn in range(200) for sign in new_reference(13)[:-1]}


@given(references)
def test_a_reference_is_known_in_any_writing(reference: str) -> None:
    assert tidy_reference(reference) == reference
    assert tidy_reference(f"  {reference.lower().replace('-', ' ')} ") == reference


@pytest.mark.parametrize(
    "typed",
    [
        "K7Q–4MX–4",
        "“k7q-4mx-4”.",
        "(K7Q 4MX 4)",
        "Ｋ７Ｑ４ＭＸ４",
        "K7Q\u2011\u200b4MX\u00ad-4\ufeff",
        "\u2066K7Q-4MX-4\u2069",
    ],
)
def test_a_reference_is_known_from_any_keyboard(typed: str) -> None:
    assert tidy_reference(typed) == "K7Q-4MX-4"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([new_reference(length) for length in (6, 13) for _turn in range(20)]), st.data())
def test_what_was_meant_is_among_the_near_misses(reference: str, data: st.DataObject) -> None:
    chars = reference.replace("-", "")
    place = data.draw(st.integers(0, len(chars) - 1))
    slips = [
        chars[:place] + data.draw(st.sampled_from(sorted(set(CHECKS + "01ILO") - {chars[place]}))) + chars[place + 1 :],
        chars[:place] + chars[place : place + 2][::-1] + chars[place + 2 :],
        chars[:place] + chars[place + 1 :],
        chars[:place] + data.draw(st.sampled_from(CHECKS)) + chars[place:],
    ]

    for slip in slips:
        if tidy_reference(slip) is None:
            near = near_misses(slip)
            assert reference in near
            assert len(near) <= 27
            assert [tidy_reference(one) for one in near] == near


@pytest.mark.parametrize("typed", ["", "K7Q", "KKK-KKK-KKK-2", "0O1-IL0-1", "A" * 1000])
def test_what_no_slip_explains_has_no_near_misses(typed: str) -> None:
    assert near_misses(typed) == []


@given(references, st.data())
def test_one_wrong_character_is_noticed(reference: str, data: st.DataObject) -> None:
    chars = list(reference.replace("-", ""))
    place = data.draw(st.integers(0, len(chars) - 1))
    chars[place] = data.draw(st.sampled_from([char for char in ALPHABET if char != chars[place]]))

    assert tidy_reference("".join(chars)) is None


@given(references, st.data())
def test_two_neighbours_swapped_are_noticed(reference: str, data: st.DataObject) -> None:
    chars = list(reference.replace("-", ""))
    place = data.draw(st.integers(0, len(chars) - 2))
    if chars[place] == chars[place + 1]:
        return
    chars[place], chars[place + 1] = chars[place + 1], chars[place]

    assert tidy_reference("".join(chars)) is None


@pytest.mark.parametrize("typed", ["", "K7Q", "0O1-IL0-1", "K7Q-4MX-2" * 9, "żółw-żółw", "١٢٣-٤٥٦-٧", "U7Q-4MX-2"])
def test_what_is_no_reference_is_none(typed: str) -> None:
    assert tidy_reference(typed) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    found = tidy_reference(text)

    assert found is None or tidy_reference(found) == found
