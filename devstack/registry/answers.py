"""Answers as RFC 5730 words them: a greeting, and a response with its result, data and transaction ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from devstack.registry.store import Json
from devstack.registry.wire import CONTACT, DOMAIN, contact, domain, epp

TEXTS = {
    1000: "Command completed successfully",
    1001: "Command completed successfully; action pending",
    1300: "Command completed successfully; no messages",
    1301: "Command completed successfully; ack to dequeue",
    1500: "Command completed successfully; ending session",
    2000: "Unknown command",
    2001: "Command syntax error",
    2002: "Command use error",
    2003: "Required parameter missing",
    2005: "Parameter value syntax error",
    2101: "Unimplemented command",
    2102: "Unimplemented option",
    2106: "Object is not eligible for transfer",
    2200: "Authentication error",
    2201: "Authorization error",
    2202: "Invalid authorization information",
    2300: "Object pending transfer",
    2301: "Object not pending transfer",
    2302: "Object exists",
    2303: "Object does not exist",
    2304: "Object status prohibits operation",
    2306: "Parameter value policy error",
    2307: "Unimplemented object service",
    2308: "Data management policy violation",
    2400: "Command failed",
    2500: "Command failed; server closing connection",
    2501: "Authentication error; server closing connection",
    2502: "Session limit exceeded; server closing connection",
}
CLOSES = frozenset({1500, 2500, 2501, 2502})


class Refuses(Exception):
    """The registry's refusal, by its result code."""

    def __init__(self, code: int) -> None:
        super().__init__(TEXTS[code])
        self.code = code


@dataclass(frozen=True)
class Message:
    """A message of the queue as an answer shows it; without `at` it was taken away."""

    count: int
    id: str
    at: float | None = None
    text: str = ""


@dataclass(frozen=True)
class Answer:
    code: int
    data: etree._Element | None = None
    message: Message | None = None


def greeting(now: float) -> bytes:
    """Who we are, and what we speak (RFC 5730, section 2.4)."""
    menu = epp.svcMenu(epp.version("1.0"), epp.lang("en"), epp.objURI(DOMAIN), epp.objURI(CONTACT))
    policy = epp.dcp(
        epp.access(epp.all()),
        epp.statement(epp.purpose(epp.admin(), epp.prov()), epp.recipient(epp.ours()), epp.retention(epp.stated())),
    )
    who = epp.svID("Embedded registry")
    return _written(epp.epp(epp.greeting(who, epp.svDate(written(now)), menu, policy)))


def response(answer: Answer, cltrid: str) -> bytes:
    """The whole frame's content."""
    told = epp.response(epp.result(epp.msg(TEXTS[answer.code]), code=str(answer.code)))
    if answer.message is not None:
        told.append(_queue(answer.message))
    if answer.data is not None:
        told.append(epp.resData(answer.data))
    ours = epp.svTRID(f"SR-{uuid.uuid4().hex}")
    told.append(epp.trID(epp.clTRID(cltrid), ours) if cltrid else epp.trID(ours))
    return _written(epp.epp(told))


def _queue(message: Message) -> etree._Element:
    found = epp.msgQ(count=str(message.count), id=message.id)
    if message.at is not None:
        found.append(epp.qDate(written(message.at)))
        found.append(epp.msg(message.text))
    return found


def written(at: float) -> str:
    """The time as EPP writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def domain_data(found: Json, *, whole: bool) -> etree._Element:
    """`whole` for its sponsor; others see who looks after it, its states and its dates."""
    data = domain.infData(domain.name(found["name"]), domain.roid(found["roid"]))
    for status in found["statuses"] or ["ok"]:
        data.append(domain.status(s=status))
    if whole:
        data.append(domain.registrant(found["registrant"]))
        for kind, handle in found["contacts"]:
            data.append(domain.contact(handle, type=kind))
    data.append(domain.clID(found["sponsor"]))
    data.append(domain.crID(found["creator"]))
    _dates(data, found, (("crDate", "created"),))
    if found.get("updated"):
        data.append(domain.upID(found["updater"]))
    _dates(data, found, (("upDate", "updated"), ("exDate", "expires"), ("trDate", "transferred")))
    return data


def _dates(data: etree._Element, found: Json, named: Iterable[tuple[str, str]]) -> None:
    for name, key in named:
        if found.get(key):
            data.append(domain.make(name, written(found[key])))


def transfer_data(found: Json) -> etree._Element:
    transfer = found["transfer"]
    return domain.trnData(
        domain.name(found["name"]),
        domain.trStatus(transfer["state"]),
        domain.reID(transfer["asked_by"]),
        domain.reDate(written(transfer["asked_at"])),
        domain.acID(transfer["decides"]),
        domain.acDate(written(transfer["until"])),
        domain.exDate(written(found["expires"])),
    )


def contact_data(found: Json) -> etree._Element:
    data = contact.infData(contact.id(found["id"]), contact.roid(found["roid"]), contact.status(s="ok"))
    for kind, postal in found["postal"].items():
        data.append(_postal(kind, postal))
    if found["voice"]:
        data.append(contact.voice(found["voice"]))
    data.append(contact.email(found["email"]))
    data.append(contact.clID(found["sponsor"]))
    data.append(contact.crID(found["creator"]))
    data.append(contact.crDate(written(found["created"])))
    if found.get("updated"):
        data.append(contact.upID(found["updater"]))
        data.append(contact.upDate(written(found["updated"])))
    return data


def _postal(kind: str, postal: Json) -> etree._Element:
    address = contact.addr()
    for line in postal["street"]:
        address.append(contact.street(line))
    for name in ("city", "sp", "pc", "cc"):
        if postal.get(name):
            address.append(contact.make(name, postal[name]))
    found = contact.postalInfo(contact.name(postal["name"]), type=kind)
    if postal.get("org"):
        found.append(contact.org(postal["org"]))
    found.append(address)
    return found


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False)
