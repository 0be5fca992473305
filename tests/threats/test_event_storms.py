"""Events of the voice gateway by the thousand: doubled, in any order, late, of calls that we do not know, of cases that
are over, and with values that no gateway of ours sends. What they come to is what each of them, once and in its order,
would have come to, or less; nobody gets an error page, and no row is made for each."""

from __future__ import annotations

import itertools
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from backoffice.cases import timeline
from backoffice.cases.models import CaseState, WorkItem
from backoffice.cases.models import Event as TimelineEvent
from backoffice.payments.ledger.models import Posting
from backoffice.payments.voice.models import CleanLeg, MoneyState, VoiceCall, VoicePayment
from backoffice.telephony.models import MenuCall, StrayReport
from backoffice.voice.signing import signed
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.payments.voice.conftest import Played
from tests.payments.voice.conftest import bank as bank
from tests.payments.voice.conftest import card as card
from tests.payments.voice.conftest import payment as payment
from tests.payments.voice.conftest import played as played
from tests.payments.voice.ordered import NOON, ask, heard_by_process, order, prepared
from tests.playing import close
from tests.voice.gateway.exchange import SECRET

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/webhooks/voice"
AT = "2026-01-05T12:00:00Z"
LEFT = {"event": "left", "role": "customer", "why": "hung_up", "answered": True}
ARRIVED = {"event": "arrived", "called": "menu", "caller": "+31205550111"}
CAPTURED = {"event": "captured", "key": "k", "outcome": "done", "token": "pm_1", "brand": "visa", "last_four": "4242"}
WINDOW = {
    "capture": "k",
    "conversation": "c",
    "instance": "gateway-1",
    "frames": 5,
    "non_silent": 0,
    "events": 0,
    "ssrc": 7,
    "first_sequence": 1,
    "last_sequence": 5,
    "began_at": AT,
    "ended_at": AT,
}
MANY = 200
"""Events of a storm. It was tried with a thousand, too; each takes some milliseconds."""
_ids = itertools.count(1)
Told = dict[str, Any]


@pytest.fixture(autouse=True)
def _gateway(settings: Settings) -> Iterator[None]:
    """At the time at which the process of these payments plays."""
    with time_machine.travel(NOON + timedelta(minutes=1)):
        yield


@pytest.fixture(autouse=True)
def _signs(settings: Settings) -> None:
    settings.VOICE_CONTROL_URL, settings.VOICE_EVENTS_SECRET = "http://127.0.0.1:9", SECRET


def signed_now(body: bytes) -> dict[str, str]:
    return signed(body, secret=SECRET, id=f"evt_{next(_ids)}")


def post(client: Client, told: Told | bytes) -> int:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return int(client.post(EVENTS, body, content_type="application/json", headers=signed_now(body)).status_code)


def event(what: Told, conversation: str = "", *, number: Any = 1, **more: Any) -> Told:
    told = {"instance": "gateway-1", "conversation": conversation or str(uuid.uuid4()), "number": number, "at": AT}
    return {**told, "what": what, **more}


def proof(text: str = "", *, signature: str = "AAAA", key_id: str = "0" * 16, **window: Any) -> Told:
    return {"window": text or json.dumps({**WINDOW, **window}), "signature": signature, "key_id": key_id}


def test_who_calls_may_say_anything_of_their_number(client: Client) -> None:
    """The display of a telephone is the one thing that a stranger chooses."""
    callers = [
        "",
        "\x00",
        "\x1b[2J",
        "'; DROP TABLE x; --",
        "+" * 40,
        "٣" * 12,
        "anonymous",
        "<script>",
        "%00",
        "😀" * 40,
    ]
    for number, caller in enumerate(callers):
        assert post(client, event({**ARRIVED, "caller": caller}, f"in-{number}")) == 200

    assert MenuCall.objects.count() == len(callers)


@pytest.mark.parametrize(
    "told",
    [
        *(event(LEFT, conversation) for conversation in ("x" * 65, "x" * 90_000, "\x00", "in-é", "😀", "a b", "../x")),
        *(event(ARRIVED, conversation) for conversation in ("in-" + "x" * 70, "in-\x00")),
        *(event(LEFT, number=number) for number in (-1, 0, 2**31, 2**64, 1.5, "1", None)),
        *(event({**ARRIVED, "caller": caller}, "in-1") for caller in ("1" * 41, "\ud800")),
        *(event(LEFT, instance=instance) for instance in ("x" * 90_000, "\x00", "")),
        *(event(LEFT, at=at) for at in ("", "yesterday", 5)),
        *(event({**CAPTURED, **more}) for more in ({"token": "x" * 65}, {"brand": "\x00"}, {"last_four": "12345"})),
        *(event({**CAPTURED, "proof": proof(text)}) for text in ("no JSON", "{}", "[" * 1_999, "x" * 2_001)),
        *(event({**CAPTURED, "proof": proof(frames=frames)}) for frames in (-1, 2**31, "5")),
        *(event({**CAPTURED, "proof": proof(**more)}) for more in ({"signature": "\x00"}, {"key_id": "x"})),
        *(event({"event": "asked", "key": "k", "digits": digits}) for digits in ("1" * 34, "\x00", "1a", "")),
        *(b"[" * 50_000, b'{"what":' * 20_000, b"", b"null", b"{}", b'{"event":"left"}'),
    ],
    ids=lambda told: str(told)[-40:],
)
def test_an_event_that_no_gateway_of_ours_sends_is_refused_and_no_error(client: Client, told: Told | bytes) -> None:
    assert post(client, told) == 400

    assert not StrayReport.objects.exists()
    assert not MenuCall.objects.exists()


