"""The public page "are you talking to us?": what it tells to whom, and that trying tells nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.references import new_reference
from backoffice.telephony.live import LiveState, asking
from backoffice.telephony.live.asking import Answer, ask
from backoffice.telephony.live.reading import Reader
from backoffice.telephony.live.snapshots import Snapshot, key_of_case, key_of_number
from backoffice.telephony.live.states import OnCall
from tests.outages import cache_away
from tests.telephony.live.oncall import CASE, Clocks, on_call

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NUMBER = "+12025550112"


@pytest.fixture(autouse=True)
def clocks(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clocks:
    """A reader that holds what `publish` gave it."""
    cache.clear()
    settings.LIVE_STORE = "unix:///nowhere"
    turned = Clocks()
    held = Reader()
    held.latest = turned.latest()
    monkeypatch.setattr("backoffice.telephony.live.reading._reader", held)
    publish(held, turned)
    turned.held = held  # type: ignore[attr-defined]
    return turned


def publish(held: Reader, clocks: Clocks, *calls: OnCall) -> None:
    keys = [key_of_number(NUMBER), key_of_case(CASE, NUMBER[-3:])]
    held.latest.take(Snapshot.taken(clocks.wall, [(keys, call) for call in calls]).sealed())


def on(clocks: Clocks, *calls: OnCall) -> None:
    clocks.pass_(1)
    publish(clocks.held, clocks, *calls)  # type: ignore[attr-defined]


def asked(typed: str, last_three: str = "", network: str = "192.0.2.1", now: datetime = NOW) -> Answer:
    return ask(typed=typed, last_three=last_three, network=network, now=now, padded=False)


WAYS = [
    (NUMBER, ""),
    ("+1 (202) 555-0112", ""),
    (CASE, "112"),
    (CASE.lower().replace("-", " "), "…112"),
    (CASE, NUMBER),
]


@pytest.mark.parametrize("typed", WAYS, ids=range(5))
def test_who_knows_the_number_or_the_case_learns_whether_it_is_us(clocks: Clocks, typed: tuple[str, str]) -> None:
    assert asked(*typed).state == LiveState.NOT_US
    on(clocks, on_call(talking=False))
    assert asked(*typed).state == LiveState.CALLING
    on(clocks, on_call())
    assert asked(*typed).state == LiveState.TALKING


def test_a_number_without_its_country_is_one_of_ours(clocks: Clocks, settings: Any) -> None:
    settings.COMPANY_PHONE = "+1 202 555 0100"
    on(clocks, on_call())

    assert asked("(202) 555 0112").state == LiveState.TALKING


def test_no_answer_names_anybody(clocks: Clocks) -> None:
    on(clocks, on_call())
    answer = asked(CASE, "112")
    said = f"{answer.says} {answer.now_do}"

    assert not [secret for secret in ("Hanna", "cards", CASE, "112", "••", "14:0") if secret in said]


def test_the_case_alone_tells_nothing(clocks: Clocks) -> None:
    unknown = asked(new_reference())
    on(clocks, on_call())

    assert asked(CASE) == unknown
    assert asked(CASE).state == LiveState.CANNOT_CHECK
    assert asked(CASE, "12") == unknown


def test_wrong_digits_an_unknown_case_and_a_silent_line_are_answered_alike(clocks: Clocks) -> None:
    silent = asked(CASE, "112")
    on(clocks, on_call())

    assert silent.state == LiveState.NOT_US
    assert asked(CASE, "113") == asked(new_reference(), "112") == asked("+12025550199") == silent


@pytest.mark.parametrize(
    "typed", ["", "-", "hello", "1234567", "' OR 1=1 --", "9" * 100_000, "\u200b", "+", "K7Q-4MX-3"], ids=range(9)
)
def test_what_is_neither_is_not_called_a_fraud(typed: str) -> None:
    assert asked(typed, "112").state == LiveState.CANNOT_CHECK


def test_it_is_not_us_only_by_a_young_snapshot(clocks: Clocks) -> None:
    clocks.pass_(3.1)
    assert asked(NUMBER).state == LiveState.CANNOT_CHECK
    on(clocks, on_call())
    clocks.pass_(15.1)
    assert asked(NUMBER).state == LiveState.CANNOT_CHECK


def test_while_tries_cannot_be_counted_it_cannot_be_checked(clocks: Clocks) -> None:
    on(clocks, on_call())
    with cache_away():
        assert asked(NUMBER).state == LiveState.CANNOT_CHECK


@pytest.mark.django_db
def test_no_answer_reads_the_database(clocks: Clocks) -> None:
    on(clocks, on_call())
    with CaptureQueriesContext(connection) as captured:
        for typed in ((NUMBER, ""), (CASE, "112"), (new_reference(), "000"), ("nonsense", "")):
            asked(*typed)

    assert len(captured) == 0


def test_while_a_call_is_on_its_digits_cannot_be_tried_through(clocks: Clocks) -> None:
    on(clocks, on_call())
    answers = [asked(CASE, f"{900 + n}", network=f"192.0.2.{n}") for n in range(12)]
    blocked = asked(CASE, "112", network="198.51.100.7")

    assert {answer.state for answer in answers} == {LiveState.NOT_US}
    assert blocked.state == LiveState.CANNOT_CHECK
    assert blocked == [asked(CASE, "000", network=f"203.0.113.{n}") for n in range(2)][-1]
    assert asked(CASE, "112", now=NOW + timedelta(minutes=10)).state == LiveState.TALKING


def test_hundreds_of_tries_find_nobody_who_is_not_called(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many as the limit in all allows, and one of these numbers is called: all others are answered alike."""
    monkeypatch.setattr(asking, "IN_ALL", replace(asking.IN_ALL, times=300))
    on(clocks, on_call())
    answers = [asked(f"+1202555{n:04d}", network=f"2001:db8:{n:x}::") for n in range(600)]

    assert len(set(answers)) == 3
    assert sum(answer.state == LiveState.TALKING for answer in answers) == 1
    assert sum(answer.state != LiveState.CANNOT_CHECK for answer in answers) == asking.IN_ALL.times


