"""The account updater's contract: a file of questions goes out, and files of answers come back when they come
(`files.py`). Two ways lead there: HTTP, signed as Standard Webhooks say, and files that an operator carries
(`manage.py updater_file`), where no address of the updater is set.
"""

from __future__ import annotations

import http.client
import ssl
import uuid
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

TIMEOUT = 10
"""In seconds, for each wait: for the connection, and for the answer."""
_AGAIN = {408, 425, 429}


class UpdaterUnavailable(Exception):
    """No usable answer: try again later with the same batch. `reason` is for machines and logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the account updater gave no answer: {reason}")
        self.reason = reason


class UpdaterRefusal(Exception):
    """It refuses this batch, and would refuse it again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AccountUpdater(Protocol):
    """Each function raises `UpdaterUnavailable` or `UpdaterRefusal`, and nothing else."""

    def send(self, batch: uuid.UUID, request: str) -> None:
        """Hands over a request file. The same batch twice is one batch."""
        ...


class HttpUpdater:
    """Posts the file to `<url>/batches`. The message's id is that of the batch, so that a repetition is the same."""

    def __init__(self, *, url: str, secret: str) -> None:
        self._url, self._secret = url.rstrip("/"), secret

    def __repr__(self) -> str:
        return "<HttpUpdater>"

    def send(self, batch: uuid.UUID, request: str) -> None:
        """See `AccountUpdater.send`."""
        headers = signed(request, name=f"batch_{batch.hex}", secret=self._secret, now=timezone.now())
        try:
            status = _post(f"{self._url}/batches", request.encode(), headers)
        except (OSError, ssl.SSLError, http.client.HTTPException) as error:
            raise UpdaterUnavailable(type(error).__name__) from None
        if 400 <= status < 500 and status not in _AGAIN:
            raise UpdaterRefusal(f"http_{status}")
        if status >= 300:
            raise UpdaterUnavailable(f"http_{status}")


class CarriedFiles:
    """The batch waits in our records until an operator takes its file."""

    def send(self, batch: uuid.UUID, request: str) -> None:
        """See `AccountUpdater.send`."""


def signed(body: str, *, name: str, secret: str, now: datetime) -> dict[str, str]:
    """The headers of a message in this form, as https://www.standardwebhooks.com has them. `now` is aware."""
    return {
        "Content-Type": "text/plain; charset=us-ascii",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, now.astimezone(UTC), body),
    }


def updater() -> AccountUpdater:
    """The adapter that the settings name."""
    if not settings.UPDATER_URL:
        return CarriedFiles()
    return HttpUpdater(url=settings.UPDATER_URL, secret=settings.UPDATER_SECRET)


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", parts.path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
