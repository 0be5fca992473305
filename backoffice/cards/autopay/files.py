"""The files that we and the account updater exchange: a request with a line for each recurring payment, and any number
of responses. They are modelled on those of Visa Account Updater and Mastercard Automatic Billing Updater, but hold no
card number: a card is the issuer's token of it, and a line has an opaque id.

Text in ASCII, records of fixed length, each ended by a line feed, text left-justified and filled with spaces, numbers
right-justified and filled with zeros, times in UTC as YYYYMMDDhhmmss. A file has one header, a detail for each line
and one trailer:

| request: header  | 1 `H` | 4 `AUQ1` | 32 batch id (hex) | 14 made at                                                |
| request: detail  | 1 `D` | 6 number, from 1 | 32 line id (hex) | 80 token of the old card | 80 token of the new card |
|                  | 4 last four of the old | 4 last four of the new | 20 biller's number at the network, or spaces   |
| response: header | 1 `H` | 4 `AUR1` | 32 batch id (hex) | 6 number of the response, from 1 | 14 made at             |
| response: detail | 1 `D` | 6 number, from 1 | 32 line id (hex) | 1 answer                                           |
| response: find   | 1 `F` | 6 number, going on | 80 token of the old card | 20 biller's number at the network         |
|                  | 40 biller's name | 1 answer                                                                      |
| trailer          | 1 `T` | 6 number of details | 64 SHA-256 (hex) of all before this record                        |

A find is a payment that no line asked about: a biller that has one of the batch's old cards on file. The networks tell
issuers so (Visa Account Updater Issuer Reporting, Card-on-File Data Inquiry); finds follow the details.

Answers, in Visa's letters: `A` new number (Mastercard UPDATE), `E` new expiry (EXPIRY), `C` closed (CONTAC), `Q`
contact the holder (CONTACH), `N` not participating, `P` no match (UNKNWN).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

REQUEST, RESPONSE = "AUQ1", "AUR1"
MOST_LINES = 10_000
LARGEST = MOST_LINES * 256
"""In bytes, of a file of either kind."""
_TIME = "%Y%m%d%H%M%S"
_HEAD = re.compile(r"H(AUR1)([0-9a-f]{32})([0-9]{6})([0-9]{14})")
_ASK_HEAD = re.compile(r"H(AUQ1)([0-9a-f]{32})([0-9]{14})")
_DETAIL = re.compile(r"D([0-9]{6})([0-9a-f]{32})([A-Z])")
_FIND = re.compile(r"F([0-9]{6})(.{80})([A-Z0-9]{1,20} *)(.{40})([A-Z])")
_ASK_DETAIL = re.compile(r"D([0-9]{6})([0-9a-f]{32})(.{80})(.{80})(.{4})(.{4})(.{20})")
_END = re.compile(r"T([0-9]{6})([0-9a-f]{64})")


class Unreadable(Exception):
    """This is no such file, or not all of it; the text says where, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of a request. `biller` is empty where the network has no number of it."""

    id: uuid.UUID
    old_card: str
    new_card: str
    old_last_four: str
    new_last_four: str
    biller: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    batch: uuid.UUID
    made_at: datetime
    lines: Sequence[AskedLine]


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """`answer` is a capital letter, perhaps one that we do not know."""

    id: uuid.UUID
    answer: str


@dataclass(frozen=True, slots=True)
class Find:
    """A biller that has the card `old_card` (the issuer's token of it), and whether it was given the new number."""

    old_card: str
    biller: str
    name: str
    answer: str


@dataclass(frozen=True, slots=True)
class Response:
    batch: uuid.UUID
    number: int
    made_at: datetime
    lines: Sequence[AnsweredLine]
    finds: Sequence[Find] = field(default_factory=list)


def write_request(request: Request) -> str:
    records = [f"H{REQUEST}{request.batch.hex}{_time(request.made_at)}"]
    for number, line in enumerate(request.lines, start=1):
        cards = f"{line.old_card:<80}{line.new_card:<80}{line.old_last_four:<4}{line.new_last_four:<4}"
        records.append(f"D{number:06d}{line.id.hex}{cards}{line.biller:<20}")
    return _with_trailer(records)


def write_response(response: Response) -> str:
    records = [f"H{RESPONSE}{response.batch.hex}{response.number:06d}{_time(response.made_at)}"]
    records += [f"D{number:06d}{line.id.hex}{line.answer}" for number, line in enumerate(response.lines, start=1)]
    for number, one in enumerate(response.finds, start=len(response.lines) + 1):
        records.append(f"F{number:06d}{one.old_card:<80}{one.biller:<20}{one.name:<40}{one.answer}")
    return _with_trailer(records)


def read_response(text: str) -> Response:
    """Raises `Unreadable`."""
    head, details = _taken_apart(text)
    if (found := _HEAD.fullmatch(head)) is None:
        raise Unreadable("the header is not that of a response")
    first = next((at for at, record in enumerate(details) if record.startswith("F")), len(details))
    lines = [AnsweredLine(uuid.UUID(one[2]), one[3]) for one in _matched(_DETAIL, details[:first])]
    finds = [
        Find(one[2].rstrip(), one[3].rstrip(), one[4].strip(), one[5])
        for one in _matched(_FIND, details[first:], start=first + 1)
    ]
    return Response(uuid.UUID(found[2]), int(found[3]), _moment(found[4]), lines, finds)


def read_request(text: str) -> Request:
    """Raises `Unreadable`."""
    head, details = _taken_apart(text)
    if (found := _ASK_HEAD.fullmatch(head)) is None:
        raise Unreadable("the header is not that of a request")
    lines = [
        AskedLine(uuid.UUID(one[2]), *(one[part].rstrip() for part in range(3, 8)))
        for one in _matched(_ASK_DETAIL, details)
    ]
    return Request(uuid.UUID(found[2]), _moment(found[3]), lines)


def _taken_apart(text: str) -> tuple[str, Sequence[str]]:
    """The header and the details, after a check of the trailer's count and checksum."""
    if len(text) > LARGEST:
        raise Unreadable("the file is too long")
    if not text.isascii() or not text.endswith("\n"):
        raise Unreadable("the file is not in ASCII, or is cut off")
    records = text[:-1].split("\n")
    if len(records) < 2 or (end := _END.fullmatch(records[-1])) is None:
        raise Unreadable("the trailer is missing")
    before = text[: -len(records[-1]) - 1]
    if hashlib.sha256(before.encode()).hexdigest() != end[2]:
        raise Unreadable("the checksum is wrong")
    if int(end[1]) != len(records) - 2 or int(end[1]) > MOST_LINES:
        raise Unreadable("the trailer counts other lines")
    return records[0], records[1:-1]


def _matched(pattern: re.Pattern[str], details: Sequence[str], *, start: int = 1) -> Sequence[re.Match[str]]:
    found = []
    for number, record in enumerate(details, start=start):
        one = pattern.fullmatch(record)
        if one is None or int(one[1]) != number:
            raise Unreadable(f"line {number} is not as it should be")
        found.append(one)
    return found


def _with_trailer(records: Sequence[str]) -> str:
    text = "".join(f"{record}\n" for record in records)
    return f"{text}T{len(records) - 1:06d}{hashlib.sha256(text.encode()).hexdigest()}\n"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_TIME)


def _moment(told: str) -> datetime:
    try:
        return datetime.strptime(told, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable("the time in the header is none") from None
