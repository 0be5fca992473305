"""What the issuer and the detector of fraud send, signed as they sign it."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from django.core.cache import cache
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from backoffice.cards.models import Card

ISSUER_SECRET = "whsec_of_the_issuer_in_tests"
SIGNALS_SECRET = "whsec_" + base64.b64encode(b"a detector of fraud in tests").decode()


@pytest.fixture(autouse=True)
def known_secrets(settings: Settings) -> None:
    """Both secrets are known to us, and nobody has reached a limit yet."""
    settings.SIGNALS_SECRET = SIGNALS_SECRET
    settings.ISSUER_WEBHOOK_SECRET = ISSUER_SECRET
    cache.clear()


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
