"""Machines and staff at the API, each with a token of their own."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver
from knox.models import AuthToken
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from backoffice.cards.models import Card
from backoffice.staff.models import Role, User
from tests.factories import make_staff

ISSUER_SECRET = "whsec_of_the_issuer_in_tests"
SIGNALS_SECRET = "whsec_" + base64.b64encode(b"a detector of fraud in tests").decode()


@pytest.fixture(autouse=True)
def _known_secrets(settings: Settings) -> None:
    settings.SIGNALS_SECRET = SIGNALS_SECRET
    settings.ISSUER_WEBHOOK_SECRET = ISSUER_SECRET
    cache.clear()


class Api:
    """A client with a user's token."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.headers = {"authorization": f"Token {AuthToken.objects.create(user=user)[1]}"} if user else {}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)  # type: ignore[return-value]

    def post(self, path: str, content: Any = None, *, raw: bytes | None = None, **headers: str) -> HttpResponse:
        body = raw if raw is not None else json.dumps({} if content is None else content).encode()
        return self.client.post(  # type: ignore[return-value]
            f"/api/v1/{path}",
            body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def delete(self, path: str) -> HttpResponse:
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)  # type: ignore[return-value]


@pytest.fixture
def api_of(db: None) -> Callable[..., Api]:
    def make(user: User | None = None, *, role: Role = Role.SUPPORT) -> Api:
        return Api(user or make_staff(role=role))

    return make


@pytest.fixture
def api(api_of: Callable[..., Api]) -> Api:
    """A support agent."""
    return api_of()


@pytest.fixture
def anybody() -> Api:
    """Without a token."""
    return Api(None)


def addresses(patterns: Sequence[URLPattern | URLResolver], prefix: str = "/api/") -> Iterator[tuple[str, URLPattern]]:
    """Each address with its pattern; those of the processes too, which are mounted beside the API's own."""
    for pattern in patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address, pattern


def said(response: HttpResponse) -> dict[str, Any]:
    return dict(json.loads(response.content))


def signed_signal(
    body: bytes, *, signal_id: str = "", at: datetime | None = None, secret: str = SIGNALS_SECRET
) -> dict[str, str]:
    """The headers of the Standard Webhooks scheme, by the official library."""
    signal_id, at = signal_id or f"msg_{uuid.uuid4().hex}", at or datetime.now(UTC)
    return {
        "webhook-id": signal_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(msg_id=signal_id, timestamp=at, data=body.decode()),
    }


def signal_of(known: Card, /, **data: Any) -> bytes:
    payment = {"id": "p1", "amount": "899.00", "currency": "EUR", "merchant": "Elektra", "at": "2026-11-22T10:00:00Z"}
    return json.dumps({"type": "fraud", "data": {"card": known.issuer_token, "payments": [payment]} | data}).encode()


def issuer_event(card_token: str, *, shipping: str = "shipped", at: int | None = None, event_id: str = "") -> bytes:
    return json.dumps(
        {
            "id": event_id or f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "type": "issuing_card.updated",
            "created": at or int(datetime.now(UTC).timestamp()),
            "data": {
                "object": {"id": card_token, "status": "active", "shipping": {"status": shipping}, "metadata": {}}
            },
        }
    ).encode()


def signed_event(body: bytes, *, at: datetime | None = None, secret: str = ISSUER_SECRET) -> dict[str, str]:
    """The issuer's header, by the official library."""
    stamp = int((at or datetime.now(UTC)).timestamp())
    made = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=stamp)
    return {"stripe-signature": str(made)}


__all__ = ["Api", "addresses", "issuer_event", "said", "signal_of", "signed_event", "signed_signal"]
