"""Commands and events that are not signed, not fresh, or sent again."""

from __future__ import annotations

import pytest
import time_machine

from backoffice.voice.signing import FRESH, NotSigned, Verifier, signed
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
