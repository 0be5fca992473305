"""Faults on purpose. They are in the store, so that they survive a restart."""

from __future__ import annotations

from typing import Any

from devstack.registry.store import Store

KINDS = {
    "slow": "acts, and answers after `seconds`",
    "late": "acts after `seconds`, and then answers",
    "drop": "acts, and ends the connection without an answer",
    "drop_before": "ends the connection without having acted",
    "garbage": "acts, and answers with bytes that are no XML",
    "undecodable": "acts, and answers with XML in bytes that are no UTF-8",
    "stranger": "acts, and answers with another command's transaction id",
    "short": "acts, and tells a length that is too small",
    "long": "acts, and tells a length that is too large",
    "huge": "acts, and tells a length of 4 GiB",
    "mutated": "acts, and answers with what a test in the same process makes of the answer",
    "deep": "acts, and answers with elements within elements",
    "asked_for": "before the command, another registrar asks for the domain",
    "taken": "before the command, the domain goes to another registrar",
}
"""The faults beside a result code ("2201", "2304", "2308", "2400", "2502" …), which is answered without acting, or
after acting where `acts` is true."""
OPTIONS = {"on": "any", "times": 1, "seconds": 2.0, "acts": False, "by": "rival"}
"""What a fault can say of itself: which command it strikes ("update", "domain:update", "transfer:approve", "any"), how
often, and what else it needs."""


class UnknownFault(Exception):
    """The text says which are known."""


class Faults:
    """The faults that are switched on, with what is left of each; the oldest strikes first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._store.remember("faults", [])
        return found

    def switch_on(self, wanted: Any) -> None:
        """`{"kind": "drop", "on": "update", "times": 2}`, in addition to those that are on. Raises `UnknownFault`."""
        with self._store.together():
            self._store.memorise("faults", [*self.on(), _checked(wanted)])

    def switch_off(self) -> None:
        with self._store.together():
            self._store.memorise("faults", [])

    def take(self, names: set[str]) -> dict[str, Any] | None:
        """The fault that strikes a command of these names now, which uses it up once."""
        on = self.on()
        for number, fault in enumerate(on):
            if fault["on"] in names:
                left = {**fault, "times": fault["times"] - 1}
                rest = [*on[:number], *([left] if left["times"] > 0 else []), *on[number + 1 :]]
                self._store.memorise("faults", rest)
                return fault
        return None


def _checked(wanted: Any) -> dict[str, Any]:
    if not isinstance(wanted, dict) or set(wanted) - {"kind", *OPTIONS}:
        raise UnknownFault(f"A fault is an object with kind, {', '.join(OPTIONS)}.")
    kind = str(wanted.get("kind", ""))
    if kind not in KINDS and not (len(kind) == 4 and kind.isdigit() and kind[0] == "2"):
        raise UnknownFault(f"There is no fault “{kind}”. There are: {', '.join(KINDS)}, and the result codes.")
    fault = {"kind": kind, **OPTIONS, **{key: value for key, value in wanted.items() if key != "kind"}}
    for name, default in OPTIONS.items():
        right = (int, float) if isinstance(default, float) else type(default)
        if not isinstance(fault[name], right) or (isinstance(fault[name], bool) != isinstance(default, bool)):
            raise UnknownFault(f"“{name}” does not fit.")
    return fault
