"""Signals of fraud: signed, fresh, once. What is not signed is refused, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from structlog.testing import capture_logs

from backoffice.cards.models import CardState
from backoffice.cases.models import Case, Command, Event
from tests.api.conftest import Api, said
from tests.cards.signing import signal_of, signed_signal
from tests.factories import make_card

pytestmark = pytest.mark.django_db
PATH = "signals/fraud"


def send(anybody: Api, body: bytes, **signing: object) -> HttpResponse:
    return anybody.post(PATH, raw=body, **signed_signal(body, **signing))  # type: ignore[arg-type]


def test_a_good_signal_blocks_the_card_and_opens_a_case(anybody: Api) -> None:
    card = make_card()

    response = send(anybody, signal_of(card))

    card.refresh_from_db()
    case = Case.objects.get(customer=card.customer)
    assert (response.status_code, said(response)) == (202, {"case": case.reference, "new": True})
    assert card.state == CardState.BLOCKED
    assert Command.objects.filter(case=case, kind="start").count() == 1
    assert case.timeline.order_by("number").first().actor_id == "detector"  # type: ignore[union-attr]


def test_a_replay_is_answered_200_without_effect_and_noted(anybody: Api) -> None:
    body = signal_of(make_card())
    first = send(anybody, body, signal_id="msg_1")
    events, commands = Event.objects.count(), Command.objects.count()

    with capture_logs() as logs:
        again = send(anybody, body, signal_id="msg_1")

    assert (again.status_code, said(again)) == (200, {"case": said(first)["case"], "new": False})
    assert (Case.objects.count(), Event.objects.count(), Command.objects.count()) == (1, events, commands)
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["signal without effect"]


def test_another_signal_on_the_same_card_goes_to_the_same_case(anybody: Api) -> None:
    card = make_card()
    first = send(anybody, signal_of(card))

    second = send(anybody, signal_of(card))

    assert (second.status_code, said(second)["case"]) == (200, said(first)["case"])
    assert Event.objects.filter(kind="card.signalled_again").count() == 1


@pytest.mark.parametrize("signing", [{"secret": "whsec_Zm9yZ2VkIGJ5IHNvbWVib2R5"}, {}])
def test_a_bad_signature_is_401_and_noted(anybody: Api, signing: dict[str, str]) -> None:
    card = make_card()
    body = signal_of(card)
    headers = signed_signal(body, **signing)  # type: ignore[arg-type]
    tampered = body if signing else body.replace(b"899.00", b"899.01")

    with capture_logs() as logs:
        response = anybody.post(PATH, raw=tampered, **headers)

    assert (response.status_code, said(response)["code"]) == (401, "bad_signature")
    assert any(line["event"] == "signal refused" for line in logs)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "msg_1"},
        {"webhook-id": "msg_1", "webhook-timestamp": "x", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1", "webhook-timestamp": "1e400", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1", "webhook-timestamp": "NOW", "webhook-signature": "v1"},
        {"webhook-id": "msg_1", "webhook-timestamp": "NOW", "webhook-signature": "v1,%%%"},
        {"webhook-id": "msg_1", "webhook-timestamp": "NOW", "webhook-signature": "v2,AAAA"},
    ],
)
def test_headers_that_are_no_signature_are_401(anybody: Api, headers: dict[str, str]) -> None:
    now = str(int(datetime.now(UTC).timestamp()))

    response = anybody.post(
        PATH, raw=signal_of(make_card()), **{name: now if value == "NOW" else value for name, value in headers.items()}
    )

    assert response.status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_or_a_future_time_stamp_is_400(anybody: Api, minutes: int) -> None:
    response = send(anybody, signal_of(make_card()), at=datetime.now(UTC) + timedelta(minutes=minutes))

    assert (response.status_code, said(response)["code"]) == (400, "old_timestamp")
    assert not Case.objects.exists()
