from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from backoffice.payments.provider.events import DisputeStatus, EventKind, read_event
from backoffice.payments.provider.ports import Decline, Refund, RefundStatus
from backoffice.stripe_api.signed_events import WebhookForged, WebhookTooOld, WebhookUnreadable
from tests.devstack.payment_simulator.simulator import SECRET

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1250,
    "amount_capturable": 1250,
    "amount_received": 0,
    "currency": "eur",
    "metadata": {"key": "case:authorise"},
    "last_payment_error": None,
}
DISPUTE = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 900,
    "currency": "eur",
    "payment_intent": "pi_1",
    "reason": "fraudulent",
    "status": "needs_response",
    "evidence_details": {"due_by": int(NOW.timestamp()) + 86400},
}


def _body(kind: str = "payment_intent.amount_capturable_updated", thing: Any = INTENT, **changes: Any) -> bytes:
    event = {"id": "evt_1", "type": kind, "created": int(NOW.timestamp()), "data": {"object": thing}}
    return json.dumps({**event, **changes}).encode()


def _signed(body: bytes, *, at: datetime = NOW, secret: str = SECRET) -> str:
    """By the official library, so that nothing of ours signs and checks alike."""
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=int(at.timestamp())))


def test_a_signed_event_is_read() -> None:
    event = read_event(body=_body(), signature=_signed(_body()), now=NOW)

    assert event is not None
    assert (event.id, event.kind, event.payment, event.key) == ("evt_1", EventKind.AUTHORISED, "pi_1", "case:authorise")
    assert (event.amount, event.currency, event.created) == (1250, "EUR", NOW)
    assert (event.decline, event.dispute) == (None, None)


def test_a_decline_is_one_of_ours() -> None:
    error = {"type": "card_error", "code": "card_declined", "decline_code": "stolen_card"}
    body = _body("payment_intent.payment_failed", {**INTENT, "last_payment_error": error})

    event = read_event(body=body, signature=_signed(body), now=NOW)

    assert event is not None
    assert event.decline is Decline.STOLEN


@pytest.mark.parametrize(("kind", "amount"), [("transfer.created", 900), ("transfer.reversed", 300)])
def test_a_payout_is_read_with_what_came_back_of_it(kind: str, amount: int) -> None:
    transfer = {
        "id": "tr_1",
        "object": "transfer",
        "amount": 900,
        "amount_reversed": 300,
        "currency": "eur",
        "metadata": {"key": "case:payout:1"},
    }
    body = _body(kind, transfer)

    event = read_event(body=body, signature=_signed(body), now=NOW)

    assert event is not None
    assert (event.kind, event.payment, event.key, event.amount) == (EventKind(kind), "tr_1", "case:payout:1", amount)


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("needs_response", DisputeStatus.NEEDS_ANSWER),
        ("under_review", DisputeStatus.UNDER_REVIEW),
        ("won", DisputeStatus.WON),
        ("lost", DisputeStatus.LOST),
        ("a_status_of_next_year", DisputeStatus.NEEDS_ANSWER),
    ],
)
def test_a_dispute_says_until_when_it_can_be_answered(status: str, ours: DisputeStatus) -> None:
    body = _body("charge.dispute.updated", {**DISPUTE, "status": status})

    event = read_event(body=body, signature=_signed(body), now=NOW)

    assert event is not None
    assert event.dispute is not None
    assert (event.payment, event.key, event.amount) == ("pi_1", "", 900)
    assert (event.dispute.id, event.dispute.status, event.dispute.reason) == ("dp_1", ours, "fraudulent")
    assert event.dispute.answer_by == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "status", "ours"),
    [
        ("refund.created", "pending", RefundStatus.PENDING),
        ("refund.updated", "succeeded", RefundStatus.DONE),
        ("refund.failed", "failed", RefundStatus.FAILED),
        ("charge.refund.updated", "canceled", RefundStatus.FAILED),
    ],
)
def test_a_refund_says_how_it_is_and_whose_it_was(kind: str, status: str, ours: RefundStatus) -> None:
    thing = {"id": "re_1", "amount": 1250, "currency": "kwd", "payment_intent": "pi_1", "status": status}
    body = _body(kind, {**thing, "metadata": {"key": "case:pay_back:1"}})

    event = read_event(body=body, signature=_signed(body), now=NOW)

    assert event is not None
    assert (event.payment, event.key) == ("pi_1", "")
    assert event.refund == Refund("re_1", "case:pay_back:1", "pi_1", 1250, "KWD", ours)


