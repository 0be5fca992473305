"""What a registrar may do with a contact (RFC 5733)."""

from __future__ import annotations

import re
import uuid

from lxml import etree

from devstack.registry import answers
from devstack.registry.answers import Answer, Refuses
from devstack.registry.store import Json, Store, fits, hashed
from devstack.registry.wire import CONTACT, Request, contact

_HANDLE = re.compile(r"\S{3,16}\Z")
_PHONE = re.compile(r"(\+[0-9]{1,3}\.[0-9]{1,14})?\Z")
_SPACE = {"c": CONTACT}


class Contacts:
    """Called within `store.together()`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, request: Request, registrar: str) -> Answer:
        data = contact.chkData()
        for one in request.all("c:id"):
            handle = (one.text or "").strip()
            data.append(contact.cd(contact.id(handle, avail="0" if self._store.contact(handle) else "1")))
        if not len(data):
            raise Refuses(2003)
        return Answer(1000, data)

    def info(self, request: Request, registrar: str) -> Answer:
        found = self._found(request)
        code = request.all("c:authInfo/c:pw")
        if code and not fits(found["authinfo"], code[0].text or ""):
            raise Refuses(2202)
        if found["sponsor"] != registrar and not code:
            raise Refuses(2201)
        return Answer(1000, answers.contact_data(found))

    def create(self, request: Request, registrar: str) -> Answer:
        handle = request.text("id")
        if not _HANDLE.fullmatch(handle):
            raise Refuses(2005)
        if self._store.contact(handle):
            raise Refuses(2302)
        code = request.all("c:authInfo/c:pw")
        if not request.all("c:postalInfo") or not request.text("email") or not code:
            raise Refuses(2003)
        made = _empty(handle, registrar, self._store.now()) | {"authinfo": hashed(code[0].text or "")}
        self._put(made, request.body)
        self._store.save_contact(made)
        created = contact.creData(contact.id(handle), contact.crDate(answers.written(made["created"])))
        return Answer(1000, created)

    def update(self, request: Request, registrar: str) -> Answer:
        found = self._found(request)
        if found["sponsor"] != registrar:
            raise Refuses(2201)
        change = request.all("c:chg")
        if not change and not request.all("c:add") and not request.all("c:rem"):
            raise Refuses(2003)
        for one in change:
            self._put(found, one)
        found["updated"], found["updater"] = self._store.now(), registrar
        self._store.save_contact(found)
        return Answer(1000)

    def seed(self, handle: str, *, sponsor: str) -> None:
        """A contact of whom nothing is known yet; one that is there stays as it is."""
        if self._store.contact(handle):
            return
        made = _empty(handle, sponsor, self._store.now())
        made["postal"] = {"loc": {"name": "Somebody", "street": ["Somewhere 1"], "city": "Town", "cc": "PL"}}
        self._store.save_contact(made)

    def _put(self, found: Json, element: etree._Element) -> None:
        for info in element.findall("c:postalInfo", _SPACE):
            kind = info.get("type")
            if kind not in ("loc", "int"):
                raise Refuses(2005)
            found["postal"][kind] = _postal(info)
        voice = element.find("c:voice", _SPACE)
        if voice is not None:
            if not _PHONE.fullmatch(voice.text or ""):
                raise Refuses(2005)
            found["voice"] = voice.text or ""
        if mail := element.findtext("c:email", namespaces=_SPACE):
            found["email"] = mail.strip()

    def _found(self, request: Request) -> Json:
        found = self._store.contact(request.text("id"))
        if found is None:
            raise Refuses(2303)
        return found


def _postal(info: etree._Element) -> Json:
    def text(path: str) -> str:
        return (info.findtext(path, namespaces=_SPACE) or "").strip()

    read = {
        "name": text("c:name"),
        "org": text("c:org"),
        "street": [(line.text or "").strip() for line in info.findall("c:addr/c:street", _SPACE)],
        **{name: text(f"c:addr/c:{name}") for name in ("city", "sp", "pc", "cc")},
    }
    if not read["name"] or not read["city"] or not re.fullmatch("[A-Z]{2}", str(read["cc"])):
        raise Refuses(2005)
    return read


def _empty(handle: str, sponsor: str, now: float) -> Json:
    return {
        "id": handle, "roid": f"C{uuid.uuid4().hex[:12]}-EMB", "postal": {}, "voice": "",
        "email": "somebody@registrant.example", "sponsor": sponsor, "creator": sponsor, "created": now,
        "updated": None, "updater": sponsor, "authinfo": None,
    }  # fmt: skip
