"""A partner's system that takes webhooks: it checks each signature with the official library, and answers as told."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

from backoffice.actors import Actor
from backoffice.staff.models import Role
from backoffice.webhooks import endpoints
from backoffice.webhooks.models import Endpoint
from tests.factories import actor, make_staff, now

SECRET = "whsec_" + base64.b64encode(b"a partner's secret, in tests").decode()


class Partner:
    """What it got, in order. `answers` is what it answers next, 204 when there is none left; 0 says nothing at all."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hooks?for=us"
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.headers: dict[str, str] = {}
        self.answers: list[int] = []
        self.answer_headers: dict[str, str] = {}
        self.drips = 0
        """How many bytes of its answer drip in, each after a tenth of a second."""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        Webhook(SECRET).verify(body, dict(handler.headers))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.ids.append(handler.headers["webhook-id"])
        self.got.append(json.loads(body))
        status = self.answers.pop(0) if self.answers else 204
        if not status:
            return
        handler.send_response(status)
        for name, value in self.answer_headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        for _byte in range(self.drips):
            time.sleep(0.1)
            handler.wfile.write(b".")


@contextmanager
def partner() -> Iterator[Partner]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.take(self)

        def log_message(self, *_args: object) -> None:
            """Keeps the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_args: None  # type: ignore[method-assign]
    found = Partner(server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def supervisor() -> Actor:
    return actor(make_staff(role=Role.SUPERVISOR))


def make_endpoint(url: str, *, name: str = "Water Works") -> Endpoint:
    return endpoints.enter(name=name, url=url, secret=SECRET, by=supervisor(), now=now())
