"""The verdict on a signed PDF. It is a function of the file, of who must sign, of our trust list and of the time; it
reads no database and never the network, and it says everything that is wrong, not only the first."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from .deadline import OutOfTime, within
from .parties import WantedSigner
from .trust_list import TrustList
from .verdict import Code, Reason, Verdict

log = logging.getLogger(__name__)
LONGEST = 10.0
"""Seconds of real time. An honest file takes some hundredths of one."""


def examine(
    pdf: bytes,
    *,
    wanted: Sequence[WantedSigner],
    trust: TrustList,
    at: datetime,
    original: bytes | None = None,
    longest: float = LONGEST,
) -> Verdict:
    """Whether the file is signed by exactly those who must sign it, each once, and unchanged since. More of a company's
    people may sign than bind it.

    `at` is now (aware UTC): a certificate must be valid then, or when a time stamp that we trust proves the signature.
    `original` is the form that we gave out: the file must begin with exactly its bytes, and may add signatures alone.
    It raises nothing for a file, which is refused when it cannot be read; ValueError for a time without a zone, and
    RuntimeError in a running event loop.
    """
    if at.utcoffset() is None:
        raise ValueError("`at` needs a time zone")
    if _in_event_loop():
        raise RuntimeError("examine a signed file in a thread of its own, not in an event loop")
    try:
        return within(longest, partial(_examined, pdf, wanted=wanted, trust=trust, at=at, original=original))
    except OutOfTime:
        return _refused(pdf, Code.TOO_COMPLEX, wanted)


def _examined(
    pdf: bytes, *, wanted: Sequence[WantedSigner], trust: TrustList, at: datetime, original: bytes | None
) -> Verdict:
    from .file import LARGEST, Unfit  # the library takes most of a second to import, and few need it
    from .inspection import inspect
    from .pages import TooComplex

    if len(pdf) > LARGEST:
        return _refused(pdf, Code.TOO_LARGE, wanted)
    try:
        return asyncio.run(inspect(pdf, wanted=wanted, trust=trust, at=at, original=original))
    except Unfit as unfit:
        return _refused(pdf, unfit.reason.code, wanted)
    except (TooComplex, RecursionError, MemoryError):
        return _refused(pdf, Code.TOO_COMPLEX, wanted)
    except Exception as error:
        log.warning("a signed file could not be read: %s", type(error).__name__)
        return _refused(pdf, Code.UNREADABLE, wanted)


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _refused(pdf: bytes, code: Code, wanted: Sequence[WantedSigner]) -> Verdict:
    return Verdict(
        accepted=False,
        sha256=hashlib.sha256(pdf).hexdigest(),
        signatures=(),
        missing=tuple(party.role for party in wanted),
        reasons=(Reason(code),),
    )
