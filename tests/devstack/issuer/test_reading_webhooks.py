from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from backoffice.cards.adapters.stripe_issuing import read_webhook
from backoffice.cards.models import Shipping
from backoffice.cards.ports import EventKind, IssuerStatus
from backoffice.stripe_api.signed_events import WebhookForged, WebhookTooOld, WebhookUnreadable
from tests.devstack.issuer.simulator import SECRET

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARD = {"id": "ic_1", "status": "active", "shipping": {"status": "delivered"}, "metadata": {"case": "c-1"}}


def _body(**changes: Any) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "issuing_card.updated",
        "created": int(NOW.timestamp()),
        "data": {"object": CARD},
    }
    return json.dumps({**event, **changes}).encode()


def _signed(body: bytes, *, at: datetime = NOW, secret: str = SECRET) -> str:
    """By the official library, so that nothing of ours signs and checks alike."""
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=int(at.timestamp())))


def test_a_signed_event_is_read() -> None:
    event = read_webhook(body=_body(), signature=_signed(_body()), now=NOW)

    assert (event.id, event.kind, event.token) == ("evt_1", EventKind.CARD_UPDATED, "ic_1")
    assert (event.status, event.shipping, event.case_id) == (IssuerStatus.ACTIVE, Shipping.DELIVERED, "c-1")
    assert event.created == NOW


def test_the_clock_of_the_machine_is_used_if_no_time_is_given() -> None:
    with pytest.raises(WebhookTooOld):
        read_webhook(body=_body(), signature=_signed(_body(), at=datetime(2020, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("signature", [None, "", "t=1", "v1=00", "t=x,v1=00", "t=1,v0=00", "t=1,v1=é", "t=1,v1", "é"])
def test_a_signature_that_is_none_is_refused_with_401(signature: str | None) -> None:
    with pytest.raises(WebhookForged) as refusal:
        read_webhook(body=_body(), signature=signature, now=NOW)

    assert refusal.value.status == 401


def test_an_event_signed_by_somebody_else_is_refused_with_401() -> None:
    with pytest.raises(WebhookForged):
        read_webhook(body=_body(), signature=_signed(_body(), secret="whsec_other"), now=NOW)


def test_a_changed_event_is_refused_with_401() -> None:
    with pytest.raises(WebhookForged):
        read_webhook(body=_body(id="evt_2"), signature=_signed(_body()), now=NOW)


def test_a_changed_time_is_refused_with_401() -> None:
    signature = _signed(_body(), at=NOW - timedelta(hours=1))
    moved = signature.replace(str(int(NOW.timestamp()) - 3600), str(int(NOW.timestamp())))

    with pytest.raises(WebhookForged):
        read_webhook(body=_body(), signature=moved, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_signature_is_refused_with_400(seconds: int) -> None:
    with pytest.raises(WebhookTooOld) as refusal:
        read_webhook(body=_body(), signature=_signed(_body(), at=NOW + timedelta(seconds=seconds)), now=NOW)

    assert refusal.value.status == 400


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_signature_of_five_minutes_is_not_old(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)

    assert read_webhook(body=_body(), signature=_signed(_body(), at=at), now=NOW).id == "evt_1"


def test_a_signed_event_about_something_else_is_named_so() -> None:
    body = _body(type="balance.available", data={"object": {"object": "balance"}})

    assert read_webhook(body=body, signature=_signed(body), now=NOW).kind is EventKind.OTHER


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        _body(created="soon"),
        _body(created=10**30),
        _body(data={}),
        _body(data={"object": None}),
        _body(data={"object": {**CARD, "shipping": {"status": ["shipped"]}}}),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused_with_400(body: bytes) -> None:
    with pytest.raises(WebhookUnreadable) as refusal:
        read_webhook(body=body, signature=_signed(body), now=NOW)

    assert refusal.value.status == 400


def test_a_detail_that_we_do_not_know_is_no_obstacle() -> None:
    body = _body(data={"object": {**CARD, "status": "melted", "shipping": {"status": "eaten"}, "metadata": None}})

    event = read_webhook(body=body, signature=_signed(body), now=NOW)

    assert (event.token, event.status, event.shipping) == ("ic_1", IssuerStatus.INACTIVE, Shipping.NONE)


@given(body=st.binary(max_size=200), signature=st.text(max_size=120))
def test_whatever_comes_unsigned_is_refused_and_nothing_breaks(body: bytes, signature: str) -> None:
    with pytest.raises(WebhookForged):
        read_webhook(body=body, signature=signature, now=NOW)
