"""What is read as a message, what is answered with 400, and what is dropped."""

from __future__ import annotations

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.messages import Malformed, Request, read
from tests.voice.sip.talking import OFFER, invite

LINES = bytes(invite()).decode()


def changed(old: str, new: str) -> bytes:
    assert old in LINES
    return LINES.replace(old, new).encode()


def test_a_message_is_read_as_it_was_written() -> None:
    message = read(bytes(invite()))

    assert isinstance(message, Request)
    assert message.method == "INVITE"
    assert messages.cseq_of(message) == (1, "INVITE")
    assert messages.sdp_of(message) == OFFER


def test_short_names_and_folded_lines_are_understood() -> None:
    text = (
        "OPTIONS sip:us@10.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.2:5060\r\n ;branch=z9hG4bK1\r\n"
        "f: <sip:a@10.0.0.2>;tag=1\r\nt: <sip:b@10.0.0.1>\r\ni: 1@x\r\nCSeq:  7\tOPTIONS\r\nl: 0\r\n\r\n"
    )

    message = read(text.encode())

    assert messages.top_via(message).branch == "z9hG4bK1"
    assert messages.cseq_of(message) == (7, "OPTIONS")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Call-ID: call-1\r\n", ""),
        ("Call-ID: call-1", "Call-ID: " + "x" * 300),
        ("CSeq: 1 INVITE", "CSeq: x INVITE"),
        ("CSeq: 1 INVITE", "CSeq: -1 INVITE"),
        ("CSeq: 1 INVITE", "CSeq: 4294967296 INVITE"),
        ("CSeq: 1 INVITE", "CSeq: ١ INVITE"),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE"),
        ("CSeq: 1 INVITE", "CSeq: 1 INVITE\r\nCSeq: 2 INVITE"),
        ("Call-ID: call-1", "Call-ID: call-1\r\nCall-ID: call-2"),
        (";tag=theirs", ""),
        ("From: <sip:them@10.0.0.2>", "From: <<<<"),
        ("From: <sip:them@10.0.0.2>", "From: <sip:them@>"),
        ("To: <sip:us@10.0.0.1>", "To: tel:+31205550100"),
        ("INVITE sip:us@10.0.0.1 SIP", "INVITE http://us SIP"),
        ("INVITE sip:us@10.0.0.1 SIP/2.0", "INVITE sip:us@10.0.0.1"),
        ("INVITE sip:us@10.0.0.1 SIP/2.0", "SIP/2.0 20 OK"),
        ("INVITE sip:us@10.0.0.1 SIP/2.0", "SIP/2.0 abc OK"),
        ("INVITE sip:us@10.0.0.1 SIP/2.0", "SIP/2.0 700 OK"),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: SIP/2.0/UDP 10.0.0.2:99999"),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: SIP/2.0/UDP 10.0.0.2:abc"),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: SIP/2.0/SCTP 10.0.0.2:5060"),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: x"),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: "),
        ("Max-Forwards: 70", "Max-Forwards: many"),
        ("Content-Length: ", "Content-Length: -"),
        ("Content-Length: ", "Content-Length: 9"),
        ("Max-Forwards: 70", "X: " + "y" * 5000),
        ("Max-Forwards: 70", "\r\n".join(f"X-{number}: 1" for number in range(300))),
    ],
)
def test_a_message_against_the_rules_is_not_taken(old: str, new: str) -> None:
    with pytest.raises(Malformed):
        read(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "answerable"),
    [
        ("CSeq: 1 INVITE", "CSeq: x INVITE", True),
        ("Max-Forwards: 70", "Max-Forwards: many", True),
        ("Call-ID: call-1\r\n", "", False),
        ("Via: SIP/2.0/UDP 10.0.0.2:5060", "Via: x", False),
        ("INVITE sip:us@10.0.0.1 SIP/2.0", "SIP/2.0 700 OK", False),
    ],
)
def test_only_a_request_that_can_be_answered_is(old: str, new: str, answerable: bool) -> None:
    with pytest.raises(Malformed) as caught:
        read(changed(old, new))

    assert (caught.value.request is not None) is answerable


def test_no_header_can_be_smuggled_into_an_answer() -> None:
    asked = invite()
    asked.headers.get("via")[0] += ";x=1"
    response = messages.respond(read(bytes(asked)), 200, tag="t")  # type: ignore[arg-type]

    with pytest.raises(ValueError, match="line breaks"):
        response.headers.append("X", "1\r\nContact: <sip:evil@192.0.2.1>")
