"""Temporal's client for synchronous code. Each OS process has one, made when first needed (it does not survive a fork),
on a background thread with its own event loop."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from temporalio.client import Client
from temporalio.service import TLSConfig

from backoffice.engine.codec import data_converter

T = TypeVar("T")
_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
_clients: dict[tuple[int, str], Client] = {}


def run(work: Coroutine[Any, Any, T], *, timeout: float = 20) -> T:
    """Runs a coroutine on this process's engine loop and gives its result. `timeout` in seconds."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(timeout)


async def client() -> Client:
    """This process's client. Raises `RuntimeError` while Temporal cannot be reached."""
    mark = (os.getpid(), settings.TEMPORAL_ADDRESS)
    if mark not in _clients:
        _clients[mark] = await connect()
    return _clients[mark]


async def connect() -> Client:
    """A new client. Raises `RuntimeError` while Temporal cannot be reached, or refuses us."""
    return await Client.connect(
        settings.TEMPORAL_ADDRESS,
        namespace=settings.TEMPORAL_NAMESPACE,
        data_converter=data_converter(),
        tls=_tls(),
        api_key=settings.TEMPORAL_API_KEY or None,
    )


def _tls() -> TLSConfig | bool:
    """False is plain text, which the start-up checks allow on this machine only."""
    if not settings.TEMPORAL_TLS:
        return False
    return TLSConfig(
        server_root_ca_cert=_pem(settings.TEMPORAL_TLS_SERVER_CA),
        domain=settings.TEMPORAL_TLS_SERVER_NAME or None,
        client_cert=_pem(settings.TEMPORAL_TLS_CLIENT_CERT),
        client_private_key=_pem(settings.TEMPORAL_TLS_CLIENT_KEY),
    )


def _pem(text: str) -> bytes | None:
    return text.encode() if text else None


RPC_TIMEOUT = timedelta(seconds=5)


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        pid = os.getpid()
        if pid not in _loops:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="temporal client", daemon=True)
            thread.start()
            _loops[pid] = loop
            atexit.register(_end, pid, loop, thread)
        return _loops[pid]


def _end(pid: int, loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Stops the loop before the interpreter shuts down. A forked child leaves its parent's loop alone."""
    if pid == os.getpid():
        _clients.clear()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
