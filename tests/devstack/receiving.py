"""Whoever receives the webhooks of a simulator in our place."""

from __future__ import annotations

import json
import queue
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Arrived:
    """One webhook as it came in."""

    path: str
    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


class Receiver:
    """Takes webhooks on a free port; answers with what is in `answers`, then with 200. `signed_by` is the header with
    the signature."""

    def __init__(self, signed_by: str) -> None:
        self.arrived: queue.Queue[Arrived] = queue.Queue()
        self.answers: deque[int] = deque()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.answers.popleft() if receiver.answers else 200
                receiver.arrived.put(Arrived(self.path, body, self.headers[signed_by]))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def next(self, *, within: float = 8) -> Arrived:
        return self.arrived.get(timeout=within)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Of what a simulator of one of Stripe's APIs sends."""
    receiver = Receiver("stripe-signature")
    yield receiver
    receiver.close()
