"""What a registrar may do with a domain (RFC 5731), and what time does with its transfer.

The rules are strict where registries differ: a state that is set cannot be set again, an update under
`clientUpdateProhibited` must take that state away, and a transfer takes the transfer code away.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from devstack.registry import answers
from devstack.registry.answers import Answer, Refuses
from devstack.registry.store import Json, Store, fits, hashed
from devstack.registry.wire import Request, domain

DAY = 86_400.0
PENDING = 5 * DAY
"""Seconds after which a transfer that nobody decided happens (ICANN's transfer policy: 5 calendar days)."""
YEAR = 365 * DAY
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_OURS_TO_SET = frozenset(
    f"client{what}"
    for what in ("TransferProhibited", "UpdateProhibited", "DeleteProhibited", "RenewProhibited", "Hold")
)
_NO_TRANSFER = frozenset({"clientTransferProhibited", "serverTransferProhibited", "pendingDelete"})
_NO_UPDATE = frozenset({"serverUpdateProhibited", "pendingDelete", "pendingUpdate"})


class Domains:
    """Called within `store.together()`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def let_time_pass(self) -> None:
        """Transfers that nobody decided in time happen."""
        now = self._store.now()
        for found in self._store.pending():
            if found["transfer"]["until"] <= now:
                self._hand_over(found, "serverApproved", at=found["transfer"]["until"])

    def check(self, request: Request, registrar: str) -> Answer:
        data = domain.chkData()
        for name in request.all("d:name"):
            wanted = (name.text or "").strip()
            free = bool(_NAME.fullmatch(wanted)) and self._store.domain(wanted) is None
            data.append(domain.cd(domain.name(wanted, avail="1" if free else "0")))
        if not len(data):
            raise Refuses(2003)
        return Answer(1000, data)

    def info(self, request: Request, registrar: str) -> Answer:
        found = self._found(request)
        code = _code(request)
        if code is not None and not fits(found["authinfo"], code):
            raise Refuses(2202)
        whole = found["sponsor"] == registrar or code is not None
        return Answer(1000, answers.domain_data(found, whole=whole))

    def create(self, request: Request, registrar: str) -> Answer:
        name = request.text("name")
        if not _NAME.fullmatch(name):
            raise Refuses(2005)
        if self._store.domain(name):
            raise Refuses(2302)
        registrant = request.text("registrant")
        if self._store.contact(registrant) is None:
            raise Refuses(2303)
        years = int(request.text("period") or 1)
        made = self._new(name, registrant=registrant, sponsor=registrar, years=years)
        made["authinfo"] = hashed(_code(request) or "")
        self._store.save_domain(made)
        created = domain.creData(
            domain.name(name),
            domain.crDate(answers.written(made["created"])),
            domain.exDate(answers.written(made["expires"])),
        )
        return Answer(1000, created)

    def update(self, request: Request, registrar: str) -> Answer:
        found = self._own(request, registrar)
        statuses = set(found["statuses"])
        added = {str(status.get("s")) for status in request.all("d:add/d:status")}
        removed = {str(status.get("s")) for status in request.all("d:rem/d:status")}
        if statuses & _NO_UPDATE or ("clientUpdateProhibited" in statuses - removed):
            raise Refuses(2304)
        if (added | removed) - _OURS_TO_SET or added & statuses or removed - statuses or added & removed:
            raise Refuses(2306)
        if "pendingTransfer" in statuses and "clientTransferProhibited" in added:
            raise Refuses(2304)
        if request.all("d:add/d:ns") or request.all("d:rem/d:ns"):
            raise Refuses(2102)
        found["statuses"] = sorted((statuses | added) - removed)
        self._change_contacts(found, request)
        registrant = request.all("d:chg/d:registrant")
        if registrant:
            found["registrant"] = self._known(registrant[0].text or "")
        if request.all("d:chg/d:authInfo"):
            found["authinfo"] = hashed(_code(request) or "")
        found["updated"], found["updater"] = self._store.now(), registrar
        self._store.save_domain(found)
        return Answer(1000)

    def transfer(self, request: Request, registrar: str) -> Answer:
        does: dict[str, Callable[[Json, str, str], Answer]] = {
            "request": self._request,
            "query": self._query,
            "approve": self._approve,
            "reject": self._reject,
            "cancel": self._cancel,
        }
        if request.op not in does:
            raise Refuses(2102)
        return does[request.op](self._found(request), registrar, _code(request) or "")

    def decide(self, op: str, name: str, registrar: str, *, code: str) -> int:
        """What another registrar does with a transfer; gives the result code."""
        does = {"request": self._request, "approve": self._approve, "reject": self._reject, "cancel": self._cancel}
        found = self._store.domain(name)
        if found is None:
            raise Refuses(2303)
        return does[op](found, registrar, code).code

    def seed(self, name: str, *, registrant: str, sponsor: str, authinfo: str = "", **told: object) -> Json:
        """A domain that is there from the start; `told` are the other parts of its content, times as seconds."""
        made = self._new(name, registrant=registrant, sponsor=sponsor, years=1) | told
        made["authinfo"] = hashed(authinfo)
        self._store.save_domain(made)
        return made

    def ask_for(self, found: Json, registrar: str) -> Answer:
        """Another registrar asks for the domain, with its transfer code."""
        now = self._store.now()
        found["transfer"] = {
            "state": "pending", "asked_by": registrar, "asked_at": now, "decides": found["sponsor"],
            "until": now + PENDING,
        }  # fmt: skip
        found["statuses"] = sorted({*found["statuses"], "pendingTransfer"})
        self._store.save_domain(found)
        self._tell(found["sponsor"], "Transfer requested.", found)
        return Answer(1001, answers.transfer_data(found))

    def take(self, found: Json, registrar: str) -> None:
        """The domain goes to another registrar at once, as by a court's order."""
        if not found["transfer"] or found["transfer"]["state"] != "pending":
            self.ask_for(found, registrar)
        self._hand_over(found, "serverApproved", at=self._store.now())

    def _request(self, found: Json, registrar: str, code: str) -> Answer:
        if found["sponsor"] == registrar:
            raise Refuses(2106)
        if "pendingTransfer" in found["statuses"]:
            raise Refuses(2300)
        if set(found["statuses"]) & _NO_TRANSFER:
            raise Refuses(2304)
        if not fits(found["authinfo"], code):
            raise Refuses(2202)
        return self.ask_for(found, registrar)

    def _query(self, found: Json, registrar: str, code: str) -> Answer:
        transfer = found["transfer"]
        if not transfer:
            raise Refuses(2301)
        if registrar not in (transfer["asked_by"], transfer["decides"], found["sponsor"]):
            raise Refuses(2201)
        return Answer(1000, answers.transfer_data(found))

    def _approve(self, found: Json, registrar: str, code: str) -> Answer:
        self._decided_by(found, registrar, "decides")
        self._hand_over(found, "clientApproved", at=self._store.now())
        return Answer(1000, answers.transfer_data(found))

    def _reject(self, found: Json, registrar: str, code: str) -> Answer:
        self._decided_by(found, registrar, "decides")
        self._end(found, "clientRejected")
        self._tell(found["transfer"]["asked_by"], "Transfer rejected.", found)
        return Answer(1000, answers.transfer_data(found))

    def _cancel(self, found: Json, registrar: str, code: str) -> Answer:
        self._decided_by(found, registrar, "asked_by")
        self._end(found, "clientCancelled")
        self._tell(found["transfer"]["decides"], "Transfer cancelled.", found)
        return Answer(1000, answers.transfer_data(found))

    def _decided_by(self, found: Json, registrar: str, who: str) -> None:
        transfer = found["transfer"]
        if not transfer or transfer["state"] != "pending":
            raise Refuses(2301)
        if transfer[who] != registrar:
            raise Refuses(2201)

    def _hand_over(self, found: Json, state: str, *, at: float) -> None:
        transfer = found["transfer"]
        found["sponsor"], found["transferred"], found["authinfo"] = transfer["asked_by"], at, None
        self._end(found, state)
        for registrar in (transfer["asked_by"], transfer["decides"]):
            self._tell(registrar, "Transfer approved.", found)

    def _end(self, found: Json, state: str) -> None:
        found["transfer"] = {**found["transfer"], "state": state}
        found["statuses"] = [status for status in found["statuses"] if status != "pendingTransfer"]
        self._store.save_domain(found)

    def _tell(self, registrar: str, text: str, found: Json) -> None:
        told = {key: found[key] for key in ("name", "expires", "transfer")}
        self._store.tell(registrar, text, told)

    def _change_contacts(self, found: Json, request: Request) -> None:
        have = {tuple(pair) for pair in found["contacts"]}
        removed, added = (
            {(str(pair.get("type")), self._known(pair.text or "")) for pair in request.all(f"d:{which}/d:contact")}
            for which in ("rem", "add")
        )
        if removed - have or added & have or removed & added:
            raise Refuses(2306)
        found["contacts"] = sorted(list(pair) for pair in (have - removed) | added)

    def _new(self, name: str, *, registrant: str, sponsor: str, years: int) -> Json:
        now = self._store.now()
        return {
            "name": name, "roid": f"D{uuid.uuid4().hex[:12]}-EMB", "registrant": registrant, "contacts": [],
            "statuses": [], "sponsor": sponsor, "creator": sponsor, "created": now, "updated": None, "updater": sponsor,
            "expires": now + years * YEAR, "transferred": None, "authinfo": None, "transfer": None,
        }  # fmt: skip

    def _known(self, handle: str) -> str:
        if self._store.contact(handle.strip()) is None:
            raise Refuses(2303)
        return handle.strip()

    def _found(self, request: Request) -> Json:
        name = request.text("name")
        if not name:
            raise Refuses(2003)
        found = self._store.domain(name)
        if found is None:
            raise Refuses(2303)
        return found

    def _own(self, request: Request, registrar: str) -> Json:
        found = self._found(request)
        if found["sponsor"] != registrar:
            raise Refuses(2201)
        return found


def _code(request: Request) -> str | None:
    found = request.all("d:authInfo/d:pw") or request.all("d:chg/d:authInfo/d:pw")
    return (found[0].text or "") if found else None