@pytest.mark.parametrize(("ago", "is_taken"), [(0, True), (290, True), (310, False), (-290, True), (-310, False)])
def test_a_gateway_whose_clock_is_wrong_is_heard_within_five_minutes(client: Client, ago: int, is_taken: bool) -> None:
    told = event(LEFT)
    body = json.dumps(told).encode()
    with time_machine.travel("2026-01-05 12:00 +0000", tick=False) as clock:
        headers = signed_now(body)
        clock.shift(timedelta(seconds=ago))
        status = client.post(EVENTS, body, content_type="application/json", headers=headers).status_code

    assert status == (200 if is_taken else 401)
    assert StrayReport.objects.exists() is is_taken


def story_of(call: VoiceCall) -> Sequence[Told]:
    """All that a gateway tells of a call in which everything goes well, but for what was not asked."""
    key = f"{call.id}:read:{call.payment.version}:1"
    whats: list[Told] = [
        {"event": "ringing", "role": "customer"},
        {"event": "answered", "role": "customer"},
        {"event": "asked", "key": key, "digits": "1", "why": "keyed"},
        {"event": "keying", "key": "k", "item": "security_code", "stage": "asked"},
        {"event": "keying", "key": "k", "item": "security_code", "stage": "typing"},
        {**CAPTURED, "proof": proof()},
        LEFT,
    ]
    return [event(what, call.conversation, number=number) for number, what in enumerate(whats, 1)]


def rung(payment: VoicePayment) -> VoiceCall:
    call = prepared(payment)
    ask(payment.case, "ring_customer")
    return call


def test_a_storm_of_events_does_nothing_twice(client: Client, payment: VoicePayment, played: Played) -> None:
    """Of two payments, of calls of nobody and of one that came in, each many times and in any order."""
    rnd = random.Random(1)
    other = order()
    calls = [rung(payment), rung(other)]
    strangers = [event(LEFT, str(uuid.UUID(int=number))) for number in range(5)]
    of_another_run = [{**one, "instance": "gateway-0"} for call in calls for one in story_of(call)]
    storm = [*(one for call in calls for one in story_of(call)), *strangers, *of_another_run, event(ARRIVED, "in-1")]
    storm += [event(LEFT, f"pay-{uuid.UUID(int=number)}") for number in range(5)]
    many = storm * (MANY // len(storm) + 1)
    rnd.shuffle(many)

    answers = Counter(post(client, one) for one in many)

    assert set(answers) == {200}
    assert StrayReport.objects.count() == len(strangers)
    assert MenuCall.objects.count() == 1
    for one in (payment, other):
        one.refresh_from_db()
        assert timeline.verify(one.case) is None
        kinds = TimelineEvent.objects.filter(case=one.case).values_list("kind", flat=True)
        assert set(Counter(kinds).values()) == {1}
        assert {times for told, times in Counter(heard_by_process(one)).items() if told != "changed"} <= {1}
        assert one.money == MoneyState.NOTHING
        assert CleanLeg.objects.filter(payment=one).count() <= 1
    assert not Posting.objects.exists()


def test_in_their_order_they_come_to_the_whole_story_however_often_each_comes(
    client: Client, payment: VoicePayment, played: Played
) -> None:
    call = rung(payment)
    story = story_of(call)
    for number, one in enumerate(story):
        if one["what"]["event"] == "asked":
            ask(payment.case, "read_out")
        for again in (*story[: number + 1], one, one):
            assert post(client, again) == 200

    assert heard_by_process(payment) == ["answered", "agreed", "taken", "hung_up"]
    assert CleanLeg.objects.filter(payment=payment).count() == 1


def test_a_case_that_is_over_stays_over(client: Client, payment: VoicePayment, played: Played) -> None:
    call = rung(payment)
    close(payment.case)
    for one in (*story_of(call), *story_of(call)[::-1]):
        assert post(client, one) == 200
    payment.refresh_from_db()
    payment.case.refresh_from_db()

    assert payment.case.state == CaseState.CLOSED
    assert timeline.verify(payment.case) is None
    assert (payment.money, payment.token) == (MoneyState.NOTHING, "")
    assert not WorkItem.objects.filter(case=payment.case).exists()


def test_what_was_keyed_in_while_the_order_was_called_off_is_not_kept(
    client: Client, payment: VoicePayment, played: Played
) -> None:
    """The event was still on its way when the case closed, and with it the last moment to forget the token."""
    call = rung(payment)
    *story, keyed, _left = story_of(call)
    for one in story:
        if one["what"]["event"] == "asked":
            ask(payment.case, "read_out")
        assert post(client, one) == 200
    close(payment.case)
    assert post(client, keyed) == 200
    payment.refresh_from_db()

    assert heard_by_process(payment) == ["answered", "agreed"]
    assert payment.token == ""
    assert CleanLeg.objects.filter(payment=payment).count() == 1, "the proof is kept all the same"
