"""SIP messages that are wrong in one way out of many."""

from __future__ import annotations

import random

from tests.voice.sip.talking import OFFER, request

METHODS = ["INVITE", "BYE", "ACK", "CANCEL", "OPTIONS", "REFER", "UPDATE", "PRACK", "NOTIFY", "XXX"]
SWAPS = [
    (b"Content-Length: ", [b"Content-Length: -", b"Content-Length: 9999999999", b"Content-Length: x"]),
    (
        b"Via: SIP/2.0/UDP 10.0.0.2",
        [b"Via: ", b"Via: SIP/2.0/UDP no.invalid", b"Via: SIP/2.0/UDP [::1]", b"Via: ,"],
    ),
    (b"CSeq: 1", [b"CSeq: x", b"CSeq: -1", b"CSeq: 99999999999999999999", b"CSeq:", b"CSeq: 2147483647"]),
    (b"From: <sip:them@10.0.0.2>", [b"From: <<<<", b'From: "' + b"a" * 3000, b"From: <sip:" + b"(" * 2000]),
    (b"To: <sip:us@10.0.0.1>", [b"To: ", b"To: <sip:us@[::1>", b"To: sip:%00@h", b'To: "\\" <sip:a@b>;tag=;tag']),
    (b"Contact: <sip:them@10.0.0.2:5060>", [b"Contact: *", b"Contact: <>", b"Contact: sip:", b"Contact: <a>, <b>"]),
    (b"Max-Forwards: 70", [b"Require: x", b"Record-Route: <>", b"Route: ,,,", b"Content-Type: multipart/mixed"]),
    (b"m=audio 30000", [b"m=audio x", b"m=", b"m=audio -1", b"m=audio 99999999999"]),
]


def fuzzed(rnd: random.Random) -> bytes:
    """A message that is wrong in one way out of many."""
    method = rnd.choice(METHODS)
    body = OFFER if rnd.random() < 0.7 else ""
    tag = rnd.choice(["", "", "known", "x" * 200])
    data = bytes(request(method, body=body, to_tag=tag, call_id=f"c{rnd.randrange(50)}", number=rnd.randrange(5)))
    kind = rnd.randrange(6)
    if kind == 0:
        return rnd.randbytes(rnd.randrange(1, 900))
    if kind == 1:
        return data[: rnd.randrange(len(data))]
    if kind == 2:
        mutable = bytearray(data)
        for _each in range(rnd.randrange(1, 14)):
            mutable[rnd.randrange(len(mutable))] = rnd.getrandbits(8)
        return bytes(mutable)
    if kind == 3:
        line = b"SIP/2.0 " + rnd.choice([b"abc", b"200", b"99999 OK", b"\xff\xfe", b"200 OK", b"100", b"487 x"])
        return line + b"\r\n" + data.split(b"\r\n", 1)[1]
    old, new = rnd.choice(SWAPS)
    return data.replace(old, rnd.choice(new))
