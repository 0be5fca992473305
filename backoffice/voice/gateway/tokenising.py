"""Hands digits straight to the payment provider, and gets a token for them: Stripe's API, over TLS.

The request is put together in memory that is overwritten afterwards, and given to the socket as it is. A copy is left
only where the TLS library encrypts it.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from backoffice.voice.contract import Item
from backoffice.voice.gateway.secrets_in_memory import SecretBytes

API_VERSION = "2026-10-28.endive"
TIMES_OUT = 8.0
"""Seconds for connecting, and for each wait for the answer."""
THREADS = 32
"""How many customers may be waiting for the provider at once."""
LARGEST_ANSWER = 100_000
LONGEST_REQUEST = 512


@dataclass(frozen=True, slots=True)
class Token:
    """The provider's name for what was keyed in, and what it shows of the card; "" where it shows nothing."""

    id: str
    brand: str
    last_four: str


class Declined(Exception):
    """The provider does not take what was keyed in. The text is its code."""


class Unavailable(Exception):
    """It did not answer, or not in a way that can be read. The text is a code."""


class Tokeniser(Protocol):
    """The payment provider, as far as the gateway needs it."""

    async def tokenise(self, items: Mapping[Item, SecretBytes], *, key: str) -> Token:
        """A token for a card (number, expiry, and security code where it was asked), or for a security code alone of a
        card that the provider has. `key` is the idempotency key. Raises `Declined`, `Unavailable`."""
        ...


class StripeTokens:
    """`url` is that of the API; `secret` a key that may make tokens only."""

    def __init__(self, url: str, secret: str, *, authority: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("the address of the payment provider cannot be read")
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/")
        self._secret = secret
        self._context = ssl.create_default_context(cafile=authority) if parts.scheme == "https" else None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tokens")

    async def tokenise(self, items: Mapping[Item, SecretBytes], *, key: str) -> Token:
        """See `Tokeniser.tokenise`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._tokenise, items, key)

    def _tokenise(self, items: Mapping[Item, SecretBytes], key: str) -> Token:
        with SecretBytes(LONGEST_REQUEST) as body:
            if Item.CARD_NUMBER in items:
                path = "/v1/payment_methods"
                _card(items, body)
            else:
                path = "/v1/tokens"
                body.add(b"cvc_update[cvc]=")
                _add(body, items[Item.SECURITY_CODE])
            return _token(*self._post(path, body, key))

    def _post(self, path: str, body: SecretBytes, key: str) -> tuple[int, Any]:
        connection = self._connection()
        try:
            connection.putrequest("POST", self._base + path)
            connection.putheader("Authorization", f"Bearer {self._secret}")
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Idempotency-Key", key)
            connection.putheader("Stripe-Version", API_VERSION)
            connection.endheaders()
            with body.view() as content:
                connection.send(content)
            response = connection.getresponse()
            return response.status, json.loads(response.read(LARGEST_ANSWER))
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(type(error).__name__) from None
        except (ValueError, RecursionError):
            raise Unavailable("unreadable") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMES_OUT)
        return http.client.HTTPSConnection(self._host, self._port, timeout=TIMES_OUT, context=self._context)


def _card(items: Mapping[Item, SecretBytes], body: SecretBytes) -> None:
    body.add(b"type=card&card[number]=")
    _add(body, items[Item.CARD_NUMBER])
    with items[Item.EXPIRY].view() as expiry:
        body.add(b"&card[exp_month]=")
        body.add(expiry[:2])
        body.add(b"&card[exp_year]=20")
        body.add(expiry[2:])
    if Item.SECURITY_CODE in items:
        body.add(b"&card[cvc]=")
        _add(body, items[Item.SECURITY_CODE])


def _add(body: SecretBytes, digits: SecretBytes) -> None:
    with digits.view() as content:
        body.add(content)


def _token(status: int, told: Any) -> Token:
    """Reads the answer. Nothing of it is kept but the token and what the provider shows of the card."""
    if not isinstance(told, dict):
        raise Unavailable("unreadable")
    if status == 402:
        error: dict[str, Any] = told["error"] if isinstance(told.get("error"), dict) else {}
        raise Declined(str(error.get("decline_code") or error.get("code") or "card_declined")[:40])
    if status != 200 or not isinstance(told.get("id"), str):
        raise Unavailable(f"http_{status}")
    card: dict[str, Any] = told["card"] if isinstance(told.get("card"), dict) else {}
    return Token(told["id"][:64], str(card.get("brand") or "")[:20], str(card.get("last4") or "")[:4])
