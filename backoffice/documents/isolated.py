"""Runs `checker.py` on a file: in a process of its own, with limits, and without our environment and its secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from backoffice.documents.models import RefusedFor

log = structlog.get_logger(__name__)
LONGEST = timedelta(seconds=30)
"""Of the wall clock; of the processor it gets less (`checker.CPU_SECONDS`)."""
_COMMAND = ["-I", str(Path(__file__).with_name("checker.py"))]


class CannotUse(Exception):
    """Why a file cannot be used."""

    def __init__(self, reason: RefusedFor) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: `content` is what is kept, which for a picture is the picture drawn anew."""

    media_type: str
    pages: int
    content: bytes


def check(content: bytes) -> Checked:
    """Raises `CannotUse`."""
    told, picture = _run(content, "check")
    return Checked(str(told["media_type"]), int(str(told["pages"])), picture or content)


def draw(content: bytes, *, number: int, width: int) -> bytes:
    """A page, counted from 1, as PNG of this width in pixels. Raises `CannotUse`."""
    return _run(content, "draw", str(number), str(width))[1]


def redact(content: bytes, areas: Sequence[Sequence[int]]) -> bytes:
    """A PDF of its pages, drawn anew, on which only these areas are not black. Each is a page, counted from 1, and in
    percent of it left, top, width and height. Raises `CannotUse`."""
    return _run(content, "redact", json.dumps(areas))[1]


def codes(content: bytes) -> list[str]:
    """The texts of the QR codes on it. Raises `CannotUse`."""
    found = _run(content, "codes")[0]["codes"]
    assert isinstance(found, list)
    return [str(one) for one in found]


def _run(content: bytes, *arguments: str) -> tuple[dict[str, object], bytes]:
    """A process that was ended by its limits, or that crashed, says that the file is too complex."""
    command = [sys.executable, *_COMMAND, *arguments]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=LONGEST.total_seconds(), env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotUse(RefusedFor.TOO_COMPLEX) from None
    line, _newline, rest = done.stdout.partition(b"\n")
    if done.returncode or not line:
        log.warning("a file could not be checked", ended=done.returncode)
        raise CannotUse(RefusedFor.TOO_COMPLEX)
    try:
        told: dict[str, object] = json.loads(line)
    except ValueError:
        raise CannotUse(RefusedFor.TOO_COMPLEX) from None
    if reason := told.get("refused"):
        raise CannotUse(RefusedFor(reason) if reason in RefusedFor.values else RefusedFor.DAMAGED)
    return told, rest
