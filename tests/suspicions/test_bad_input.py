"""Threat 14 and the table of bad input: too much text, programs, hostile mails, a million dashes. Never over a second,
nothing executed, always a sentence."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from backoffice.customers.models import Customer
from backoffice.documents.models import Document, DocumentState
from backoffice.suspicions import files
from backoffice.suspicions.files import FileNotTaken
from backoffice.suspicions.models import Report
from backoffice.trust.extracting import LONGEST
from backoffice.trust.likeness import alike, likeness_of
from tests.suspicions.conftest import SMISH, TWIN, UNLIKE

AT_MOST = 1.0
"""Seconds of a processor."""
REPORT, PUBLIC = reverse("portal:suspicious_contact:report"), reverse("portal:suspicious_contact:public")


@contextmanager
def in_time(most: float = AT_MOST) -> Iterator[None]:
    began = time.thread_time()
    yield
    assert time.thread_time() - began < most


@pytest.fixture
def hers(maria: Customer, client: Client) -> Client:
    assert maria.user is not None
    client.force_login(maria.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent(client: Client, address: str = REPORT, **changes: Any) -> Any:
    data = {"how": "mail", "text": "", "sender": "", "key": str(uuid.uuid4())} | changes
    return client.post(address, data, follow=True)


def uploaded(content: bytes, name: str = "mail.eml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def eml(**changes: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Parcel desk <help@parcel-desk.example>"
    message["To"] = "maria@example.org"
    message["Subject"] = "Your parcel waits"
    for name, value in changes.items():
        message[name.replace("_", "-")] = value
    message.set_content(SMISH)
    page = '<p>Pay at <a href="https://parcel-desk.example/pay">www.bank.example</a><script>steal()</script></p>'
    message.add_alternative(page, subtype="html")
    message.add_attachment(b"MZ\x90\0", maintype="application", subtype="octet-stream", filename="invoice.pdf.exe")
    return message.as_bytes()


HOSTILE_TEXTS: dict[str, str] = {
    "dashes": "-" * 1_000_000,
    "dashed references": "abc-" * 250_000,
    "digits": "0 " * 500_000,
    "open brackets": "(" * 1_000_000,
    "opened tags": "<a href=" * 120_000,
    "opened links": "http://" * 140_000,
    "at signs": "a@" * 500_000,
    "dots": "a." * 500_000,
    "marks on one letter": "e" + "\u0301" * 900_000,
    "blanks": " " * 1_000_000,
    "headers": "From: a@b.example\n" * 50_000,
    "entities": "&#" + "9" * 900_000 + ";",
    "one word": "x" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_no_text_takes_longer_than_it_is_long(text: str) -> None:
    with in_time(0.5):
        assert likeness_of(text, sender=text[:200]).marks is not None


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "public"])
def test_ten_megabytes_of_text_are_refused_in_words(maria: Customer, signed_in: bool) -> None:
    client, address = Client(), PUBLIC
    if signed_in:
        assert maria.user is not None
        client.force_login(maria.user, backend="django.contrib.auth.backends.ModelBackend")
        address = REPORT

    with in_time():
        answer = sent(client, address, text="scam " * 2_000_000)

    page = answer.content.decode()
    assert "This is too long. Paste the first pages: 20,000 characters are enough." in page
    assert len(page) < 2 * LONGEST
    assert not Report.objects.exists()


def test_a_mail_as_a_file_is_read_as_text_and_nothing_of_it_runs(hers: Client) -> None:
    answer = sent(hers, file=uploaded(eml()))

    report = Report.objects.get()
    assert answer.status_code == 200
    assert "From: Parcel desk <help@parcel-desk.example>" in report.text
    assert "A link says www.bank.example and leads to parcel-desk.example" in report.text
    assert "Attached: invoice.pdf.exe" in report.text
    assert "<script" not in report.text
    assert not Document.objects.exists()


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "a program": lambda: b"MZ\x90\0" + b"\0" * 4000,
    "a script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "an archive": lambda: b"PK\x03\x04" + b"\0" * 400,
    "a page": lambda: b"<html><script>steal()</script></html>",
    "nothing": lambda: b"",
    "two senders": lambda: eml().replace(b"To:", b"From: other@b.example\nTo:", 1),
    "a NUL": lambda: eml() + b"\0",
    "deep parts": lambda: _nested(60),
    "unknown characters": lambda: eml(X="=?evil?q?x?=").replace(b"Your parcel", b"=?evil?q?x?= parcel"),
    "a thousand parts": lambda: _many_parts(1000),
    "long headers": lambda: b"From: a@b.example\n" + b"X-Long: " + b"y" * 70_000 + b"\n\nHello",
    "no header": lambda: b"hello there\nthis is a text\n",
    "six megabytes": lambda: b"From: a@b.example\nSubject: x\n\n" + b"line of text\n" * 500_000,
}


def _nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)]
    return b"From: a@b.example\nMIME-Version: 1.0\n" + "".join(parts).encode()


def _many_parts(count: int) -> bytes:
    head = b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    return head + b"--b\nContent-Type: text/plain\n\nx\n" * count + b"--b--\n"


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_plain_mail_is_refused_in_a_sentence(content: Callable[[], bytes]) -> None:
    made = content()

    with in_time(), pytest.raises(FileNotTaken) as refused:
        files.mail_text(io.BytesIO(made))

    assert refused.value.sentence.endswith(".")
    assert refused.value.field == "file"


@pytest.mark.parametrize("name", ["mail.eml", "picture.png", "invoice.pdf"])
def test_a_program_is_refused_beside_its_field_whatever_it_is_called(hers: Client, name: str) -> None:
    answer = sent(hers, file=uploaded(b"MZ\x90\0" + b"\0" * 4000, name))

    assert answer.status_code == 400
    assert "We take a screenshot" in answer.content.decode()
    assert not Report.objects.exists()


def test_a_picture_is_drawn_anew_and_seen_by_the_analyst_alone(hers: Client) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(drawn, "PNG")

    answer = sent(hers, file=uploaded(drawn.getvalue(), "shot.png"))

    document = Document.objects.get()
    assert answer.status_code == 200
    assert Report.objects.get().document == document
    assert hers.get(reverse("documents:file", args=[document.public_id])).status_code == 404


def test_a_hostile_picture_is_refused_and_the_report_stands(hers: Client) -> None:
    answer = sent(hers, file=uploaded(b"\x89PNG\r\n\x1a\n<script>steal()</script>", "shot.png"))

    assert "We have your report. The picture was not taken:" in answer.content.decode()
    assert Report.objects.get().document is None
    assert Document.objects.get().state == DocumentState.QUARANTINED


def test_nothing_at_all_is_told(hers: Client) -> None:
    answer = sent(hers)

    assert answer.status_code == 400
    assert "Paste it, write a few words, or add a picture of it." in answer.content.decode()


def test_a_page_without_its_key_sends_nothing(hers: Client) -> None:
    assert "This page was not complete" in sent(hers, text=SMISH, key="x").content.decode()
    assert not Report.objects.exists()


def test_the_same_words_are_alike_and_others_are_not() -> None:
    smish, twin, unlike = (likeness_of(one).sketch for one in (SMISH, TWIN, UNLIKE))

    assert alike(smish, twin)
    assert not alike(smish, unlike)
    assert likeness_of("Call me back").sketch == ()
