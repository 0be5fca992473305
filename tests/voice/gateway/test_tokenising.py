"""Digits on their way to the payment provider."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from backoffice.voice.contract import Item
from backoffice.voice.gateway import tokenising
from backoffice.voice.gateway.secrets_in_memory import SecretBytes
from backoffice.voice.gateway.tokenising import Declined, StripeTokens, Token, Unavailable
from tests.voice.gateway.exchange import Provider, serving

CARD = {Item.CARD_NUMBER: b"4242424242424242", Item.EXPIRY: b"1131", Item.SECURITY_CODE: b"123"}


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def tokens(provider: Provider) -> Iterator[StripeTokens]:
    def answer(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        provider.asked.append((path, headers, body))
        return provider.answers

    with serving(answer) as url:
        yield StripeTokens(url, "rk_test")


def tokenise(tokens: StripeTokens, items: Mapping[Item, bytes], key: str = "key-1") -> Token:
    with ExitStack() as stack:
        secrets = {}
        for item, content in items.items():
            secrets[item] = stack.enter_context(SecretBytes(24))
            secrets[item].add(content)
        return asyncio.run(tokens.tokenise(secrets, key=key))


def test_a_card_becomes_a_payment_method(tokens: StripeTokens, provider: Provider) -> None:
    token = tokenise(tokens, CARD)

    assert token == Token("pm_1", "visa", "4242")
    path, headers, body = provider.asked[0]
    assert path == "/v1/payment_methods"
    assert body == (b"type=card&card[number]=4242424242424242&card[exp_month]=11&card[exp_year]=2031&card[cvc]=123")
    assert headers["idempotency-key"] == "key-1"
    assert headers["authorization"] == "Bearer rk_test"


def test_a_card_without_a_security_code_is_sent_without_one(tokens: StripeTokens, provider: Provider) -> None:
    tokenise(tokens, {item: CARD[item] for item in (Item.CARD_NUMBER, Item.EXPIRY)})

    assert b"cvc" not in provider.asked[0][2]


def test_a_security_code_alone_becomes_a_token_for_a_card_that_is_known(
    tokens: StripeTokens, provider: Provider
) -> None:
    provider.answers = 200, b'{"id":"cvctok_1","object":"token"}'

    token = tokenise(tokens, {Item.SECURITY_CODE: b"123"})

    assert token == Token("cvctok_1", "", "")
    assert provider.asked[0][0] == "/v1/tokens"
    assert provider.asked[0][2] == b"cvc_update[cvc]=123"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":{"code":"card_declined","decline_code":"stolen_card"}}', "stolen_card"),
        (b'{"error":{"code":"expired_card"}}', "expired_card"),
        (b"{}", "card_declined"),
    ],
)
def test_a_card_that_is_not_taken_says_why(tokens: StripeTokens, provider: Provider, body: bytes, code: str) -> None:
    provider.answers = 402, body

    with pytest.raises(Declined, match=f"^{code}$"):
        tokenise(tokens, CARD)


@pytest.mark.parametrize(
    "answers", [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"object":"token"}'), (401, b"{}"), (200, b"")]
)
def test_an_answer_that_says_nothing_is_no_token(
    tokens: StripeTokens, provider: Provider, answers: tuple[int, bytes]
) -> None:
    provider.answers = answers

    with pytest.raises(Unavailable):
        tokenise(tokens, CARD)


def test_a_provider_that_is_away_is_unavailable() -> None:
    with serving(lambda *_told: (200, b"{}")) as url:
        pass

    with pytest.raises(Unavailable):
        tokenise(StripeTokens(url, "rk"), CARD)


def test_a_provider_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tokens: StripeTokens, provider: Provider
) -> None:
    monkeypatch.setattr(tokenising, "TIMES_OUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable):
            tokenise(StripeTokens(address, "rk"), CARD)


@pytest.mark.parametrize("url", ["", "ftp://example.com", "stripe"])
def test_an_address_that_cannot_be_read_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        StripeTokens(url, "rk")


def test_no_digit_is_in_an_error(tokens: StripeTokens, provider: Provider) -> None:
    provider.answers = 400, b'{"error":{"message":"4242424242424242 is wrong"}}'

    with pytest.raises(Unavailable) as caught:
        tokenise(tokens, CARD)

    assert "4242" not in str(caught.value)


def test_the_gateway_and_the_back_office_speak_one_version_of_the_api() -> None:
    from backoffice.payments.provider import stripe_payments

    assert tokenising.API_VERSION == stripe_payments.API_VERSION
