"""What is read out of an order: in the customer's language, all that they agree to, and no longer than it must be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from backoffice.payments.voice import calling, linking
from backoffice.payments.voice.models import VoicePayment
from backoffice.payments.voice.spoken_orders import SPOKEN
from backoffice.voice.speech.speaking import EngineFiles, Speaker
from backoffice.voice.speech.words.language import Language
from tests.factories import make_customer
from tests.payments.making import make_agent, make_shop, make_voice_payment
from workflows.voice_payment.facts import Verdict

SAMPLES_A_SECOND = 8000
LONGEST = {Language.ENGLISH: 17.5, Language.DUTCH: 21.0, Language.POLISH: 24.0, Language.CHINESE: 21.0}
"""Seconds, for 25.00 EUR and two bunches of tulips; the speaker is slower in some languages."""
AMOUNTS = {
    Language.ENGLISH: "twenty-five euros",
    Language.DUTCH: "vijfentwintig euro",
    Language.POLISH: "dwadzieścia pięć euro",
    Language.CHINESE: "二十五欧元",
}


def payment_in(language: Language, settings: Settings, **fields: Any) -> VoicePayment:
    settings.COMPANY_NAME = "Meridian Bank"
    settings.LANGUAGES = [(one.value, one.value) for one in Language]
    agent = make_agent(make_shop(trading_name="Bloemen Fleur"))
    payment = make_voice_payment(agent=agent, customer=make_customer(language=language.value), **fields)
    payment.case.reference = "K7Q-4MX-2"
    return payment


@pytest.mark.django_db
@pytest.mark.parametrize("language", list(Language))
def test_all_that_is_agreed_to_is_said_in_the_customers_language(language: Language, settings: Settings) -> None:
    payment = payment_in(language, settings)

    said = linking.sentence(payment, is_new=True)

    for part in ("Meridian Bank", "Bloemen Fleur", AMOUNTS[language], "two bunches of tulips", "1", "2"):
        assert part in said
    assert "{" not in said
    assert linking.language_of(payment) is language
    for verdict in Verdict:
        assert calling.verdict_in_words(payment, verdict) == SPOKEN[language].verdicts[verdict]


@pytest.mark.django_db
def test_a_changed_order_says_that_what_was_heard_is_void(settings: Settings) -> None:
    payment = payment_in(Language.ENGLISH, settings, version=2)

    first, again = linking.sentence(payment, is_new=True), linking.sentence(payment, is_new=False)

    assert "what you heard before does not count" in first
    assert "what you heard before" not in again
    assert "case" in again


@pytest.mark.django_db
def test_a_name_with_braces_is_read_as_it_stands(settings: Settings) -> None:
    payment = payment_in(Language.ENGLISH, settings)
    payment.what_for = "a {card} and {payee}"

    assert "a {card} and {payee}" in linking.sentence(payment, is_new=True)


@pytest.mark.django_db
def test_it_takes_no_longer_than_it_must(settings: Settings) -> None:
    payment, said = payment_in(Language.ENGLISH, settings), {}
    for language in Language:
        payment.point.customer.language = language.value
        said[language] = linking.sentence(payment, is_new=True)

    async def seconds() -> dict[Language, float]:
        speaker = Speaker(EngineFiles.installed())
        try:
            return {one: len(await speaker.say(text, one)) / SAMPLES_A_SECOND for one, text in said.items()}
        finally:
            await speaker.close()

    took = asyncio.run(seconds())

    assert {one: took[one] for one in Language if took[one] > LONGEST[one]} == {}, took
