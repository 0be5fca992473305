"""The receiver itself: what is refused at SMTP and with which words, and that 250 means stored."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from backoffice.mail_orders.analysing import Company, analyse
from backoffice.mail_orders.models import Mail, MailState
from backoffice.mail_orders.receiving import Handler, serve, take
from backoffice.mail_orders.storing import Envelope
from backoffice.trust.mails.accepting import MOST_RECIPIENTS, check
from tests.mail_orders.crafting import NOW, ON_FILE, OUR_BOX, PLAIN, WORLD, Names, in_parts, mail, sealed, signed

ENVELOPE = Envelope("11.22.33.44", "mail.example.org", ON_FILE, (OUR_BOX,))
NESTED = "".join(f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n' for depth in range(9))
LONG_HEADER = b"X-Long: " + b"x" * 900 + b"\r\n"
DEEP = mail(NESTED, drop=["To"]).replace(b"\r\n\r\n", b"\r\n", 1)
REFUSED: dict[str, tuple[bytes, str]] = {
    "no From": (mail(drop=["From"]), "554 5.6.0 The mail has no From: we must know who writes."),
    "two From": (b"From: Ewa <ewa@thief.example>\r\n" + mail(), "554 5.6.0 The mail has more than one From."),
    "two addresses in From": (mail(From="a@example.org, b@example.org"), "554 5.6.0 From holds more than one address."),
    "an address before an address": (mail(From=f"{ON_FILE} <b@thief.example>"), "554 5.6.0 From holds no address"),
    "no address in From": (mail(From="Maria Jansen"), "554 5.6.0 From holds no address"),
    "two subjects": (b"Subject: one\r\n" + mail(), "554 5.6.0 The header subject may be in a mail only once."),
    "10 MB of headers": (
        (b"X-Long: " + b"x" * 900 + b"\r\n") * 11_000 + mail(),
        "552 5.3.4 The headers of a mail may have at most 64 kB.",
    ),
    "too many headers": (b"X: 1\r\n" * 250 + mail(), "552 5.3.4 A mail may have at most 200 headers."),
    "a line that is no header": (b"Hello there\r\n" + mail(), "554 5.6.0 A line of the headers is no header."),
    "an unknown character set in a part": (
        mail(Content_Type="text/plain; charset=klingon"),
        "554 5.6.0 The character set of a part is unknown.",
    ),
    "a codec that is no character set": (
        mail(Content_Type="text/plain; charset=rot13"),
        "554 5.6.0 The character set of a part is unknown.",
    ),
    "an unknown character set in a header": (
        mail(Subject="=?klingon?q?nuqneH?="),
        "554 5.6.0 The character set of the headers is unknown.",
    ),
    "bytes that are no UTF-8 in a header": (
        mail().replace(b"My card", b"My c\xe1rd"),
        "554 5.6.0 The character set of the headers is unknown.",
    ),
    "a CR that stands alone": (mail("one\rtwo\r\n"), "554 5.6.0 The mail holds a CR or LF that stands alone."),
    "a smuggled second mail": (
        mail("one\n.\r\nMAIL FROM:<x@thief.example>\r\n"),
        "554 5.6.0 The mail holds a CR or LF that stands alone.",
    ),
    "a NUL": (mail("one\0two\r\n"), "554 5.6.0 The mail holds a NUL character."),
    "parts nested too deep": (
        mail(NESTED, drop=["To"]).replace(b"\r\n\r\n", b"\r\n", 1),
        "554 5.6.0 The parts of a mail",
    ),
    "too many parts": (mail(**in_parts(*[PLAIN] * 101)), "554 5.6.0 A mail may have at most 100 parts."),
    "too large": (mail(f"{'x' * 900}\r\n" * 11_700), "552"),
    "a line that is too long": (mail("x" * 3000 + "\r\n"), "500 Line too long"),
}


@dataclass
class Post:
    """A receiver that listens on a free port of loopback, in a thread of its own."""

    port: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def send(self, raw: bytes, *, to: list[str] | None = None, sender: str = ON_FILE) -> str:
        """The reply to the mail, with its code."""
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="mail.example.org", timeout=20) as server:
            server.ehlo()
            server.mail(sender)
            for recipient in to or [OUR_BOX]:
                code, words = server.rcpt(recipient)
                if code != 250:
                    return f"{code} {words.decode()}"
            code, words = server.data(raw)
            return f"{code} {words.decode()}"


@pytest.fixture
def post(transactional_db: None) -> Iterator[Post]:
    post, handler, ready = Post(), Handler([OUR_BOX]), threading.Event()

    async def listen() -> None:
        server = await serve(host="127.0.0.1", port=0, handler=handler)
        post.port = server.sockets[0].getsockname()[1]
        ready.set()

    thread = threading.Thread(target=post.loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(listen(), post.loop).result(timeout=10)
    yield post
    handler.close()
    post.loop.call_soon_threadsafe(post.loop.stop)
    thread.join(timeout=10)


def test_a_mail_is_stored_once_and_sealed_before_its_sender_hears_of_it(post: Post) -> None:
    raw = signed(mail())

    assert post.send(raw) == "250 2.0.0 Stored"
    assert post.send(raw, to=[OUR_BOX.upper()]) == "250 2.0.0 Stored"
    assert post.send(mail(Message_ID="<2@example.org>"), sender="<>") == "250 2.0.0 Stored"

    first = Mail.objects.order_by("received_at").first()
    assert first is not None
    assert Mail.objects.count() == 2
    assert (first.content, first.state) == (raw, MailState.RECEIVED)
    assert first.envelope == {
        "ip": "127.0.0.1", "helo": "mail.example.org", "mail_from": ON_FILE, "to": [OUR_BOX],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw || envelope FROM mail_orders_mail")
        assert all("maria" not in kept and "card" not in kept for (kept,) in cursor.fetchall())


def test_every_bad_mail_is_refused_with_words_and_nothing_of_it_is_kept_or_logged(post: Post) -> None:
    with capture_logs() as logs:
        replies = {name: post.send(raw) for name, (raw, _words) in REFUSED.items()}

    wrong = {name: reply for name, reply in replies.items() if not reply.startswith(REFUSED[name][1])}
    assert wrong == {}
    assert Mail.objects.count() == 0
    assert all(set(line) <= {"event", "log_level", "code", "size"} for line in logs)


def test_only_our_own_mailboxes_take_mail_and_not_for_many_at_once(post: Post) -> None:
    assert post.send(mail(), to=["x@thief.example"]) == "550 5.1.1 There is no such mailbox here."
    many = post.send(mail(), to=[OUR_BOX] * (MOST_RECIPIENTS + 1))
    assert many == f"452 4.5.3 Name at most {MOST_RECIPIENTS} recipients at once."
    assert Mail.objects.count() == 0


@pytest.mark.django_db
def test_while_the_database_is_away_the_other_server_keeps_the_mail() -> None:
    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("the connection is lost")

    with capture_logs() as logs, connection.execute_wrapper(away):
        assert take(mail(), ENVELOPE) == "451 4.3.0 We cannot store mail just now. Try again later."
    assert logs == [{"event": "mail not stored", "log_level": "error", "error": "OperationalError"}]

    assert take(mail(), ENVELOPE) == "250 2.0.0 Stored"
    assert Mail.objects.count() == 1


BASES = [signed(mail()), sealed(mail()), mail(**in_parts(PLAIN, PLAIN)), mail(From="=?utf-8?q?J=C3=A1n?= <a@ex.nl>")]
LINES = [
    *("From: b@example.org", "Reply-To: <", "Content-Type: multipart/mixed", "Content-Type: message/rfc822", "To: ;"),
    *("DKIM-Signature: v=1; a=rsa-sha256; d=; s=; h=; bh=; b=", "ARC-Seal: i=1", "ARC-Seal: i=99999999; cv=none"),
    *("Date: Mon, 99 Nov 99999 99:99:99 +9999", "Subject: =?utf-8?b?!!?=", "List-Id:", "Received-SPF: x", "Sender: (("),
    *("Authentication-Results: ;;", "Content-Transfer-Encoding: base64", "Content-Type: text/plain; charset*=x\"'y"),
]
POSITIONS = st.floats(min_value=0, max_value=1)
MUTATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("line"), POSITIONS, st.sampled_from(LINES).map(lambda line: f"{line}\r\n".encode())),
        st.tuples(st.just("bytes"), POSITIONS, st.binary(min_size=1, max_size=8)),
        st.tuples(st.just("cut"), POSITIONS, st.binary(max_size=4)),
    ),
    min_size=1,
    max_size=4,
)


def mutated(raw: bytes, mutations: list[tuple[str, float, bytes]]) -> bytes:
    for how, where, what in mutations:
        place = int(where * len(raw))
        if how == "line":
            place = raw.find(b"\r\n", 0, place) + 2 if b"\r\n" in raw[:place] else 0
            raw = raw[:place] + what + raw[place:]
        elif how == "bytes":
            raw = raw[:place] + what + raw[place + len(what) :]
        else:
            raw = raw[:place] + raw[place + len(what) * 9 :]
    return raw


@pytest.mark.django_db
@settings(max_examples=90, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.sampled_from(BASES), mutations=MUTATIONS)
def test_whatever_comes_nothing_breaks_and_250_means_stored(
    raw: bytes, mutations: list[tuple[str, float, bytes]]
) -> None:
    before = Mail.objects.count()
    changed = mutated(raw, mutations)

    reply = take(changed, ENVELOPE)

    assert reply.startswith(("250 ", "552 5.", "554 5."))
    stored = [one for one in Mail.objects.all() if one.content == changed] if reply.startswith("250") else []
    assert bool(stored) == reply.startswith("250")
    assert Mail.objects.count() - before <= 1
    if stored:
        company = Company("Meridian Bank", frozenset({"meridian.example"}))
        analyse(changed, accepted=check(changed), envelope=ENVELOPE, company=company, resolver=Names(WORLD), now=NOW)
        Mail.objects.all().delete()
