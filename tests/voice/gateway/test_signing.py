"""Commands and events that are not signed, not fresh, or sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import time_machine

from backoffice.voice import signing
from backoffice.voice.signing import FRESH, KNOWN_FOR, NotSigned, Verifier, signed
from tests.voice.gateway.exchange import SECRET

BODY = b'{"command":"look"}'
OTHER = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3Rz"


def test_a_signed_request_is_taken_once() -> None:
    verifier, headers = Verifier(SECRET), signed(BODY, secret=SECRET, id="one")

    verifier.check(BODY, headers)

    with pytest.raises(NotSigned, match="replay"):
        verifier.check(BODY, headers)
    verifier.check(BODY, signed(BODY, secret=SECRET, id="two"))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "1", "v1,AAAA"])
def test_a_request_without_its_signature_is_refused(name: str, value: str | None) -> None:
    headers = {**signed(BODY, secret=SECRET, id="one"), name: value or ""}
    if value is None:
        del headers[name]

    with pytest.raises(NotSigned):
        Verifier(SECRET).check(BODY, headers)


def test_another_body_or_another_secret_is_refused() -> None:
    with pytest.raises(NotSigned, match="signature"):
        Verifier(SECRET).check(BODY + b" ", signed(BODY, secret=SECRET, id="one"))
    with pytest.raises(NotSigned, match="signature"):
        Verifier(SECRET).check(BODY, signed(BODY, secret=OTHER, id="one"))


@pytest.mark.parametrize("shift", [-FRESH - 2, FRESH + 2])
def test_a_request_that_was_under_way_for_too_long_is_refused(shift: float) -> None:
    with time_machine.travel("2026-01-05 12:00 +0000", tick=False) as clock:
        headers = signed(BODY, secret=SECRET, id="one")
        clock.shift(shift)

        with pytest.raises(NotSigned, match="stale"):
            Verifier(SECRET).check(BODY, headers)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float, float], None]]:
    """Lets so many seconds pass, in which the clock on the wall goes on by as many as are given second."""
    with time_machine.travel("2026-01-05 12:00 +0000", tick=False) as clock:
        passed = 0.0

        def passes(seconds: float, on_the_wall: float) -> None:
            nonlocal passed
            passed += seconds
            clock.shift(on_the_wall)

        monkeypatch.setattr(signing, "time", SimpleNamespace(time=time.time, monotonic=lambda: passed))
        yield passes


@pytest.mark.parametrize("back", [FRESH, KNOWN_FOR, 300, 3600])
def test_a_clock_that_is_set_back_makes_no_request_fresh_again(
    passing: Callable[[float, float], None], back: float
) -> None:
    verifier, heard = Verifier(SECRET), signed(BODY, secret=SECRET, id="heard by somebody")
    verifier.check(BODY, heard)
    passing(back + 1, back + 1)
    verifier.check(BODY, signed(BODY, secret=SECRET, id="later"))
    passing(1, -back)

    with pytest.raises(NotSigned, match=r"replay|stale"):
        verifier.check(BODY, heard)


@pytest.mark.parametrize("back", [5, FRESH, KNOWN_FOR])
def test_clocks_that_are_set_back_a_little_stop_nobody(passing: Callable[[float, float], None], back: float) -> None:
    verifier = Verifier(SECRET)
    for number in range(400):
        verifier.check(BODY, signed(BODY, secret=SECRET, id=f"before {number}"))
        passing(1, 1)
    passing(1, -back)

    verifier.check(BODY, signed(BODY, secret=SECRET, id="after"))


def test_clocks_that_are_set_back_far_stop_requests_only_until_they_are_past_what_is_forgotten(
    passing: Callable[[float, float], None],
) -> None:
    verifier = Verifier(SECRET)
    for number in range(400):
        verifier.check(BODY, signed(BODY, secret=SECRET, id=f"before {number}"))
        passing(1, 1)
    passing(1, -KNOWN_FOR - 100)

    with pytest.raises(NotSigned, match="stale"):
        verifier.check(BODY, signed(BODY, secret=SECRET, id="too early"))
    passing(101, 101)
    verifier.check(BODY, signed(BODY, secret=SECRET, id="late enough"))


def test_no_more_ids_are_kept_than_there_is_room_for_and_what_was_put_out_is_not_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signing, "MOST_SEEN", 10)
    with time_machine.travel("2026-01-05 12:00 +0000", tick=False) as clock:
        verifier, first = Verifier(SECRET), signed(BODY, secret=SECRET, id="first")
        verifier.check(BODY, first)
        for number in range(50):
            clock.shift(1)
            verifier.check(BODY, signed(BODY, secret=SECRET, id=f"{number}"))

        assert len(verifier._seen) <= 11
        with pytest.raises(NotSigned, match="stale"):
            verifier.check(BODY, first)
