"""Reading and writing SIP messages. The parser is aiosipua's; what it lets pass against RFC 3261 is refused here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from aiosipua.headers import SipUri, Via, parse_address, parse_cseq, parse_uri, parse_via, stringify_via
from aiosipua.message import SipMessage
from aiosipua.message import SipRequest as Request
from aiosipua.message import SipResponse as Response

Message = Request | Response

MAGIC_COOKIE = "z9hG4bK"
"""Begins the branch of everybody who follows RFC 3261 (section 8.1.1.7)."""
LONGEST = 65_535
LONGEST_LINE = 4_096
LONGEST_ID = 256
LARGEST_CSEQ = 2**31 - 1
ALLOW = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE")
SERVER = "Countersign"
SDP = "application/sdp"
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,32}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_STATUS_LINE = re.compile(r"SIP/2\.0 [1-6][0-9]{2}( .*)?")
_ONCE = ("from", "to", "call-id", "cseq", "content-length", "max-forwards", "content-type")
_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
"""From a request to each answer to it (RFC 3261, 8.2.6.2)."""


class Method(StrEnum):
    """The methods that we take part in. Others are answered with 405."""

    INVITE = "INVITE"
    ACK = "ACK"
    CANCEL = "CANCEL"
    BYE = "BYE"
    OPTIONS = "OPTIONS"
    UPDATE = "UPDATE"


class Malformed(ValueError):
    """It is no message that can be taken. `request` is what could be read of it, if it may be answered with 400. The
    text is a code, without anything of the message."""

    def __init__(self, code: str, request: Request | None = None) -> None:
        super().__init__(code)
        self.request = request


_REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}


def read(data: bytes) -> Message:
    """The message in a datagram, or in what a stream framed. Raises `Malformed`."""
    if len(data) > LONGEST:
        raise Malformed("too_long")
    head = data.partition(b"\r\n\r\n")[0]
    if any(len(line) > LONGEST_LINE for line in head.split(b"\n")):
        raise Malformed("line_too_long")
    try:
        message = SipMessage.parse(data)
    except ValueError:
        raise Malformed("unreadable") from None
    if isinstance(message, Response) and not _STATUS_LINE.fullmatch(_first_line(head)):
        raise Malformed("status_line")
    code = _what_is_wrong(message)
    if code is not None:
        raise Malformed(code, _answerable(message))
    return message


def _first_line(head: bytes) -> str:
    return head.split(b"\n", 1)[0].decode("utf-8", errors="replace").strip()


def _what_is_wrong(message: Message) -> str | None:
    headers = message.headers
    for name in _ONCE:
        if len(headers.get(name)) > 1:
            return f"twice_{name}"
    if (wrong := _wrong_in_the_frame(message)) is not None:
        return wrong
    call_id, cseq = message.call_id, number_and_method(message)
    if not call_id or len(call_id) > LONGEST_ID or cseq is None:
        return "ids"
    if not is_address(headers.get_first("from")) or not is_address(headers.get_first("to")):
        return "addresses"
    if tag_of(message, "from") is None:
        return "from_tag"
    if isinstance(message, Request):
        return _wrong_in_request(message, cseq[1])
    return None


def _wrong_in_the_frame(message: Message) -> str | None:
    """The Via headers and the length of the body."""
    vias = message.headers.get("via")
    if not vias or any(not _is_via(via) for via in vias):
        return "via"
    declared = message.headers.get_first("content-length")
    if declared is None:
        return None
    if not re.fullmatch("[0-9]{1,8}", declared.strip(), re.ASCII) or int(declared) > len(message.body):
        return "content_length"
    return None


def _wrong_in_request(request: Request, method: str) -> str | None:
    if not _TOKEN.fullmatch(request.method) or request.method != method:
        return "method"
    if not re.fullmatch('sips?:[^ <>"]{1,1000}', request.uri, re.IGNORECASE):
        return "request_uri"
    hops = request.headers.get_first("max-forwards")
    if hops is not None and not re.fullmatch("[0-9]{1,3}", hops.strip(), re.ASCII):
        return "max_forwards"
    return None


def _answerable(message: Message) -> Request | None:
    """The request, if what its answer copies is there and can be sent back."""
    if not isinstance(message, Request) or message.method == Method.ACK:
        return None
    vias = message.headers.get("via")
    if not vias or not all(_is_via(via) for via in vias):
        return None
    there = all(len(message.headers.get(name)) == 1 for name in ("from", "to", "call-id", "cseq"))
    return message if there else None


@lru_cache(maxsize=512)
def _is_via(value: str) -> bool:
    if not re.match(r"SIP/2\.0/(UDP|TCP|TLS) ", value, re.IGNORECASE):
        return False
    via = parse_via(value)
    return _is_sent_by(via.host, via.port) and len(via.branch or "") <= LONGEST_ID


def _is_sent_by(host: str, port: int | None) -> bool:
    return _HOST.fullmatch(host) is not None and (port is None or 0 < port < 65_536)


def is_address(value: str | None) -> bool:
    """Whether it is a name-addr or an addr-spec with a SIP URI that has a host."""
    if not value:
        return False
    found = parse_address(value)
    return is_uri(found.uri) and ("<" not in value or ">" in value)


def is_uri(uri: SipUri) -> bool:
    """Whether its host and port can be used."""
    return uri.scheme in ("sip", "sips") and _is_sent_by(uri.host, uri.port)


def number_and_method(message: Message) -> tuple[int, str] | None:
    """What CSeq says, or None if it says nothing that is allowed (RFC 3261, 8.1.1.5)."""
    raw = message.headers.get_first("cseq") or ""
    if not re.fullmatch(r"[0-9]{1,10}\s+\S+", raw, re.ASCII):
        return None
    cseq = parse_cseq(raw)
    return (cseq.seq, cseq.method) if cseq.seq <= LARGEST_CSEQ else None


def cseq_of(message: Message) -> tuple[int, str]:
    """The number and method of a message that `read` has let pass, or that is ours."""
    found = number_and_method(message)
    if found is None:
        raise Malformed("cseq")
    return found


def top_via(message: Message) -> Via:
    return parse_via(message.headers.get("via")[0])


def tag_of(message: Message, header: str) -> str | None:
    """The tag of "from" or "to"; None if there is none."""
    value = message.headers.get_first(header)
    return (parse_address(value).tag or None) if value else None


def contact_of(message: Message) -> str | None:
    """The URI of its Contact as text, None unless there is exactly one that can be used."""
    contacts = message.headers.get("contact")
    if len(contacts) != 1 or contacts[0].strip() == "*":
        return None
    return uri_text(contacts[0])


def uri_text(value: str) -> str | None:
    """The URI in an address, as it was written; None if it cannot be used."""
    inside = re.search("<([^<>]*)>", value)
    text = inside.group(1).strip() if inside else value.split(";", 1)[0].strip()
    return text if is_uri(parse_uri(text)) and ":" in text else None


def options_of(message: Message, header: str) -> set[str]:
    """The option tags in Require or Supported, in lower case."""
    return {value.strip().lower() for value in message.headers.get(header) if value.strip()}


def allows(message: Message, method: Method) -> bool:
    """Whether its sender says that they take this method."""
    return method in {one.strip().upper() for value in message.headers.get("allow") for one in value.split(",")}


def respond(request: Request, status: int, *, tag: str = "", reason: str = "") -> Response:
    """The answer to a request (RFC 3261, 8.2.6). `tag` is added to To unless the request has one there."""
    response = Response(status_code=status, reason_phrase=reason or _REASONS.get(status, "Refused"))
    for name in _COPIED:
        for value in request.headers.get(name):
            response.headers.append(name, value)
    if status > 100 and tag and tag_of(request, "to") is None:
        response.headers.set_single("To", f"{request.headers.get_first('to')};tag={tag}")
    if status > 100:
        response.headers.set_single("Server", SERVER)
    return response


def with_body(message: Message, text: str, kind: str = SDP) -> None:
    message.headers.set_single("Content-Type", kind)
    message.body = text.encode()


def sdp_of(message: Message) -> str | None:
    """Its session description; None without one. Raises `Malformed` where the body is something else."""
    if not message.body:
        return None
    kind = (message.headers.get_first("content-type") or "").split(";", 1)[0].strip().lower()
    if kind != SDP:
        raise Malformed("content_type")
    return message.body.decode("utf-8", errors="replace")


def ack_of(invite: Request, response: Response) -> Request:
    """The ACK of an answer from 300 to 699, which belongs to the transaction of its INVITE (RFC 3261, 17.1.1.3)."""
    return _of_same_transaction(invite, Method.ACK, to=response.headers.get_first("to") or "")


def cancel_of(invite: Request) -> Request:
    """RFC 3261, 9.1."""
    return _of_same_transaction(invite, Method.CANCEL, to=invite.headers.get_first("to") or "")


def _of_same_transaction(invite: Request, method: Method, *, to: str) -> Request:
    request = Request(method=method, uri=invite.uri)
    request.headers.append("Via", invite.headers.get("via")[0])
    for route in invite.headers.get("route"):
        request.headers.append("Route", route)
    request.headers.append("From", invite.headers.get_first("from") or "")
    request.headers.append("To", to)
    request.headers.append("Call-ID", invite.call_id or "")
    request.headers.append("CSeq", f"{cseq_of(invite)[0]} {method}")
    request.headers.append("Max-Forwards", "70")
    return request


def put_via(request: Request, *, transport: str, host: str, port: int, branch: str) -> None:
    """Sets the only Via of a request of ours. `rport` asks for answers to where it came from (RFC 3581)."""
    via = Via(transport=transport, host=host, port=port, params={"branch": branch, "rport": None})
    request.headers.remove("via")
    rest = list(request.headers.items())
    for name, _values in rest:
        request.headers.remove(name)
    request.headers.append("Via", stringify_via(via))
    for name, values in rest:
        for value in values:
            request.headers.append(name, value)


def new_branch() -> str:
    return MAGIC_COOKIE + secrets.token_hex(12)


def new_tag() -> str:
    return secrets.token_hex(8)


def new_call_id() -> str:
    """Without a host: it would tell where we are (RFC 3261, 8.1.1.4 allows it)."""
    return secrets.token_hex(16)


def routes(message: Message, header: str) -> Sequence[str]:
    """The values of Route or Record-Route, in their order. Raises `Malformed` if one cannot be used."""
    values = message.headers.get(header)
    if any(uri_text(value) is None for value in values):
        raise Malformed(header.replace("-", "_"))
    return tuple(values)


__all__ = ["Malformed", "Message", "Method", "Request", "Response", "SipUri", "Via", "parse_address", "read"]
