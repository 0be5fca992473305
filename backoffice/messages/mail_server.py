"""The connection to the mail server. It is opened once for many mails, and kept for a while for the next run on the
same thread: greeting, encryption and sign-in cost more than a mail. If the server has closed it meanwhile, the first
mail notices and opens another one (`delivering.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 10
"""Seconds; servers wait for five minutes (RFC 5321, 4.5.3.2)."""


class _Kept(threading.local):
    connection: BaseEmailBackend | None = None
    server: tuple[object, ...] = ()
    until = 0.0


_kept = _Kept()


@contextmanager
def mail_server() -> Iterator[BaseEmailBackend]:
    """Gives the connection, which may not be open yet. After an error it is closed."""
    server = (settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER)
    if _kept.connection and (server != _kept.server or time.monotonic() > _kept.until):
        close()
    if _kept.connection is None:
        _kept.connection, _kept.server = get_connection(), server
    try:
        yield _kept.connection
    except BaseException:
        close()
        raise


def used() -> None:
    """Notes that a mail was just sent: the connection is kept for some more seconds."""
    _kept.until = time.monotonic() + KEPT


def close() -> None:
    """Closes the connection of this thread, if there is one."""
    connection, _kept.connection = _kept.connection, None
    if connection:
        connection.close()
