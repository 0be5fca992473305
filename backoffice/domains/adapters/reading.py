"""Answers of a registry as typed results. What is not there, or not as the schemas demand, is `Unreadable`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from xml.etree.ElementTree import Element

from backoffice.domains.ports import ContactCard, Polled, RegisteredDomain, Transfer, TransferState

NAMES = {
    "e": "urn:ietf:params:xml:ns:epp-1.0",
    "d": "urn:ietf:params:xml:ns:domain-1.0",
    "c": "urn:ietf:params:xml:ns:contact-1.0",
}
LONGEST_TEXT = 1000
"""Characters of a message that are kept."""
_T = TypeVar("_T")


class Unreadable(Exception):
    """The answer does not say what an answer must say. It holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its result code, the ids of both sides, and the element of the response."""

    code: int
    cltrid: str
    svtrid: str
    response: Element

    def find(self, path: str) -> Element | None:
        return self.response.find(path, NAMES)


def told(root: Element) -> Told:
    """Raises `Unreadable` for anything but one response with a result and both ids."""
    response = root.find("e:response", NAMES)
    result = response.find("e:result", NAMES) if response is not None else None
    if root.tag != f"{{{NAMES['e']}}}epp" or len(root) != 1 or response is None or result is None:
        raise Unreadable
    code = result.get("code", "")
    if len(code) != 4 or not code.isascii() or not code.isdigit() or code[0] not in "12":
        raise Unreadable
    return Told(int(code), _text(response, "e:trID/e:clTRID"), _needed(response, "e:trID/e:svTRID")[:64], response)


def free_names(answer: Told) -> frozenset[str]:
    names = answer.response.findall("e:resData/d:chkData/d:cd/d:name", NAMES)
    return frozenset((name.text or "").strip().lower() for name in names if name.get("avail") in ("1", "true"))


def sponsor(answer: Told) -> str:
    """Who looks after the domain."""
    return _needed(_found(answer, "e:resData/d:infData"), "d:clID")


def has_dates(answer: Told) -> bool:
    """Whether the registry tells us when it was made and when it ends; it may not, when the domain is not ours."""
    data = _found(answer, "e:resData/d:infData")
    return bool(_text(data, "d:crDate") and _text(data, "d:exDate"))


def domain(answer: Told) -> RegisteredDomain:
    data = _found(answer, "e:resData/d:infData")
    return RegisteredDomain(
        name=_needed(data, "d:name").lower(),
        registrant=_text(data, "d:registrant"),
        sponsor=_needed(data, "d:clID"),
        statuses=frozenset(status.get("s", "") for status in data.findall("d:status", NAMES)),
        created_at=_time(_needed(data, "d:crDate")),
        expires_at=_time(_needed(data, "d:exDate")),
        contacts=tuple(
            (contact.get("type", ""), (contact.text or "").strip()) for contact in data.findall("d:contact", NAMES)
        ),
        transferred_at=_if_there(data, "d:trDate", _time),
        updated_at=_if_there(data, "d:upDate", _time),
    )


def contact(answer: Told) -> ContactCard:
    """The contact as it stands under "loc", the only form that we write."""
    data = _found(answer, "e:resData/c:infData")
    postal = _found_in(data, "c:postalInfo[@type='loc']")
    return ContactCard(
        name=_text(postal, "c:name"),
        organisation=_text(postal, "c:org"),
        street=tuple((line.text or "").strip() for line in postal.findall("c:addr/c:street", NAMES)),
        city=_text(postal, "c:addr/c:city"),
        state=_text(postal, "c:addr/c:sp"),
        postal_code=_text(postal, "c:addr/c:pc"),
        country=_text(postal, "c:addr/c:cc"),
        mail=_text(data, "c:email"),
        phone=_text(data, "c:voice"),
    )


def transfer(answer: Told) -> Transfer:
    return _transfer(_found(answer, "e:resData/d:trnData"))


def polled(answer: Told) -> Polled:
    queue = _found(answer, "e:msgQ")
    data = answer.find("e:resData/d:trnData")
    count, number = queue.get("count", ""), queue.get("id", "")
    if not number or not count.isascii() or not count.isdigit():
        raise Unreadable
    return Polled(
        id=number,
        at=_time(_needed(queue, "e:qDate")),
        text=" ".join("".join(_found_in(queue, "e:msg").itertext()).split())[:LONGEST_TEXT],
        left=max(0, int(count) - 1),
        transfer=None if data is None else _transfer(data),
    )


def _transfer(data: Element) -> Transfer:
    try:
        state = TransferState(_needed(data, "d:trStatus"))
    except ValueError:
        raise Unreadable from None
    return Transfer(
        name=_needed(data, "d:name").lower(),
        state=state,
        asked_by=_needed(data, "d:reID"),
        asked_at=_time(_needed(data, "d:reDate")),
        decides=_needed(data, "d:acID"),
        until=_time(_needed(data, "d:acDate")),
    )


def _found(answer: Told, path: str) -> Element:
    return _found_in(answer.response, path)


def _found_in(element: Element, path: str) -> Element:
    found = element.find(path, NAMES)
    if found is None:
        raise Unreadable
    return found


def _text(element: Element, path: str) -> str:
    return (element.findtext(path, "", NAMES) or "").strip()


def _needed(element: Element, path: str) -> str:
    text = _text(element, path)
    if not text or len(text) > 255:
        raise Unreadable
    return text


def _if_there(element: Element, path: str, read: Callable[[str], _T]) -> _T | None:
    text = _text(element, path)
    return read(text) if text else None


def _time(text: str) -> datetime:
    """EPP's times are UTC; one without a zone is UTC, too."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable from None
