"""The virus scanner, where there is one: clamd, by its INSTREAM command. A file that it could not look at is never
passed. The harmless test file of EICAR is known without it."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import structlog
from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.documents.isolated import CannotUse
from backoffice.documents.models import RefusedFor
from backoffice.refusals import Refused

log = structlog.get_logger(__name__)
LONGEST = 30
"""Seconds without a word from the scanner."""
PORT = 3310
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class ScannerAway(Refused):
    """The scanner does not answer, or could not look at the file."""

    status = 503

    def __init__(self) -> None:
        sentence = _("We cannot check files for viruses just now, so we took nothing. Try again in a few minutes.")
        super().__init__("scanner_away", sentence, field="file")


def scan(content: bytes) -> None:
    """Raises `CannotUse` for a file with a virus, and `ScannerAway`."""
    if EICAR in content:
        raise CannotUse(RefusedFor.VIRUS)
    if not settings.CLAMD_URL:
        return
    try:
        verdict = (_clamd(settings.CLAMD_URL).instream(io.BytesIO(content)) or {}).get("stream", ("ERROR", None))[0]
    except (ClamdError, OSError, ValueError) as away:
        log.warning("the virus scanner does not answer", error=type(away).__name__)
        raise ScannerAway from None
    if verdict == "FOUND":
        raise CannotUse(RefusedFor.VIRUS)
    if verdict != "OK":
        log.warning("the virus scanner could not look at a file")
        raise ScannerAway


def _clamd(url: str) -> ClamdNetworkSocket:
    """Raises `ValueError` for an address that is none."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path:
        return ClamdUnixSocket(path=parts.path, timeout=LONGEST)
    if parts.scheme == "tcp" and parts.hostname:
        return ClamdNetworkSocket(parts.hostname, parts.port or PORT, timeout=LONGEST)
    raise ValueError("CLAMD_URL is neither tcp://host:port nor unix:///path")
