"""A registry behind the port, over EPP (RFC 5730 to 5734), by the library `epptools` on a line of our own.

A change has a row under its key (`registry_commands`), written before its frame is sent. Who comes again with the key
of a change whose outcome is unknown makes the adapter ask the registry first; the change is sent again only when the
registry says that it has not been made.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from epptools.exceptions import ValidationException

from backoffice.domains.adapters import reading, results
from backoffice.domains.adapters.changes import Change, Changes
from backoffice.domains.adapters.line import Address
from backoffice.domains.adapters.reading import Told
from backoffice.domains.adapters.session import Access, Sends, Session
from backoffice.domains.ports import (
    ContactCard,
    Contacts,
    Polled,
    RegisteredDomain,
    RegistryUnavailable,
    Status,
    Transfer,
    TransferState,
)
from backoffice.domains.registry_commands import Known, Part

_T = TypeVar("_T")
MOST_NAMES = 20
"""Names in one check; registries allow different numbers, and all of them this one."""
_APPROVED = frozenset({TransferState.CLIENT_APPROVED, TransferState.SERVER_APPROVED})
_REJECTED = frozenset({TransferState.CLIENT_REJECTED, TransferState.SERVER_CANCELLED})


class EppRegistry:
    """Implements `ports.Registry`. One for each registry and OS process; threads may share it."""

    def __init__(self, access: Access) -> None:
        self._session, self._registrar = Session(access), access.registrar
        self._changes = Changes(self._session, deadline=access.deadline)

    def close(self) -> None:
        """Signs out."""
        self._session.close()

    def free(self, names: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        for first in range(0, len(names), MOST_NAMES):
            found |= self._free(list(names[first : first + MOST_NAMES]))
        return frozenset(found & set(names))

    def look(self, name: str) -> RegisteredDomain:
        answer = self._asked(lambda client: client.domain.info(name))
        if _read(reading.has_dates, answer) or _read(reading.sponsor, answer) == self._registrar:
            seen = _read(reading.domain, answer)
            if seen.name == name:
                return seen
            raise RegistryUnavailable("unreadable")
        raise results.refusal(results.NOT_OURS)

    def prohibit(self, name: str, statuses: Collection[Status], key: str) -> frozenset[Status]:
        return self._set(name, statuses, key, op="add")

    def permit(self, name: str, statuses: Collection[Status], key: str) -> frozenset[Status]:
        return self._set(name, statuses, key, op="rem")

    def make_contact(self, card: ContactCard, key: str) -> str:
        handle = handle_of(key)
        change = Change(
            verb="contact:create",
            name=handle,
            said=_as_text(card),
            send=lambda client, _known: client.contact.create(
                handle, **_postal(card), voice=card.phone or None, email=card.mail, auth_info=secrets.token_urlsafe(18)
            ),
            is_done=lambda _known: self._has_contact(handle),
        )
        self._changes.make(change, key)
        return handle

    def change_contact(self, handle: str, card: ContactCard, key: str) -> None:
        said = {"postal_info": _postal(card), "voice": card.phone, "email": card.mail}
        change = Change(
            verb="contact:update",
            name=handle,
            said=_as_text(card),
            send=lambda client, _known: client.contact.update(handle, chg=said),
            is_done=lambda _known: self._is_contact(handle, card),
        )
        self._changes.make(change, key)

    def change_registrant(
        self,
        name: str,
        handle: str,
        key: str,
        *,
        contacts: Contacts | None = None,
        permit: Collection[Status] = (),
        prohibit: Collection[Status] = (),
    ) -> RegisteredDomain:
        taken = {Status.CLIENT_UPDATE, *permit}
        wanted = None if contacts is None else set(contacts)

        def is_held(known: Known) -> bool:
            seen = self._settled(name)
            before = set(seen.contacts)
            after = before if wanted is None else wanted
            known["rem"] = _part(before - after, taken & seen.statuses)
            known["add"] = _part(after - before, set(prohibit) - seen.statuses)
            return seen.registrant == handle and not known["rem"] and not known["add"]

        change = Change(
            verb="domain:update registrant",
            name=name,
            said=" ".join([handle, *(f"{kind}:{of}" for kind, of in sorted(wanted or ()))]),
            send=lambda client, known: client.domain.update(
                name, add={**known["add"]} or None, rem={**known["rem"]} or None, chg={"registrant": handle}
            ),
            is_done=is_held,
            is_asked_first=True,
        )
        self._changes.make(change, key)
        return self.look(name)

    def set_authinfo(self, name: str, code: str, key: str) -> None:
        said: dict[str, Any] = {"auth_info": code} if code else {"clear_auth_info": True}
        change = Change(
            verb="domain:update authinfo",
            name=name,
            said="set" if code else "taken away",
            send=lambda client, _known: client.domain.update(name, chg=said),
        )
        self._changes.make(change, key)

    def transfer_of(self, name: str) -> Transfer | None:
        answer = self._asked(
            lambda client: client.domain.transfer("query", name), besides=frozenset({results.NOT_PENDING})
        )
        return None if answer.code == results.NOT_PENDING else _read(reading.transfer, answer)

    def approve_transfer(self, name: str, key: str) -> Transfer:
        return self._decide(name, key, op="approve", states=_APPROVED)

    def reject_transfer(self, name: str, key: str) -> Transfer:
        return self._decide(name, key, op="reject", states=_REJECTED)

    def poll(self) -> Polled | None:
        answer = self._asked(lambda client: client.poll.request())
        return None if answer.code == results.EMPTY else _read(reading.polled, answer)

    def acknowledge(self, message: str, key: str) -> None:
        change = Change(
            verb="poll:ack",
            name=message,
            said="",
            send=lambda client, _known: client.poll.ack(message),
            done_codes=frozenset({results.UNKNOWN}),
        )
        self._changes.make(change, key)

    def _set(self, name: str, statuses: Collection[Status], key: str, *, op: str) -> frozenset[Status]:
        wanted = sorted({status.value for status in statuses})

        def is_set(known: Known) -> bool:
            now = self._settled(name).statuses
            left = [status for status in wanted if (status in now) == (op == "rem")]
            known.setdefault("statuses", left)
            known["send"] = left
            return not left

        change = Change(
            verb=f"domain:update {op}",
            name=name,
            said=" ".join(wanted),
            send=lambda client, known: client.domain.update(
                name,
                add={"statuses": known["send"]} if op == "add" else None,
                rem={"statuses": known["send"]} if op == "rem" else None,
            ),
            is_done=is_set,
            is_asked_first=True,
        )
        known = self._changes.make(change, key)
        return frozenset(Status(status) for status in known["statuses"])

    def _settled(self, name: str) -> RegisteredDomain:
        """As `look`, once no change of ours is still to be made by the registry."""
        seen = self.look(name)
        if "pendingUpdate" in seen.statuses:
            raise RegistryUnavailable("pending")
        return seen

    def _decide(self, name: str, key: str, *, op: str, states: frozenset[TransferState]) -> Transfer:
        def is_decided(known: Known) -> bool:
            seen = self.transfer_of(name)
            if seen is None or seen.state not in states:
                return False
            known["transfer"] = _kept(seen)
            return True

        change = Change(
            verb=f"domain:transfer {op}",
            name=name,
            said="",
            send=lambda client, _known: client.domain.transfer(op, name),
            is_done=is_decided,
            learn=lambda answer, known: known.update({"transfer": _kept(_read(reading.transfer, answer))}),
        )
        return _unkept(self._changes.make(change, key)["transfer"])

    def _free(self, names: list[str]) -> frozenset[str]:
        return _read(reading.free_names, self._asked(lambda client: client.domain.check(names)))

    def _has_contact(self, handle: str) -> bool:
        answer = self._asked(
            lambda client: client.contact.info(handle), besides=frozenset({results.UNKNOWN, results.NOT_OURS})
        )
        return answer.code < 2000

    def _is_contact(self, handle: str, card: ContactCard) -> bool:
        """Whether the registry has just this; one that keeps contacts in another form does not say so, and is told
        again."""
        answer = self._asked(lambda client: client.contact.info(handle))
        try:
            return _as_text(reading.contact(answer)) == _as_text(card)
        except reading.Unreadable:
            return False

    def _asked(self, send: Sends, *, besides: frozenset[int] = frozenset()) -> Told:
        """The answer of a command that changes nothing; a refusal is raised, besides those codes."""
        try:
            answer = self._session.read(send)
        except ValidationException:
            raise results.refusal_of_text() from None
        if answer.code >= 2000 and answer.code not in besides:
            raise results.refusal(answer.code)
        return answer


def registry(_name: str) -> EppRegistry:
    """The one that the settings describe; whatever its name, because there is one today."""
    return _shared(os.getpid(), _access())


@lru_cache(maxsize=2)
def _shared(_process: int, access: Access) -> EppRegistry:
    """One for each OS process: a child that was forked must not speak on the connection of its parent."""
    return EppRegistry(access)


def _access() -> Access:
    host, _colon, port = settings.REGISTRY_ADDRESS.rpartition(":")
    if not host or not port.isdigit():
        raise ImproperlyConfigured("REGISTRY_ADDRESS must be a host, a colon and a port.")
    return Access(
        address=Address(
            host=host.strip("[]"),
            port=int(port),
            authority=settings.REGISTRY_AUTHORITY_PATH,
            cert=settings.REGISTRY_CERT_PATH,
            key=settings.REGISTRY_KEY_PATH,
        ),
        registrar=settings.REGISTRY_REGISTRAR,
        password=settings.REGISTRY_PASSWORD,
        deadline=settings.REGISTRY_DEADLINE,
    )


def handle_of(key: str) -> str:
    """16 characters, the most that EPP allows, made of the key: nobody can have made another contact of that name."""
    return "CS" + base64.b32encode(hashlib.sha256(key.encode()).digest()).decode()[:14]


def _part(contacts: Collection[tuple[str, str]], statuses: Collection[str]) -> Part:
    """Empty for nothing."""
    told: Part = {}
    if statuses:
        told["statuses"] = sorted(str(status) for status in statuses)
    if contacts:
        kinds = sorted({kind for kind, _handle in contacts})
        told["contacts"] = {one: sorted(handle for kind, handle in contacts if kind == one) for one in kinds}
    return told


def _read(read: Callable[[Told], _T], answer: Told) -> _T:
    try:
        return read(answer)
    except reading.Unreadable:
        raise RegistryUnavailable("unreadable") from None


def _postal(card: ContactCard) -> dict[str, Any]:
    """Always as "loc", the form that takes every script, so that an update replaces all there is."""
    return {
        "type": "loc", "name": card.name, "org": card.organisation or None, "street": list(card.street),
        "city": card.city, "sp": card.state or None, "pc": card.postal_code or None, "cc": card.country,
    }  # fmt: skip


def _as_text(card: ContactCard) -> str:
    parts = (
        card.name, card.organisation, *card.street, card.city, card.state, card.postal_code, card.country, card.mail,
        card.phone,
    )  # fmt: skip
    return "\n".join(parts)


def _kept(transfer: Transfer) -> dict[str, str]:
    return {
        "name": transfer.name, "state": transfer.state.value, "asked_by": transfer.asked_by,
        "asked_at": transfer.asked_at.isoformat(), "decides": transfer.decides, "until": transfer.until.isoformat(),
    }  # fmt: skip


def _unkept(kept: dict[str, str]) -> Transfer:
    return Transfer(
        name=kept["name"],
        state=TransferState(kept["state"]),
        asked_by=kept["asked_by"],
        asked_at=datetime.fromisoformat(kept["asked_at"]),
        decides=kept["decides"],
        until=datetime.fromisoformat(kept["until"]),
    )
