"""A real mail server, and a real gateway of text messages and letters."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import connection
from pytest_django import Settings

from backoffice.customers.models import Customer
from backoffice.messages.mail_server import close
from tests.factories import make_customer
from tests.messages.telling import NOON


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Post:
    """A real mail server, and a real gateway of text messages and letters: both keep what they get."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.posts: list[dict[str, str]] = []
        self.refuse = ""
        """What the mail server answers to a recipient, when it is not to take the mail."""
        self.closing = False
        """Whether the mail server ends the connection at the next mail."""
        self.connections: set[int] = set()
        self.at_each_mail: Callable[[], None] = lambda: None
        self.status = 202

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if not self.refuse:
            envelope.rcpt_tos.append(address)
        return self.refuse or "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.connections.add(session.peer[1])
        if self.closing:
            self.closing = False
            return "421 enough for one connection"
        await asyncio.to_thread(self._look)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def _look(self) -> None:
        self.at_each_mail()
        connection.close()

    def gateway(self) -> ThreadingHTTPServer:
        post = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if post.status < 300:
                    post.posts.append(json.loads(body))
                self.send_response(post.status)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Keeps the test's output clean."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def customer(db: None) -> Customer:
    return make_customer()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    post = Post()
    mail_server = Controller(post, hostname="127.0.0.1", port=free_port())
    gateway = post.gateway()
    mail_server.start()
    threading.Thread(target=gateway.serve_forever, args=(0.02,), daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.SMS_URL = f"http://127.0.0.1:{gateway.server_port}/sms"
    settings.LETTER_URL = settings.SMS_URL
    yield post
    close()
    mail_server.stop()
    gateway.shutdown()
    gateway.server_close()
