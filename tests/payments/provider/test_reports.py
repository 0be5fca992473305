"""What the payment provider reports by webhooks: signed by it, each event once, to whoever knows the payment."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from django.core.cache import cache
from django.test import Client
from structlog.testing import capture_logs

from backoffice.actors import Actor, system
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import ProviderEvent
from backoffice.payments.provider.models import ReportedEvent
from tests.devstack.payment_simulator.simulator import SECRET
from tests.payments.provider.test_events import INTENT

pytestmark = pytest.mark.django_db
CAPTURED = "payment_intent.succeeded"


class Taker:
    """Knows the payments that were ordered under these keys."""

    def __init__(self, *keys: str) -> None:
        self.keys, self.heard = set(keys), list[str]()

    def __call__(self, event: ProviderEvent, by: Actor, now: datetime) -> bool:
        self.heard.append(event.id)
        return event.key in self.keys


@pytest.fixture
def takes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Registers takers in the place of the house's own."""
    monkeypatch.setattr(taking, "_takers", {})
    cache.clear()

    def register(**takers: taking.Taker) -> None:
        for name, taker in takers.items():
            taking.register(name, taker)

    return register


def event(name: str = "evt_1", kind: str = CAPTURED, **thing: Any) -> bytes:
    content = {**INTENT, "amount_received": 1250, **thing}
    at = int(datetime.now(UTC).timestamp())
    return json.dumps({"id": name, "type": kind, "created": at, "data": {"object": content}}).encode()


def send(client: Client, body: bytes, *, secret: str = SECRET, ago: timedelta = timedelta()) -> Any:
    stamp = int((datetime.now(UTC) - ago).timestamp())
    signature = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=stamp)
    headers = {"Stripe-Signature": str(signature)}
    return client.post("/api/v1/webhooks/payments", body, content_type="application/json", headers=headers)


def said(response: Any) -> tuple[int, object]:
    told = response.json()
    return response.status_code, told.get("taken", told.get("code"))


def test_every_taker_hears_of_an_event_and_one_that_knows_the_payment_is_enough(
    client: Client, takes: Callable[..., None]
) -> None:
    knows, does_not = Taker("case:authorise"), Taker()
    takes(claims=does_not, voice=knows)

    assert said(send(client, event())) == (200, True)
    assert (knows.heard, does_not.heard) == (["evt_1"], ["evt_1"])


def test_an_event_counts_once_however_often_it_comes(client: Client, takes: Callable[..., None]) -> None:
    taker = Taker("case:authorise")
    takes(voice=taker)

    answers = [
        said(send(client, event("evt_1"))),
        said(send(client, event("evt_2"))),
        said(send(client, event("evt_1"))),
    ]

    assert answers == [(200, True), (200, True), (200, False)]
    assert taker.heard == ["evt_1", "evt_2"]


def test_an_event_of_a_payment_that_nobody_knows_is_kept_and_is_taken_when_it_comes_again_later(
    client: Client, takes: Callable[..., None]
) -> None:
    taker = Taker()
    takes(voice=taker)

    with capture_logs() as logs:
        early = said(send(client, event()))
    taker.keys.add("case:authorise")
    late = said(send(client, event()))

    assert (early, late) == ((200, False), (200, True))
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "event of a payment that nobody here knows"
    ]
    assert ReportedEvent.objects.get().taken_at is not None


def test_where_a_taker_fails_nothing_is_noted_and_the_event_can_come_again(takes: Callable[..., None]) -> None:
    client, taker = Client(raise_request_exception=False), Taker("case:authorise")

    def fails_once(event: ProviderEvent, by: Actor, now: datetime) -> bool:
        if len(taker.heard) == 1:
            raise RuntimeError("it could not be written")
        return False

    takes(first=taker, second=fails_once)

    assert send(client, event()).status_code == 500
    assert not ReportedEvent.objects.exists()
    assert said(send(client, event())) == (200, True)


def test_an_event_that_is_of_no_payment_is_let_pass(client: Client, takes: Callable[..., None]) -> None:
    taker = Taker()
    takes(voice=taker)

    assert said(send(client, event(kind="payment_method.attached"))) == (200, False)
    assert (taker.heard, ReportedEvent.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("body", "how", "answer"),
    [
        (event(), {"secret": "whsec_other"}, (401, "bad_signature")),
        (event(), {"ago": timedelta(minutes=6)}, (401, "old_signature")),
        (b"{}", {}, (400, "unreadable")),
        (b"[", {}, (400, "unreadable")),
    ],
)
def test_what_the_provider_did_not_sign_just_now_or_cannot_be_read_reaches_nobody(
    client: Client, takes: Callable[..., None], body: bytes, how: dict[str, Any], answer: tuple[int, str]
) -> None:
    taker = Taker("case:authorise")
    takes(voice=taker)

    with capture_logs() as logs:
        assert said(send(client, body, **how)) == answer

    assert (taker.heard, ReportedEvent.objects.count()) == ([], 0)
    assert "report of payments refused" in [line["event"] for line in logs]


def test_which_events_came_is_forgotten_once_they_cannot_come_again(client: Client, takes: Callable[..., None]) -> None:
    takes(voice=Taker("case:authorise"))
    send(client, event("evt_old"))
    ReportedEvent.objects.update(came_at=datetime.now(UTC) - taking.REMEMBERED - timedelta(minutes=1))
    send(client, event("evt_new"))

    assert taking.forget(by=system(), now=datetime.now(UTC)) == 1
    assert ReportedEvent.objects.get().pk == "evt_new"


def test_a_second_taker_of_the_same_name_is_refused(takes: Callable[..., None]) -> None:
    takes(voice=Taker())

    with pytest.raises(ValueError, match="voice"):
        taking.register("voice", Taker())
