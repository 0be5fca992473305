"""How large a signal is, and how its texts are written, are details too: neither stops what protects, and of what
cannot be read at all a person hears."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice import raw_input
from backoffice.cards.models import Signal
from backoffice.cards.reissue.keeping import MOST_KEPT
from backoffice.cards.reissue.understanding import MOST_PARSED
from backoffice.cases import alarms
from backoffice.cases.models import Alarm
from backoffice.networks import ScopedThrottle
from backoffice.no_card_numbers import has_card_number
from backoffice.staff.models import Role
from tests.api.conftest import Api
from tests.cards.signing import signal_of
from tests.cards.test_signals_protect_first import PAN, PATH, PAYMENT, is_blocked, not_understood, payments_of, send
from tests.factories import actor, make_card, make_staff, now

pytestmark = pytest.mark.django_db
KB, MB = 1024, 1024 * 1024
MOST = raw_input.largest("/api/v1/signals/fraud")


@pytest.mark.parametrize("size", [257 * KB, MOST_PARSED, MOST_PARSED + 1, 3 * MB, MOST])
def test_a_signal_that_is_too_long_to_be_understood_blocks_its_card(anybody: Api, size: int) -> None:
    card = make_card()
    body = signal_of(card, story="x")
    body = body.replace(b'"x"', b'"' + b"y" * (size - len(body) + 1) + b'"')

    response = send(anybody, body)

    assert (len(body), response.status_code, is_blocked(card)) == (size, 202, True)
    assert not_understood(response) == ({""} if size > MOST_PARSED else {"data.story"})
    assert len(Signal.objects.get().unread["text"]) <= MOST_KEPT
    assert not Alarm.objects.exists()


def test_a_long_signal_that_names_no_card_at_its_beginning_is_an_alarm(anybody: Api) -> None:
    card = make_card()

    response = send(anybody, b'{"x": "' + b"y" * MOST_PARSED + b'", ' + signal_of(card)[1:])

    assert (response.status_code, Alarm.objects.get().code) == (400, "signal_without_card")


@pytest.mark.parametrize(
    ("path", "code", "who"),
    [(PATH, "signal_not_read", "fraud detector"), ("webhooks/issuer", "event_not_read", "issuer")],
)
@pytest.mark.parametrize("told", ["too large", "of unknown length"])
def test_what_cannot_be_read_is_refused_and_a_person_hears_of_it(
    anybody: Api, path: str, code: str, who: str, told: str
) -> None:
    raw = b"{" + b" " * MOST if told == "too large" else b""
    more = {} if raw else {"transfer-encoding": "chunked"}
    length: dict[str, Any] = {} if raw else {"CONTENT_LENGTH": ""}

    answers = [
        anybody.client.post(f"/api/v1/{path}", raw, "application/json", headers={"webhook-id": PAN} | more, **length)
        for _ in range(2)
    ]

    assert {answer.status_code for answer in answers} == ({413} if raw else {411})
    assert {answer.json()["code"] for answer in answers} == {"too_large" if raw else "length_required"}
    alarm = Alarm.objects.get()
    assert (alarm.code, who in alarms.sentence(alarm)) == (code, True)
    assert str(MOST + 1) in alarm.told["text"] or not raw
    assert len(alarm.told["text"]) <= 80
    assert not has_card_number(alarm.told["text"])


def test_an_alarm_of_what_was_not_read_hides_no_later_one(anybody: Api) -> None:
    anna = make_staff(role=Role.SUPERVISOR)
    large: dict[str, Any] = {"CONTENT_LENGTH": str(MOST + 1)}

    for _ in range(2):
        anybody.client.post(f"/api/v1/{PATH}", b"{}", "application/json", **large)
        alarm = alarms.open_ones().get()
        alarms.resolve(alarm_id=alarm.pk, by=actor(anna), user=anna, reason="I asked the detector", now=now())

    assert Alarm.objects.count() == 2


def test_what_cannot_be_read_counts_as_unsigned(anybody: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", {"unsigned": "2/min"})
    large: dict[str, Any] = {"CONTENT_LENGTH": str(MOST + 1)}

    answers = [anybody.client.post(f"/api/v1/{PATH}", b"{}", "application/json", **large) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [413, 413, 429]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("Cafe\u0301", "Caf\u00e9"),
        (" Elektra  2000 ", "Elektra 2000"),
        ("La\u3164den", "La den"),
        ("z" + "\u0301" * 40, "\u017a" + "\u0301" * 29),
    ],
)
def test_a_merchant_is_kept_as_every_text(anybody: Api, told: str, read: str) -> None:
    card = make_card()

    assert send(anybody, signal_of(card, payments=[PAYMENT | {"merchant": told}])).status_code == 202
    assert payments_of(card)[0]["merchant"] in (read, read.replace(" ", ""))


@pytest.mark.parametrize("told", ["\u3164", "\u2800\u2800", "\u0301", "\ufe0f"])
def test_a_merchant_whom_nobody_can_see_is_named(anybody: Api, told: str) -> None:
    card = make_card()

    response = send(anybody, signal_of(card, payments=[PAYMENT | {"merchant": told}]))

    assert (not_understood(response), payments_of(card)[0]["merchant"]) == ({"payments.0.merchant"}, "")
