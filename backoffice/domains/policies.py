"""What the registries demand, as data: `policies.toml`, read once and checked when the product starts.

A policy holds for all names with one of its ends. A new end is a row in that file; nothing here knows any by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from backoffice.refusals import Conflict

FILE = Path(__file__).parent / "policies.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure stands. `address` is empty for our own design."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its source. `read` is the day on which it was last compared with the source."""

    value: timedelta | bool
    source: Source
    read: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules for names with one of `ends` (A-labels, without a dot in front). All times are durations."""

    name: str
    title: str
    registry: str
    """The code of the registry, as `ports.registry` takes it."""
    ends: tuple[str, ...]
    transfer_after_registration: timedelta
    """How long after its registration a domain cannot go to another registrar."""
    transfer_after_transfer: timedelta
    """The same, after it last came from another registrar."""
    transfer_before_expiry: timedelta
    """How long before its period ends it no longer can."""
    authinfo_within: timedelta
    """The longest time from a holder's request to the transfer code; nothing means forthwith."""
    authinfo_unconditional: bool
    """Whether the code may depend on nothing but who asks: no debt, no lock of ours."""
    authinfo_valid: timedelta
    """When a code that was not used is taken away."""
    stop_before_authinfo: timedelta
    """How long the old addresses can stop a transfer before its code is shown. Within `authinfo_within`, if that is not
    nothing."""
    pending: timedelta
    """How long a transfer that another registrar asked for waits for our answer; nothing where it happens at once."""
    we_may_refuse: bool
    """Whether we can refuse a transfer while it waits."""
    both_sides_confirm: bool
    """Whether the old and the new holder both have to confirm a change of holder."""
    confirm_within: timedelta
    """How long each of them has for it."""
    cooling: timedelta
    """How long a change of holder waits after the confirmations, so that every old address can stop it."""
    executed_within: timedelta
    """The longest time from the end of that to the change at the registry."""
    post_lock: timedelta
    """How long the domain cannot go to another registrar after a change of holder; nothing for no lock."""
    post_lock_opt_out: bool
    """Whether the holder could decline that lock beforehand."""
    figures: Mapping[str, Figure]
    """All of these by their names, with their sources."""


FIGURES: Mapping[str, str] = {
    name: str(kind) for name, kind in Policy.__annotations__.items() if kind in ("timedelta", "bool")
}


@dataclass(frozen=True, slots=True)
class Policies:
    rows: Mapping[str, Policy]
    high_value_cooling: Figure


class PolicyError(Exception):
    """The file cannot be used. `problems` says all that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@cache
def policies() -> Policies:
    """The policies of our file. Raises `PolicyError`."""
    return read(FILE.read_text(encoding="utf-8"))


def policy_of(name: str) -> Policy:
    """The policy for a name in A-labels. Raises `Conflict` on `domain` for an end that we do not look after."""
    labels = name.split(".")
    by_end = {end: row for row in policies().rows.values() for end in row.ends}
    for first in range(1, len(labels)):
        found = by_end.get(".".join(labels[first:]))
        if found is not None:
            return found
    raise Conflict(
        "unknown_end", _("We do not look after names that end in .%(end)s.") % {"end": labels[-1]}, field="domain"
    )


def registry_of(name: str) -> str:
    """The code of the name's registry; empty for an end that we do not look after."""
    try:
        return policy_of(name).registry
    except Conflict:
        return ""


# --- reading the file -------------------------------------------------------------------------------------------------


def read(text: str) -> Policies:
    """Raises `PolicyError` with everything that is missing, unknown, of a wrong type or against another figure."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"it is no TOML: {error}"]) from error
    sources = {name: Source(one["title"], one.get("address", "")) for name, one in told.get("sources", {}).items()}
    problems: list[str] = []
    rows = {name: _row(name, one, sources, problems) for name, one in told.get("rows", {}).items()}
    high = _figure("high_value.cooling", told.get("high_value", {}).get("cooling"), "timedelta", sources, problems)
    if not problems:
        problems += _contradictions({name: row for name, row in rows.items() if row})
    if problems or high is None:
        raise PolicyError(problems)
    return Policies({name: row for name, row in rows.items() if row}, high)


def _row(name: str, told: Mapping[str, Any], sources: Mapping[str, Source], problems: list[str]) -> Policy | None:
    known = {"title", "registry", "ends", *FIGURES}
    problems += [f"{name}.{one} is not known" for one in sorted(set(told) - known)]
    problems += [f"{name}.{one} is missing" for one in sorted(known - set(told))]
    figures = {
        one: _figure(f"{name}.{one}", told[one], kind, sources, problems)
        for one, kind in FIGURES.items()
        if one in told
    }
    if problems or not known <= set(told):
        return None
    found = {one: figure for one, figure in figures.items() if figure}
    values: dict[str, Any] = {one: figure.value for one, figure in found.items()}
    ends = tuple(told["ends"])
    return Policy(name=name, title=told["title"], registry=told["registry"], ends=ends, figures=found, **values)


def _figure(where: str, told: Any, kind: str, sources: Mapping[str, Source], problems: list[str]) -> Figure | None:
    if not isinstance(told, dict) or set(told) != {"value", "source", "read"}:
        problems.append(f"{where} needs value, source and read")
        return None
    value = told["value"] if kind == "bool" else _duration(told["value"])
    if not isinstance(value, bool if kind == "bool" else timedelta):
        problems.append(f"{where} is no {'true or false' if kind == 'bool' else 'duration like P5D'}")
    if told["source"] not in sources:
        problems.append(f"{where} names the source “{told['source']}”, which is not in the file")
    if type(told["read"]) is not date:
        problems.append(f"{where} does not say on which day it was read")
    if told["source"] not in sources or value is None:
        return None
    return Figure(value, sources[told["source"]], told["read"])


def _duration(text: Any) -> timedelta | None:
    found = parse_duration(text) if isinstance(text, str) and text.startswith("P") else None
    return found if found is not None and found >= timedelta() else None


def _contradictions(rows: Mapping[str, Policy]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for row in rows.values():
        if not row.ends:
            yield f"{row.name} has no ends"
        for end in row.ends:
            if end != end.lower() or not end.isascii() or end.startswith("."):
                yield f"{row.name} has the end “{end}”, which is no A-label in small letters"
            if seen.setdefault(end, row.name) != row.name:
                yield f"{row.name} and {seen[end]} both have the end “{end}”"
        if timedelta() < row.authinfo_within < row.stop_before_authinfo:
            yield f"{row.name} shows the code later than its registry allows"
        if row.authinfo_valid <= timedelta() or row.confirm_within <= timedelta() or row.executed_within <= timedelta():
            yield f"{row.name} gives no time to use a code, to confirm or to act"
        if row.we_may_refuse and not row.pending:
            yield f"{row.name} lets us refuse a transfer that never waits"
        if row.post_lock_opt_out and not row.post_lock:
            yield f"{row.name} lets holders decline a lock that it does not have"
