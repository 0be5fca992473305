"""The gateways of text messages and letters: JSON over HTTP, with the contact's reference as idempotency key."""

from __future__ import annotations

import http.client
import json
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

TIMEOUT = 10
_AGAIN = {408, 425, 429}


class GatewayRefusalError(Exception):
    """The gateway refuses this message for good, for example because the number does not exist."""


def post_sms(*, to: str, text: str, reference: str) -> None:
    """Hands a text message over. Raises `GatewayRefusalError`, or `OSError` when it should be tried again."""
    _post(settings.SMS_URL, {"to": to, "text": text, "reference": reference}, reference)


def post_letter(*, to: str, subject: str, text: str, reference: str) -> None:
    """Hands a letter to the printer at `LETTER_URL`; `to` is the lines of the envelope: who it is for, and where.

    Raises `GatewayRefusalError`, or `OSError` when it should be tried again.
    """
    letter = {"kind": "letter", "to": to, "subject": subject, "text": text, "reference": reference}
    _post(settings.LETTER_URL, letter, reference)


def _post(url: str, content: dict[str, str], reference: str) -> None:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    headers = {"Content-Type": "application/json", "Idempotency-Key": reference}
    headers["Date"] = format_datetime(timezone.now(), usegmt=True)
    try:
        connection.request("POST", parts.path or "/", body=json.dumps(content), headers=headers)
        answer = connection.getresponse()
        answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from error
    finally:
        connection.close()
    if 400 <= answer.status < 500 and answer.status not in _AGAIN:
        raise GatewayRefusalError(f"HTTP {answer.status}")
    if answer.status >= 300:
        raise ConnectionError(f"HTTP {answer.status}")
