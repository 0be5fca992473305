"""What only a simulator has: seeding, faults, the clock, other registrars who act, and its state."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from devstack.registry.answers import Refuses
from devstack.registry.faults import UnknownFault
from devstack.registry.sessions import Registry
from devstack.registry.store import Json, hashed

OURS, RIVAL = "countersign", "rival"
"""The registrar that the product is, and another one."""
FURTHEST = 10 * 365 * 86_400
_SEEDED = {"name", "registrant", "sponsor", "authinfo", "statuses", "contacts", "created", "expires", "transferred"}
_ACTS = ("request", "cancel", "approve", "reject", "take", "message")


class WrongInput(Exception):
    """The text says what is wrong."""


class Control:
    """Called by the pages, and by tests in the same process. Times are ISO 8601 with a zone."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._store = registry, registry.store

    def state(self) -> Json:
        with self._store.together():
            count, _first = self._store.first_message(OURS)
            domains = len(self._store.domains())
        return {
            "now": self._store.now(), "faults": self._registry.faults.on(), "domains": domains, "queue": count,
            "done": dict(self._registry.done),
        }  # fmt: skip

    def domain(self, name: str) -> Json:
        """Everything that is kept of the domain, as JSON, with its times in seconds since the epoch; without it,
        raises `WrongInput`. `authinfo` says only whether a transfer code is set."""
        with self._store.together():
            self._registry.domains.let_time_pass()
            found = self._store.domain(name)
        if found is None:
            raise WrongInput(f"There is no domain “{name}”.")
        return {**found, "authinfo": found["authinfo"] is not None}

    def domains(self) -> list[Json]:
        """All of them."""
        with self._store.together():
            self._registry.domains.let_time_pass()
            return [{**found, "authinfo": found["authinfo"] is not None} for found in self._store.domains()]

    def contact(self, handle: str) -> Json:
        """Everything that is kept of the contact but its code; raises `WrongInput` without it."""
        found = self._store.contact(handle)
        if found is None:
            raise WrongInput(f"There is no contact “{handle}”.")
        return {**found, "authinfo": found["authinfo"] is not None}

    def handles(self) -> list[str]:
        """Those of all contacts."""
        with self._store.together():
            return self._store.handles()

    def seed(self, told: Json) -> Json:
        """A domain: `name`, and what else it has. One that is known stays as it is, unless `replace` is true."""
        replace = bool(told.get("replace"))
        wanted = {key: value for key, value in told.items() if key != "replace"}
        name = str(wanted.pop("name", ""))
        if not name or set(wanted) - _SEEDED:
            raise WrongInput(f"A domain has {', '.join(sorted(_SEEDED))}.")
        for key in ("created", "expires", "transferred"):
            if wanted.get(key) is not None:
                wanted[key] = _seconds(key, wanted[key])
        registrant, sponsor = str(wanted.pop("registrant", "HOLDER-1")), str(wanted.pop("sponsor", OURS))
        with self._store.together():
            if self._store.domain(name) is None or replace:
                for handle in {registrant, *(handle for _kind, handle in wanted.get("contacts", []))}:
                    self._registry.contacts.seed(handle, sponsor=sponsor)
                self._registry.domains.seed(name, registrant=registrant, sponsor=sponsor, **wanted)
        return self.domain(name)

    def set_code(self, name: str, code: str) -> None:
        """The transfer code, as the holder's registrar would set it."""
        with self._store.together():
            found = self._store.domain(name)
            if found is None:
                raise WrongInput(f"There is no domain “{name}”.")
            self._store.save_domain({**found, "authinfo": hashed(code)})

    def act(self, told: Json) -> Json:
        """Another registrar acts: `{"do": "request", "name": …, "by": "rival", "authinfo": …}`. `do` is request,
        cancel, approve or reject of a transfer, "take" (the domain goes over at once) or "message" (a text in our
        queue). Gives `{"code": EPP's result code}`."""
        do, name, by = str(told.get("do", "")), str(told.get("name", "")), str(told.get("by", RIVAL))
        if do not in _ACTS:
            raise WrongInput(f"“do” is one of {', '.join(_ACTS)}.")
        try:
            with self._store.together():
                self._registry.domains.let_time_pass()
                if do == "message":
                    self._store.tell(OURS, str(told.get("text", "Hello.")))
                    return {"code": 1000}
                if do == "take":
                    self._take(name, by)
                    return {"code": 1000}
                return {"code": self._registry.domains.decide(do, name, by, code=str(told.get("authinfo", "")))}
        except Refuses as refused:
            return {"code": refused.code}

    def advance(self, seconds: Any) -> Json:
        """Moves the clock on; gives the state."""
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= FURTHEST:
            raise WrongInput("advance is a number of seconds, forwards, at most ten years.")
        with self._store.together():
            self._store.advance(seconds)
            self._registry.domains.let_time_pass()
        return self.state()

    def switch_on(self, fault: Any) -> Json:
        """A fault: see `faults.py`; gives the state."""
        try:
            self._registry.faults.switch_on(fault)
        except UnknownFault as unknown:
            raise WrongInput(str(unknown)) from None
        return self.state()

    def switch_off(self) -> Json:
        """All faults; gives the state."""
        self._registry.faults.switch_off()
        return self.state()

    def nothing_late(self) -> None:
        """Returns when no command that nobody waits for is still to be done."""
        self._registry.nothing_late()

    def clear(self) -> Json:
        """Forgets everything but the clock, once nothing is still to be done; gives the state."""
        self._registry.nothing_late()
        with self._store.together():
            self._store.clear()
            self._registry.done.clear()
        return self.state()

    def _take(self, name: str, by: str) -> None:
        found = self._store.domain(name)
        if found is None:
            raise Refuses(2303)
        self._registry.domains.take(found, by)


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise WrongInput(f"{name} is a time in ISO 8601.") from None
    if at.tzinfo is None:
        raise WrongInput(f"{name} has no zone.")
    return at.timestamp()