def test_one_network_is_answered_thirty_times_in_ten_minutes(clocks: Clocks) -> None:
    states = [asked(f"+12025550{n:03d}").state for n in range(100, 131)]

    assert states == [LiveState.NOT_US] * 30 + [LiveState.CANNOT_CHECK]
    assert asked("+12025550199", network="198.51.100.7").state == LiveState.NOT_US


def test_a_padded_answer_takes_the_same_time_for_known_and_unknown(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PADDED_TO", timedelta(milliseconds=60))
    on(clocks, on_call())

    def seconds(typed: str, last_three: str, n: int) -> float:
        began = time.perf_counter()
        ask(typed=typed, last_three=last_three, network=f"192.0.2.{n}", now=NOW)
        return time.perf_counter() - began

    known = [seconds(CASE, "112", n) for n in range(11)]
    unknown = [seconds(new_reference(), "112", n) for n in range(11)]

    assert abs(median(known) - median(unknown)) < 0.01
    assert min(known + unknown) >= 0.055


@pytest.mark.django_db
def test_the_page_answers_in_words_and_keeps_nothing(clocks: Clocks) -> None:
    on(clocks, on_call())
    client = Client()
    empty = client.post(reverse("calling"), {"typed": ""})
    answer = client.post(reverse("calling"), {"typed": NUMBER})

    assert empty.status_code == 400
    assert "Type your telephone number" in empty.content.decode()
    assert "Yes: one of us is talking on your number now." in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies.get("live")
    assert not answer.cookies.get("sessionid")
    assert client.get(reverse("calling"), {"typed": NUMBER}).content.decode().count("Yes: one of us") == 0
