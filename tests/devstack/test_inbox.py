from __future__ import annotations

import json
import smtplib
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from devstack import servers
from devstack.forget import forget
from devstack.inbox.store import Store
from devstack.stack import Stack
from tests.devstack.running import outside_environment

OTHERS = (
    "postgres",
    "valkey",
    "temporal",
    "issuer",
    "registry",
    "prepare",
    "web",
    "worker",
    "celery",
    "beat",
    "intake",
    "publisher",
    "streams",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("inbox")
    with Stack(folder, environment=outside_environment(), without=OTHERS) as stack:
        yield stack


def mail(*, subject: str, text: str = "Hello", html: str = "", number: str = "<1@countersign>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@meridian.example", "ann@example.org", subject
    message["Message-ID"] = number
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def send(stack: Stack, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", int(stack.addresses["SMTP_PORT"]), timeout=10) as server:
        server.send_message(message)


def post_sms(stack: Stack, body: object) -> tuple[int, Any]:
    request = urllib.request.Request(stack.addresses["SMS_URL"], json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def read(stack: Stack, path: str) -> str:
    with urllib.request.urlopen(stack.addresses["INBOX_URL"] + path, timeout=10) as answer:
        return str(answer.read().decode())


def found(stack: Stack, query: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = json.loads(read(stack, f"/api/messages?{query}"))["messages"]
    return messages


def test_a_mail_is_kept_and_found_by_any_word(stack: Stack) -> None:
    send(stack, mail(subject="Your card is blocked – zażółć", text="Nobody can pay with it.", number="<a@c>"))

    (message,) = found(stack, "q=nobody+BLOCKED")

    assert message["subject"] == "Your card is blocked – zażółć"
    assert message["recipient"] == "ann@example.org"
    assert message["text"] == "Nobody can pay with it.\n"


def test_a_mail_that_is_sent_twice_arrives_once(stack: Stack) -> None:
    for _time in range(2):
        send(stack, mail(subject="Twice", number="<twice@c>"))

    assert len(found(stack, "q=twice")) == 1


def test_a_text_message_is_kept_once_for_its_reference(stack: Stack) -> None:
    body = {"to": "+31201234567", "text": "Your visit is at 10:00.", "reference": "ref-1"}

    first, again = post_sms(stack, body), post_sms(stack, body)

    assert first == again
    assert first[0] == 202
    assert [message["text"] for message in found(stack, "kind=sms&to=%2B31201234567")] == [body["text"]]


def test_a_letter_is_kept_once_and_shown_with_its_addressee_line_by_line(stack: Stack) -> None:
    to = "Tulip B.V.\nattn. M. Jansen <b>\nDamrak 1\n1012 LG Amsterdam"
    body = {"kind": "letter", "to": to, "subject": "Your code", "text": "7KQ4-MX2R", "reference": "ref-letter"}

    first, again = post_sms(stack, body), post_sms(stack, body)

    assert first == again
    (kept,) = found(stack, "kind=letter&q=ref-letter")
    assert (kept["recipient"], kept["subject"], kept["text"]) == (to, "Your code", "7KQ4-MX2R")
    page = read(stack, f"/messages/{kept['id']}")
    assert "Tulip B.V.<br>attn. M. Jansen &lt;b&gt;<br>Damrak 1<br>1012 LG Amsterdam" in page
    assert "Tulip B.V.</span>" in read(stack, "/?kind=letter")


@pytest.mark.parametrize("body", [[], "text", {"to": "+31", "text": "x"}, {"to": 1, "text": "x", "reference": "r"}])
def test_a_malformed_text_message_is_refused_with_the_reason(stack: Stack, body: object) -> None:
    status, answer = post_sms(stack, body)

    assert status == 400
    assert "Give" in answer["error"]


def test_the_newest_comes_first(stack: Stack) -> None:
    for number in ("older", "newer"):
        send(stack, mail(subject=f"Order {number}", number=f"<{number}@c>"))

    assert [message["subject"] for message in found(stack, "q=order")] == ["Order newer", "Order older"]


def test_what_a_mail_contains_cannot_act_on_the_page(stack: Stack) -> None:
    send(stack, mail(subject="<script>alert(1)</script>", html="<script>alert(2)</script>", number="<evil@c>"))
    number = found(stack, "q=alert")[0]["id"]

    page = read(stack, f"/messages/{number}")

    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    with urllib.request.urlopen(f"{stack.addresses['INBOX_URL']}/messages/{number}/html", timeout=10) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_another_host_name_is_not_served(stack: Stack) -> None:
    request = urllib.request.Request(stack.addresses["INBOX_URL"], headers={"Host": "rebound.example"})

    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=10)


def test_what_arrived_is_still_there_after_a_kill(stack: Stack) -> None:
    send(stack, mail(subject="Survivor", number="<survivor@c>"))

    stack.kill("inbox")
    stack.wait_ready("inbox")

    assert len(found(stack, "q=survivor")) == 1


def test_a_folder_with_a_long_path_works_too(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)
    others = [name for name in OTHERS if name != "valkey"] + ["inbox"]

    with Stack(folder, environment=outside_environment(), without=others) as stack:
        assert stack.pid("valkey")
        assert len(stack.addresses["CACHE_URL"]) < 100

    forget(folder)
    assert not servers.valkey_socket(folder).parent.exists()


def test_a_mail_shows_when_it_left_unless_its_date_cannot_be_true(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, date in enumerate(("Mon, 23 Nov 2015 10:00:00 +0100", "Mon, 23 Nov 2099 10:00:00 +0100", "soon", "")):
        left = mail(subject="Hello", number=f"<{number}@countersign>")
        left["Date"] = date
        store.add_mail(left.as_bytes(), ["ann@example.org"])
    store.add_sms(to="+12025550113", text="Hello", reference="A", date="Mon, 23 Nov 2015 09:30:00 GMT")

    received = [message.received for message in reversed(store.find())]
    store.close()

    assert [received[0], received[4]] == ["2015-11-23T09:00:00+00:00", "2015-11-23T09:30:00+00:00"]
    assert all(datetime.now(UTC) - datetime.fromisoformat(one) < timedelta(minutes=5) for one in received[1:4])
