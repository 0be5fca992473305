"""Amounts of money: what people type, what a language writes, and what cannot be mixed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from django import forms
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.money import EXPONENTS, LONGEST, MOST_MINOR, MixedCurrencies, Money, NotAnAmount, number_of, parse
from backoffice.money_fields import MoneyField, ReadsMoney, currency_field
from backoffice.text_fields import KeptTexts
from backoffice.voice.speech.words.currencies import CURRENCIES

LANGUAGES = ("en", "nl", "pl", "de", "de-ch", "fr", "zh-hans", "ja", "ar", "hi", "sv")
MONEY = st.builds(Money, st.integers(0, MOST_MINOR), st.sampled_from(sorted(EXPONENTS)))


@pytest.mark.parametrize(
    ("typed", "language", "currency", "minor"),
    [
        ("12.50", "en", "EUR", 1250),
        ("12,50", "en", "EUR", 1250),
        ("12.50", "nl", "EUR", 1250),
        ("12", "en", "EUR", 1200),
        ("12.5", "en", "EUR", 1250),
        ("0.05", "en", "EUR", 5),
        (" 12.50 ", "en", "EUR", 1250),
        ("007", "en", "EUR", 700),
        ("1.234,56", "nl", "EUR", 123456),
        ("1.234,56", "en", "EUR", 123456),
        ("1,234.56", "nl", "EUR", 123456),
        ("1234.56", "nl", "EUR", 123456),
        ("1.234.567", "en", "EUR", 123456700),
        ("1 234 567,89", "pl", "EUR", 123456789),
        ("1\u00a0234,50", "pl", "PLN", 123450),
        ("1\u202f234,50", "fr", "EUR", 123450),
        ("1 234", "en", "EUR", 123400),
        ("1’234.50", "de-ch", "CHF", 123450),
        ("1,234", "en", "EUR", 123400),
        ("1.234", "nl", "EUR", 123400),
        ("1,234", "en", "JPY", 1234),
        ("500", "ja", "JPY", 500),
        ("１２．５０", "ja", "EUR", 1250),
        ("５００", "ja", "JPY", 500),
        ("١٢٫٥٠", "ar", "EUR", 1250),
        ("١٬٢٣٤٫٥٠٠", "ar", "KWD", 1234500),
        ("\u200f١٢٫٥٠\u200f", "ar", "EUR", 1250),
        ("१२.५०", "hi", "INR", 1250),
        ("1.234", "en", "KWD", 1234),
        ("0,234", "en", "KWD", 234),
        ("1234,567", "en", "KWD", 1234567),
        ("1,234.567", "en", "KWD", 1234567),
        ("12.5", "en", "KWD", 12500),
        ("0", "en", "EUR", 0),
        ("9999999999.99", "en", "EUR", MOST_MINOR),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, language: str, currency: str, minor: int) -> None:
    assert parse(typed, currency, language=language) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "language", "currency", "code", "words"),
    [
        ("", "en", "EUR", "not_an_amount", "in digits, such as 12.50"),
        ("ten", "nl", "EUR", "not_an_amount", "in digits, such as 12,50"),
        ("12,50,", "en", "EUR", "not_an_amount", "in digits"),
        (".50", "en", "EUR", "not_an_amount", "in digits"),
        ("12.", "en", "EUR", "not_an_amount", "in digits"),
        ("1,23,456", "en", "EUR", "not_an_amount", "in digits"),
        ("1.234.56", "en", "EUR", "not_an_amount", "in digits"),
        ("1.234,567,89", "nl", "EUR", "not_an_amount", "in digits"),
        ("0.123.456", "nl", "EUR", "not_an_amount", "in digits"),
        ("1e3", "en", "EUR", "not_an_amount", "in digits"),
        ("0x10", "en", "EUR", "not_an_amount", "in digits"),
        ("1_000", "en", "EUR", "not_an_amount", "in digits"),
        ("12²", "en", "EUR", "not_an_amount", "in digits"),
        ("NaN", "en", "EUR", "not_an_amount", "in digits"),
        ("12.50 EUR", "en", "EUR", "not_an_amount", "in digits"),
        ("12.50\n13", "en", "EUR", "not_an_amount", "in digits"),
        ("-", "en", "EUR", "not_an_amount", "in digits"),
        ("-5", "en", "EUR", "negative", "more than zero"),
        ("−5.00", "en", "EUR", "negative", "more than zero"),
        ("－５", "ja", "EUR", "negative", "more than zero"),
        ("5-", "en", "EUR", "negative", "more than zero"),
        ("(5.00)", "en", "EUR", "negative", "more than zero"),
        ("12.505", "en", "EUR", "decimals", "EUR has at most 2 decimals. Enter it like this: 12.50"),
        ("12,505", "nl", "EUR", "decimals", "at most 2 decimals"),
        ("0.001", "en", "EUR", "decimals", "at most 2 decimals"),
        ("12.50", "en", "JPY", "decimals", "JPY has no decimals. Enter a whole number, such as 1,250"),
        ("1.234", "en", "JPY", "decimals", "no decimals"),
        ("1.2345", "en", "KWD", "decimals", "at most 3 decimals. Enter it like this: 1.250"),
        ("1,234", "en", "KWD", "ambiguous", "two ways"),
        ("1.234", "nl", "KWD", "ambiguous", "Enter all decimals, such as 1,250"),
        ("10000000000", "en", "EUR", "too_large", "at most 9,999,999,999.99 EUR"),
        ("9" * (LONGEST + 1), "en", "EUR", "too_long", "too long"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(typed: str, language: str, currency: str, code: str, words: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        parse(typed, currency, language=language, field="amount")

    assert (refused.value.code, refused.value.field, refused.value.status) == (code, "amount", 400)
    assert words in refused.value.sentence


def read(typed: str, currency: str, language: str) -> Money | str:
    """What it is read as, or the code of the refusal."""
    try:
        return parse(typed, currency, language=language)
    except NotAnAmount as refused:
        return refused.code if refused.sentence else ""


@settings(max_examples=60, deadline=None)
@given(money=MONEY, language=st.sampled_from(LANGUAGES))
def test_what_a_language_writes_is_read_back(money: Money, language: str) -> None:
    assert read(number_of(money, language), money.currency, language) == money


@settings(max_examples=60, deadline=None)
@given(money=MONEY, language=st.sampled_from(LANGUAGES))
def test_plain_decimals_are_read_in_each_language_or_asked_for_again(money: Money, language: str) -> None:
    """A thousandth of a dinar, where the language writes "1.234" for thousands, is asked for again."""
    found = read(f"{money.decimal:f}", money.currency, language)

    assert found in ({money, "ambiguous"} if EXPONENTS[money.currency] == 3 else {money})


@settings(max_examples=60, deadline=None)
@given(typed=st.text("0159٠١０ .,'-−+(e²", max_size=16), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_whatever_is_typed_is_an_amount_or_is_refused(typed: str, currency: str) -> None:
    found = read(typed, currency, "en")

    assert 0 <= found.minor <= MOST_MINOR if isinstance(found, Money) else found


@pytest.mark.parametrize(
    ("money", "language", "shown"),
    [
        (Money(123450, "EUR"), "en", "1,234.50 EUR"),
        (Money(123450, "EUR"), "nl", "1.234,50 EUR"),
        (Money(123450, "PLN"), "pl", "1\u00a0234,50 PLN"),
        (Money(-1250, "EUR"), "en", "-12.50 EUR"),
        (Money(123456700, "CHF"), "de-ch", "1'234'567.00 CHF"),
        (Money(1234, "JPY"), "en", "1,234 JPY"),
        (Money(1234500, "KWD"), "en", "1,234.500 KWD"),
        (Money(5, "KWD"), "zh-hans", "0.005 KWD"),
        (Money(1250, "IQD"), "en", "1.250 IQD"),
        (Money(1250, "EUR"), "xx-none", "12.50 EUR"),
    ],
)
def test_an_amount_is_written_with_all_decimals_of_its_currency(money: Money, language: str, shown: str) -> None:
    assert money.shown(language) == shown
    with translation.override(language):
        assert money.shown() == shown


def test_amounts_of_one_currency_are_added_and_compared() -> None:
    assert Money(1250, "EUR") + Money(50, "EUR") - Money(300, "EUR") == Money(1000, "EUR")
    assert -Money(5, "JPY") == Money(-5, "JPY")
    assert Money(1, "EUR") < Money(2, "EUR") <= Money(2, "EUR")
    assert not Money(0, "EUR")
    assert Money.of(Decimal("12.5"), "KWD") == Money(12500, "KWD")
    assert str(Money(-1234, "KWD")) == "-1.234 KWD"


@pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__ge__"])
def test_currencies_are_not_mixed(act: str) -> None:
    with pytest.raises(MixedCurrencies):
        getattr(Money(1, "EUR"), act)(Money(1, "USD"))

    assert Money(1, "EUR") != Money(1, "USD")


def test_there_is_no_money_of_an_unknown_currency_or_with_too_many_decimals() -> None:
    for code in ("eur", "XAU", "", "EURO"):
        with pytest.raises(ValueError, match="is no currency"):
            Money(1, code)
    with pytest.raises(ValueError, match="more decimals"):
        Money.of(Decimal("12.505"), "EUR")


def test_each_currency_has_a_name() -> None:
    assert set(EXPONENTS) <= set(Locale("en").currencies)
    assert [EXPONENTS[code] for code in ("EUR", "JPY", "KWD", "MGA", "IQD")] == [2, 0, 3, 2, 3]


def test_the_voice_reads_amounts_out_with_the_decimals_that_they_are_counted_in() -> None:
    assert {code: one.exponent for code, one in CURRENCIES.items()} == {code: EXPONENTS[code] for code in CURRENCIES}


class OrderForm(ReadsMoney, KeptTexts, forms.Form):
    amount = MoneyField(least={"EUR": 100}, most={"EUR": 100_000, "JPY": 20_000, "KWD": 50_000})
    currency = currency_field(["EUR", "JPY", "KWD", "USD"])


class TipForm(ReadsMoney, forms.Form):
    tip = MoneyField(currency="EUR", required=False)


def test_a_form_reads_an_amount_in_the_chosen_currency() -> None:
    form = OrderForm({"amount": "１２,５００", "currency": "KWD"})

    with translation.override("nl"):
        assert form.is_valid()
    assert form.cleaned_data["amount"] == Money(12_500, "KWD")


@pytest.mark.parametrize(
    ("amount", "currency", "errors"),
    [
        ("", "EUR", {"amount": ["Enter an amount."]}),
        ("0", "EUR", {"amount": ["Enter an amount of more than zero."]}),
        ("0.99", "EUR", {"amount": ["Enter at least 1.00 EUR."]}),
        ("1,000.01", "EUR", {"amount": ["Enter at most 1,000.00 EUR."]}),
        ("20001", "JPY", {"amount": ["Enter at most 20,000 JPY."]}),
        ("1.5", "JPY", {"amount": ["An amount in JPY has no decimals. Enter a whole number, such as 1,250."]}),
        ("5", "USD", {"amount": ["No amount in USD is possible here."]}),
        ("5", "", {"currency": ["This field is required."]}),
        ("x", "GBP", {"currency": ["Select a valid choice. GBP is not one of the available choices."]}),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(amount: str, currency: str, errors: dict[str, list[str]]) -> None:
    assert OrderForm({"amount": amount, "currency": currency}).errors == errors


def test_an_amount_in_a_fixed_currency_may_be_left_out() -> None:
    empty, given_ = TipForm({"tip": ""}), TipForm({"tip": "2,50"})

    assert (empty.is_valid(), given_.is_valid()) == (True, True)
    assert (empty.cleaned_data["tip"], given_.cleaned_data["tip"]) == (None, Money(250, "EUR"))


def test_currencies_are_offered_by_code_and_name_in_the_language_of_the_page() -> None:
    with translation.override("nl"):
        offered = list(OrderForm().fields["currency"].choices)  # type: ignore[attr-defined]

    assert ("JPY", "JPY – Japanse yen") in offered
