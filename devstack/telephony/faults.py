"""Faults on purpose, each with how often it still strikes."""

from __future__ import annotations

from typing import Any

FAULTS: dict[str, dict[str, float]] = {
    "slow": {"seconds": 2.0},
    "lost_answer": {"seconds": 60.0},
    "fail": {"status": 503},
    "too_many": {},
    "refuse": {},
    "busy": {},
    "no_answer": {},
    "voicemail": {},
    "failed": {},
    "late": {"seconds": 5.0},
    "twice": {},
    "out_of_order": {},
    "forged": {},
    "drop": {},
}
"""The faults with their options and defaults; every one has also `times` (1). The first five are of a request to make a
call: slow, made without an answer, an error of the server, above the rate, a number that nobody has. The next four are
what becomes of the next call. The last five are of a webhook."""


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self.on: dict[str, dict[str, float]] = {}

    def switch_on(self, wanted: Any) -> None:
        """`{"slow": {"seconds": 2, "times": 3}, "drop": {}}`. Raises `ValueError` for a fault or option that there is
        not."""
        if not isinstance(wanted, dict):
            raise ValueError("Faults are an object: name to options.")
        for name, options in wanted.items():
            if name not in FAULTS:
                raise ValueError(f"There is no fault '{name}'. There are: {', '.join(FAULTS)}.")
            known = {**FAULTS[name], "times": 1}
            if not isinstance(options, dict) or set(options) - set(known):
                raise ValueError(f"The options of '{name}' are: {', '.join(known)}.")
            if any(isinstance(one, bool) or not isinstance(one, int | float) or one < 0 for one in options.values()):
                raise ValueError(f"The options of '{name}' are numbers from 0.")
            self.on[name] = {**known, **options}

    def switch_off(self) -> None:
        self.on = {}

    def take(self, name: str) -> dict[str, float] | None:
        """The options of this fault if it strikes now, which uses it up once; else None."""
        fault = self.on.get(name)
        if fault is None:
            return None
        left = {**fault, "times": fault["times"] - 1}
        self.on = {key: value for key, value in self.on.items() if key != name}
        if left["times"] > 0:
            self.on[name] = left
        return fault if fault["times"] > 0 else None
