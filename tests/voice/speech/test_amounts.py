from __future__ import annotations

from datetime import date

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from backoffice.voice.speech.words.amounts import amount_in_words
from backoffice.voice.speech.words.currencies import CURRENCIES
from backoffice.voice.speech.words.dates import date_in_words
from backoffice.voice.speech.words.language import Language, NoWords
from backoffice.voice.speech.words.spelling import digits_in_words, spelled

EN, NL, PL, ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE


@pytest.mark.parametrize(
    ("minor", "currency", "language", "said"),
    [
        (12_345, "EUR", EN, "one hundred and twenty-three euros and forty-five cents"),
        (12_345, "EUR", NL, "honderddrieëntwintig euro en vijfenveertig cent"),
        (12_345, "EUR", PL, "sto dwadzieścia trzy euro i czterdzieści pięć centów"),
        (12_345, "EUR", ZH, "一百二十三欧元四十五欧分"),
        (101, "EUR", EN, "one euro and one cent"),
        (101, "EUR", NL, "één euro en één cent"),
        (101, "EUR", PL, "jedno euro i jeden cent"),
        (101, "EUR", ZH, "一欧元零一欧分"),
        (0, "EUR", EN, "zero euros"),
        (7, "EUR", EN, "seven cents"),
        (5000, "EUR", EN, "fifty euros"),
        (202, "PLN", PL, "dwa złote i dwa grosze"),
        (2_105, "PLN", PL, "dwadzieścia jeden złotych i pięć groszy"),
        (2_200, "SEK", PL, "dwadzieścia dwie korony szwedzkie"),
        (101, "SEK", PL, "jedna korona szwedzka i jedno öre"),
        (300, "GBP", PL, "trzy funty"),
        (2, "GBP", EN, "two pence"),
        (101, "GBP", EN, "one British pound and one penny"),
        (500, "JPY", EN, "five hundred Japanese yen"),
        (2, "JPY", ZH, "两日元"),
        (12_345, "KWD", EN, "twelve Kuwaiti dinars and three hundred and forty-five fils"),
        (1_001, "KWD", PL, "jeden dinar kuwejcki i jeden fils"),
        (1_045, "KWD", ZH, "一科威特第纳尔零四十五费尔"),
        (1_250, "CNY", ZH, "十二元五角"),
        (1_205, "CNY", ZH, "十二元零五分"),
        (1_202, "CNY", ZH, "十二元零二分"),
        (222, "CNY", ZH, "两元两角两分"),
        (20, "CNY", ZH, "两角"),
        (2, "CNY", ZH, "两分"),
    ],
)
def test_an_amount_is_said_in_units_and_parts(minor: int, currency: str, language: Language, said: str) -> None:
    assert amount_in_words(minor, currency, language) == said


@given(
    st.integers(0, 99_999_999_999),
    st.integers(0, 99_999_999_999),
    st.sampled_from(sorted(set(CURRENCIES) - {"JPY"})),
    st.sampled_from(Language),
)
def test_other_amounts_have_other_words(one: int, other: int, currency: str, language: Language) -> None:
    said, said_of_other = amount_in_words(one, currency, language), amount_in_words(other, currency, language)

    assert (said == said_of_other) == (one == other)


def test_no_two_small_amounts_sound_alike() -> None:
    for language in Language:
        for currency in ("EUR", "CNY", "KWD"):
            assert len({amount_in_words(minor, currency, language) for minor in range(1200)}) == 1200


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_exponents_are_those_of_the_locale_data(currency: str) -> None:
    assert CURRENCIES[currency].exponent == get_currency_precision(currency)


@pytest.mark.parametrize(("minor", "currency"), [(-1, "EUR"), (1, "HUF"), (1, "eur"), (100_000_000_000, "EUR")])
def test_an_amount_that_we_cannot_read_out_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(NoWords):
        amount_in_words(minor, currency, EN)


@pytest.mark.parametrize(
    ("language", "alphabet", "said"),
    [
        (EN, False, "K, seven, Q. four, M, X. two"),
        (EN, True, "K, seven, Q. four, M for Mike, X. two"),
        (NL, True, "K, zeven, Q. vier, M van Maria, X. twee"),
        (PL, True, "K, siedem, Q. cztery, M jak Maria, X. dwa"),
        (ZH, True, "K，七，Q。四，M，X。二"),
    ],
)
def test_a_reference_is_spelled_in_its_groups(language: Language, alphabet: bool, said: str) -> None:
    assert spelled("K7Q-4MX-2", language, alphabet=alphabet) == said


@pytest.mark.parametrize(
    ("language", "said"), [(EN, "K seven Q, four M X, two"), (NL, "K zeven Q, vier M X, twee"), (ZH, "K七Q，四MX，二")]
)
def test_a_reference_that_is_seen_too_is_spelled_briefly(language: Language, said: str) -> None:
    assert spelled("K7Q-4MX-2", language, briefly=True) == said


def test_polish_letters_that_are_words_have_their_names() -> None:
    assert spelled("WZ9", PL) == "wu, zet, dziewięć"


@pytest.mark.parametrize("reference", ["", "-", "K7Q_4", "K" * 41, "Ä1", "<b>", "٣"])
def test_what_cannot_be_spelled_is_refused(reference: str) -> None:
    with pytest.raises(NoWords):
        spelled(reference, EN)


def test_digits_are_said_one_by_one() -> None:
    assert digits_in_words("4021", NL) == "vier, nul, twee, één"
    with pytest.raises(NoWords):
        digits_in_words("40-21", NL)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (
            date(2026, 12, 3),
            (
                "the third of December twenty twenty-six",
                "drie december tweeduizend zesentwintig",
                "trzeciego grudnia dwa tysiące dwudziestego szóstego roku",
                "二零二六年十二月三日",
            ),
        ),
        (
            date(2009, 1, 31),
            (
                "the thirty-first of January two thousand and nine",
                "eenendertig januari tweeduizend negen",
                "trzydziestego pierwszego stycznia dwa tysiące dziewiątego roku",
                "二零零九年一月三十一日",
            ),
        ),
    ],
)
def test_a_date_is_said_in_full(day: date, said: tuple[str, ...]) -> None:
    assert tuple(date_in_words(day, language) for language in (EN, NL, PL, ZH)) == said


def test_no_two_days_of_a_month_sound_alike() -> None:
    for language in Language:
        assert len({date_in_words(date(2027, 1, day), language) for day in range(1, 32)}) == 31


def test_a_date_far_away_is_refused() -> None:
    with pytest.raises(NoWords):
        date_in_words(date(2100, 1, 1), EN)
