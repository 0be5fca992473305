"""Faults on purpose. They are in the store, so that they survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devstack.stripe_api.errors import ApiError
from devstack.stripe_api.store import Store

Known = Mapping[str, Mapping[str, tuple[type | tuple[type, ...], Any]]]
_ON = {"on": (str, "change")}
OF_REQUESTS: Known = {
    "slow": {"seconds": ((int, float), 2.0), **_ON},
    "fail": {"status": (int, 503), **_ON},
    "refuse": {"code": (str, "card_refused"), **_ON},
    "act_then_time_out": {"seconds": ((int, float), 60.0), **_ON},
}
OF_WEBHOOKS: Known = {
    "twice": {},
    "late": {"seconds": ((int, float), 5.0)},
    "out_of_order": {},
    "drop": {},
}
"""Faults that every simulator has, each with its options: type and default. Every one also has `times`, how often it
strikes (default 1). `on` is what it strikes: a kind of request, "change" or "any"."""


class Faults:
    """The faults that are switched on, with what is left of each. `known` are those that there are; `changes` the kinds
    of requests that count as a "change"."""

    def __init__(self, store: Store, known: Known, *, changes: frozenset[str]) -> None:
        self._store, self._known, self._changes = store, known, changes
        self._on: dict[str, dict[str, Any]] = store.remember("faults", {})

    def on(self) -> dict[str, dict[str, Any]]:
        return self._on

    def switch_on(self, wanted: Any) -> None:
        """`{"slow": {"seconds": 2, "times": 3}, "drop": {}}`; in addition to those already on. `ApiError` for an
        unknown fault."""
        if not isinstance(wanted, dict):
            raise ApiError("Faults are an object: name to options.")
        checked = {name: self._checked(name, options) for name, options in wanted.items()}
        self._on = {name: options for name, options in {**self._on, **checked}.items() if options["times"] > 0}
        self._store.memorise("faults", self._on)

    def switch_off(self) -> None:
        self._on = {}
        self._store.memorise("faults", self._on)

    def take(self, name: str, *, doing: str = "") -> dict[str, Any] | None:
        """The options of this fault if it strikes now, which uses it up once; else None."""
        fault = self._on.get(name)
        if fault is None or not self._strikes(fault.get("on", "any"), doing):
            return None
        left = {**fault, "times": fault["times"] - 1}
        self._on = {key: value for key, value in self._on.items() if key != name}
        if left["times"] > 0:
            self._on[name] = left
        self._store.memorise("faults", self._on)
        return fault

    def _strikes(self, on: str, doing: str) -> bool:
        return on in ("any", doing) or (on == "change" and doing in self._changes)

    def _checked(self, name: str, options: Any) -> dict[str, Any]:
        if name not in self._known:
            raise ApiError(f"There is no fault '{name}'. There are: {', '.join(self._known)}.", param=name)
        known = {**self._known[name], "times": (int, 1)}
        options = {} if options in (True, None) else options
        if not isinstance(options, dict) or set(options) - set(known):
            raise ApiError(f"The options of '{name}' are: {', '.join(known)}.", param=name)
        for option, value in options.items():
            fits = isinstance(value, known[option][0]) and (isinstance(value, bool) == (known[option][0] is bool))
            if not fits or (not isinstance(value, str) and value < 0):
                raise ApiError(f"'{option}' of '{name}' does not fit.", param=f"{name}[{option}]")
        return {option: options.get(option, default) for option, (_type, default) in known.items()}
