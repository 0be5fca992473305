"""The SMTP side: takes mail for our own addresses, and answers 250 only when it is stored. It listens behind a mail
server of ours, or on loopback in the development stack; it offers neither encryption nor sign-in, and sends nothing.

What is refused for good is answered with 5xx and words, and logged as a code. A fault of ours is answered with 4xx:
then the other server keeps the mail and tries again. No address and nothing of a mail is logged.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from psycopg_pool import PoolTimeout

from backoffice import idn
from backoffice.actors import system
from backoffice.mail_orders.storing import Envelope, store
from backoffice.trust.mails.accepting import MOST_BYTES, MOST_RECIPIENTS, NotAccepted, check

THREADS = 4
"""Mails that are checked and stored at once: parsing one of 10 MB takes a second of a core."""
MOST_CONNECTIONS = 50
PATIENCE = 60
"""Seconds of silence after which a connection is closed."""
LATER = "451 4.3.0 We cannot store mail just now. Try again later."
log = structlog.get_logger(__name__)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
"""aiosmtpd logs addresses and whole lines of mails there."""


class Handler:
    """aiosmtpd's hooks. `addresses` are ours, in small letters and with their domains in ASCII."""

    def __init__(self, addresses: Collection[str]) -> None:
        self._addresses = frozenset(map(_plain, addresses))
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if _plain(address) not in self._addresses:
            log.info("mail refused", code="not_ours")
            return "550 5.1.1 There is no such mailbox here."
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return f"452 4.5.3 Name at most {MOST_RECIPIENTS} recipients at once."
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        told = Envelope(
            ip=str(session.peer[0]) if session.peer else "",
            helo=str(session.host_name or "")[:255],
            mail_from="" if envelope.mail_from == "<>" else str(envelope.mail_from or "")[:320],
            to=tuple(_plain(one) for one in envelope.rcpt_tos),
        )
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _take_on_thread, bytes(envelope.content), told)

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours outside of storing."""
        log.error("mail not taken", error=type(error).__name__)
        return LATER

    def close(self) -> None:
        self._threads.shutdown(wait=True)


def take(raw: bytes, envelope: Envelope) -> str:
    """The reply to a whole mail. 250 only when its row is committed, or was before."""
    try:
        accepted = check(raw)
        store(raw=raw, accepted=accepted, envelope=envelope, by=system(), now=timezone.now())
    except NotAccepted as refused:
        log.info("mail refused", code=refused.code, size=len(raw))
        return refused.reply
    except (DatabaseError, PoolTimeout, OSError) as away:
        log.error("mail not stored", error=type(away).__name__)
        return LATER
    return "250 2.0.0 Stored"


def _take_on_thread(raw: bytes, envelope: Envelope) -> str:
    """The thread lives on between two mails, its connection to the database need not."""
    close_old_connections()
    try:
        return take(raw, envelope)
    finally:
        close_old_connections()


class Receiver(SMTP):
    """One connection. There are at most `MOST_CONNECTIONS`; another one is told to come later."""

    open_now = 0

    def connection_made(self, transport: Any) -> None:
        Receiver.open_now += 1
        self._counted = True
        if Receiver.open_now > MOST_CONNECTIONS:
            transport.write(b"421 4.3.2 Too many connections. Try again later.\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if getattr(self, "_counted", False):
            Receiver.open_now -= 1
            self._counted = False
        if self.transport is not None:
            super().connection_lost(error)


async def serve(*, host: str, port: int, handler: Handler) -> asyncio.Server:
    """Listens until the server is closed."""
    loop = asyncio.get_running_loop()
    make = functools.partial(
        Receiver,
        handler,
        hostname="mail.countersign",
        ident="Countersign",
        data_size_limit=MOST_BYTES,
        enable_SMTPUTF8=True,
        decode_data=False,
        timeout=PATIENCE,
        loop=loop,
    )
    return await loop.create_server(make, host=host, port=port)


def our_addresses() -> list[str]:
    """For which we take mail, by the settings."""
    return list(settings.MAIL_INTAKE_ADDRESSES)


def _plain(address: str) -> str:
    local, _at, host = address.strip("<>").rpartition("@")
    return f"{local.lower()}@{idn.to_ascii(host) or host.lower()}"
