from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.voice.speech.words import numbers
from backoffice.voice.speech.words.language import Gender, Language, NoWords

EN, NL, PL, ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE
TABLE = {
    0: ("zero", "nul", "zero", "零"),
    1: ("one", "één", "jeden", "一"),
    2: ("two", "twee", "dwa", "二"),
    10: ("ten", "tien", "dziesięć", "十"),
    12: ("twelve", "twaalf", "dwanaście", "十二"),
    20: ("twenty", "twintig", "dwadzieścia", "二十"),
    21: ("twenty-one", "eenentwintig", "dwadzieścia jeden", "二十一"),
    22: ("twenty-two", "tweeëntwintig", "dwadzieścia dwa", "二十二"),
    33: ("thirty-three", "drieëndertig", "trzydzieści trzy", "三十三"),
    48: ("forty-eight", "achtenveertig", "czterdzieści osiem", "四十八"),
    100: ("one hundred", "honderd", "sto", "一百"),
    101: ("one hundred and one", "honderdeen", "sto jeden", "一百零一"),
    110: ("one hundred and ten", "honderdtien", "sto dziesięć", "一百一十"),
    222: ("two hundred and twenty-two", "tweehonderdtweeëntwintig", "dwieście dwadzieścia dwa", "两百二十二"),
    365: ("three hundred and sixty-five", "driehonderdvijfenzestig", "trzysta sześćdziesiąt pięć", "三百六十五"),
    1000: ("one thousand", "duizend", "tysiąc", "一千"),
    1005: ("one thousand and five", "duizend vijf", "tysiąc pięć", "一千零五"),
    1010: ("one thousand and ten", "duizend tien", "tysiąc dziesięć", "一千零一十"),
    1100: ("one thousand one hundred", "duizend honderd", "tysiąc sto", "一千一百"),
    2002: ("two thousand and two", "tweeduizend twee", "dwa tysiące dwa", "两千零二"),
    5000: ("five thousand", "vijfduizend", "pięć tysięcy", "五千"),
    10_000: ("ten thousand", "tienduizend", "dziesięć tysięcy", "一万"),
    10_500: ("ten thousand five hundred", "tienduizend vijfhonderd", "dziesięć tysięcy pięćset", "一万零五百"),
    12_000: ("twelve thousand", "twaalfduizend", "dwanaście tysięcy", "一万两千"),
    20_000: ("twenty thousand", "twintigduizend", "dwadzieścia tysięcy", "两万"),
    22_000: ("twenty-two thousand", "tweeëntwintigduizend", "dwadzieścia dwa tysiące", "两万两千"),
    101_000: ("one hundred and one thousand", "honderdeenduizend", "sto jeden tysięcy", "十万一千"),
    110_000: ("one hundred and ten thousand", "honderdtienduizend", "sto dziesięć tysięcy", "十一万"),
    1_000_000: ("one million", "één miljoen", "milion", "一百万"),
    1_000_001: ("one million and one", "één miljoen één", "milion jeden", "一百万零一"),
    2_000_000: ("two million", "twee miljoen", "dwa miliony", "两百万"),
    5_000_000: ("five million", "vijf miljoen", "pięć milionów", "五百万"),
    100_100_000: (
        "one hundred million one hundred thousand",
        "honderd miljoen honderdduizend",
        "sto milionów sto tysięcy",
        "一亿零一十万",
    ),
    999_999_999: (
        "nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine",
        "negenhonderdnegenennegentig miljoen negenhonderdnegenennegentigduizend negenhonderdnegenennegentig",
        (
            "dziewięćset dziewięćdziesiąt dziewięć milionów dziewięćset dziewięćdziesiąt dziewięć tysięcy "
            "dziewięćset dziewięćdziesiąt dziewięć"
        ),
        "九亿九千九百九十九万九千九百九十九",
    ),
}


@pytest.mark.parametrize("number", TABLE)
def test_a_number_is_said_as_people_say_it(number: int) -> None:
    assert tuple(numbers.in_words(number, language) for language in (EN, NL, PL, ZH)) == TABLE[number]


@pytest.mark.parametrize(
    ("number", "masculine", "feminine", "neuter"),
    [
        (1, "jeden", "jedna", "jedno"),
        (2, "dwa", "dwie", "dwa"),
        (5, "pięć", "pięć", "pięć"),
        (21, "dwadzieścia jeden", "dwadzieścia jeden", "dwadzieścia jeden"),
        (22, "dwadzieścia dwa", "dwadzieścia dwie", "dwadzieścia dwa"),
        (12, "dwanaście", "dwanaście", "dwanaście"),
        (2002, "dwa tysiące dwa", "dwa tysiące dwie", "dwa tysiące dwa"),
    ],
)
def test_a_polish_number_has_the_gender_of_what_it_counts(
    number: int, masculine: str, feminine: str, neuter: str
) -> None:
    said = [numbers.in_words(number, PL, gender=gender) for gender in Gender]

    assert said == [masculine, feminine, neuter]


def test_a_chinese_two_that_counts_is_another_word() -> None:
    assert numbers.counting(2, ZH, gender=Gender.MASCULINE) == "两"
    assert numbers.counting(12, ZH, gender=Gender.MASCULINE) == "十二"


@pytest.mark.parametrize("language", Language)
def test_no_two_numbers_sound_alike(language: Language) -> None:
    sample = {*range(12_000), *range(12_000, 100_001, 7), *(10**power + 1 for power in range(4, 9))}

    assert len({numbers.in_words(number, language) for number in sample}) == len(sample)


@given(st.integers(0, numbers.HIGHEST), st.integers(0, numbers.HIGHEST), st.sampled_from(Language))
def test_other_numbers_have_other_words(one: int, other: int, language: Language) -> None:
    assert (numbers.in_words(one, language) == numbers.in_words(other, language)) == (one == other)


@given(st.integers(0, numbers.HIGHEST), st.sampled_from([EN, NL, PL]))
def test_a_number_of_words_has_no_empty_word(number: int, language: Language) -> None:
    said = numbers.in_words(number, language)

    assert all(word.replace("-", "").isalpha() for word in said.split(" "))


@pytest.mark.parametrize("number", [-1, 1_000_000_000])
def test_a_number_without_words_is_refused(number: int) -> None:
    with pytest.raises(NoWords):
        numbers.in_words(number, EN)


@pytest.mark.parametrize(("code", "language"), [("en", EN), ("nl-BE", NL), ("PL", PL), ("zh-hans", ZH), ("zh_CN", ZH)])
def test_a_language_is_known_by_its_first_part(code: str, language: Language) -> None:
    assert Language.of(code) is language


def test_a_language_that_we_do_not_speak_is_refused() -> None:
    with pytest.raises(NoWords, match="'de'"):
        Language.of("de")
