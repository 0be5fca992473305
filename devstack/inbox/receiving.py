"""The SMTP side: takes every mail for any recipient, and answers 250 only when it is stored."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP

from .store import Store

_LARGEST = 20_000_000


class _Handler:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._store.add_mail(envelope.content, list(envelope.rcpt_tos))
        return "250 Kept"


async def serve(store: Store, port: int) -> asyncio.Server:
    """Listens on loopback until the server is closed."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(
            _Handler(store), hostname="inbox.countersign", data_size_limit=_LARGEST, enable_SMTPUTF8=True, loop=loop
        ),
        host="127.0.0.1",
        port=port,
    )
