"""Faults on purpose, kept in the store, so that they survive a restart."""

from __future__ import annotations

from typing import Any

from devstack.updater.store import Store

FAULTS: dict[str, float] = {
    "down": 0,
    "lost_answer": 60,
    "drop": 0,
    "late": 5,
    "partly": 0,
    "twice": 0,
    "again": 0,
    "out_of_order": 0,
    "unknown_line": 0,
    "damage": 0,
    "biller_down": 0,
}
"""The faults, each with its seconds, where it has any.

`down`: requests get 503. `lost_answer`: a batch is taken, and whoever sent it is not told. Of responses: `drop` answers
nothing, `late` answers later, `partly` answers half and holds back the rest until `/_sim/release`, `twice` sends the
same response twice, `again` sends its lines once more in another response, `out_of_order` sends the second half first,
`unknown_line` adds a line that nobody asked about, `damage` spoils the checksum. `biller_down`: a biller's system
answers 503.
"""


class Faults:
    """Those that are switched on, with how often each still strikes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = self._store.remember("faults", {})
        return found

    def switch_on(self, wanted: Any) -> None:
        """`{"late": {"seconds": 2, "times": 3}, "drop": {}}`. Raises `ValueError` for an unknown fault or option."""
        if not isinstance(wanted, dict) or (set(wanted) - set(FAULTS)):
            raise ValueError(f"Faults are an object of names among {', '.join(FAULTS)}.")
        checked = {}
        for name, told in wanted.items():
            options = told if isinstance(told, dict) else {}
            if set(options) - {"seconds", "times"}:
                raise ValueError("The options of a fault are seconds and times.")
            checked[name] = {
                "seconds": float(options.get("seconds", FAULTS[name])),
                "times": float(options.get("times", 1)),
            }
        self._store.memorise("faults", {**self.on(), **checked})

    def switch_off(self) -> None:
        self._store.memorise("faults", {})

    def take(self, name: str) -> dict[str, float] | None:
        """The fault if it strikes now, which uses it up once."""
        on = self.on()
        fault = on.get(name)
        if fault is None:
            return None
        left = {**fault, "times": fault["times"] - 1}
        on = {key: value for key, value in on.items() if key != name}
        self._store.memorise("faults", {**on, name: left} if left["times"] > 0 else on)
        return fault
