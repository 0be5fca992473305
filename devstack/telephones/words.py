"""The words between a phone's process and its driver: one JSON object a line, commands in, reports out."""

from __future__ import annotations

from enum import StrEnum


class Do(StrEnum):
    """A command. Each is answered by `Report.DONE` or `Report.FAILED` with its number."""

    DIAL = "dial"
    ANSWER = "answer"
    REJECT = "reject"
    HANG_UP = "hang up"
    HOLD = "hold"
    RESUME = "resume"
    KEYS = "keys"
    """Keys by RFC 4733 events."""
    KEY_TONES = "key tones"
    """Keys as tones in the sound (ITU-T Q.23)."""
    TONE = "tone"
    PLAY = "play"
    RECORD = "record"
    STOP_RECORDING = "stop recording"
    INCOMING = "incoming"
    """What is done with the calls to come."""
    QUIT = "quit"


class Incoming(StrEnum):
    """What a phone does when it is called."""

    ANSWER = "answer"
    RING = "ring"
    BUSY = "busy"


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Report(StrEnum):
    """What a phone tells. The calls' own events are those that a driver can wait for one after the other."""

    READY = "ready"
    DONE = "done"
    FAILED = "failed"
    DIGIT = "digit"
    LEVEL = "level"
    CALLED = "called"
    """Somebody calls us; we ring, unless we are busy."""
    RINGING = "ringing"
    """The phone that we called rings."""
    ESTABLISHED = "established"
    HELD = "held"
    """The other side holds us."""
    RESUMED = "resumed"
    CLOSED = "closed"


OF_A_CALL = frozenset(
    {Report.CALLED, Report.RINGING, Report.ESTABLISHED, Report.HELD, Report.RESUMED, Report.CLOSED},
)