def test_a_fraud_warning_names_its_payment() -> None:
    body = _body("radar.early_fraud_warning.created", {"id": "issfr_1", "payment_intent": "pi_1", "actionable": True})

    event = read_event(body=body, signature=_signed(body), now=NOW)

    assert event is not None
    assert (event.kind, event.payment, event.amount) == (EventKind.FRAUD_WARNING, "pi_1", 0)


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("balance.available", {"object": "balance"}),
        ("payment_intent.a_kind_of_next_year", INTENT),
        ("charge.refunded", {"id": "ch_1", "payment_intent": None, "currency": "eur", "amount_refunded": 1}),
    ],
)
def test_an_event_that_is_of_no_payment_of_ours_is_ignored_and_logged_by_its_kind(
    kind: str, thing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    body = _body(kind, thing)

    assert read_event(body=body, signature=_signed(body), now=NOW) is None
    assert kind in caplog.text


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=00"])
def test_a_signature_that_is_none_is_refused_with_401(signature: str | None) -> None:
    with pytest.raises(WebhookForged) as refused:
        read_event(body=_body(), signature=signature, now=NOW)

    assert refused.value.status == 401
    assert "payment provider" in refused.value.sentence


def test_an_event_that_somebody_else_signed_or_changed_is_refused() -> None:
    for body, signature in (
        (_body(), _signed(_body(), secret="whsec_other")),
        (_body(id="evt_2"), _signed(_body())),
        (_body(), _signed(_body(), at=NOW - timedelta(hours=1)).replace(str(int(NOW.timestamp()) - 3600), "1")),
    ):
        with pytest.raises(WebhookForged):
            read_event(body=body, signature=signature, now=NOW)


@pytest.mark.parametrize("secret", ["", " "])
def test_without_a_secret_every_event_is_forged(settings: Settings, secret: str) -> None:
    settings.PAYMENTS_WEBHOOK_SECRET = secret

    with pytest.raises(WebhookForged):
        read_event(body=_body(), signature=_signed(_body(), secret=secret), now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_signature_is_refused_with_400(seconds: int) -> None:
    with pytest.raises(WebhookTooOld) as refused:
        read_event(body=_body(), signature=_signed(_body(), at=NOW + timedelta(seconds=seconds)), now=NOW)

    assert refused.value.status == 400


def test_an_event_that_comes_twice_within_five_minutes_has_one_id() -> None:
    first, again = (
        read_event(body=_body(), signature=_signed(_body(), at=NOW + timedelta(seconds=later)), now=NOW)
        for later in (0, 299)
    )

    assert first == again
    assert first is not None


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
        _body(thing=None),
        _body(thing={**INTENT, "amount_capturable": "much"}),
        _body(thing={**INTENT, "currency": None, "amount_capturable": None}),
        _body("charge.dispute.created", {**DISPUTE, "evidence_details": {"due_by": 10**30}}),
        _body("charge.dispute.created", {**DISPUTE, "evidence_details": []} | {"status": None, "amount": None}),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused_with_400(body: bytes) -> None:
    with pytest.raises(WebhookUnreadable) as refused:
        read_event(body=body, signature=_signed(body), now=NOW)

    assert refused.value.status == 400


@given(body=st.binary(max_size=200), signature=st.text(max_size=120))
def test_whatever_comes_unsigned_is_refused_and_nothing_breaks(body: bytes, signature: str) -> None:
    with pytest.raises(WebhookForged):
        read_event(body=body, signature=signature, now=NOW)
