"""Incidents: what must be looked at by a person before a case can be trusted to go on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases import outbox, timeline
from backoffice.cases.models import Case, Command, CommandState, IncidentKind
from backoffice.cases.unit_of_work import changing, outside_any
from backoffice.refusals import Conflict, Forbidden
from backoffice.staff.models import Role

MAY_RETRY = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def open(
    case: Case,
    kind: IncidentKind,
    *,
    by: Actor,
    key: str = "",
    values: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> None:
    """Opens an incident of a case that is being changed (`unit_of_work.py`). The same kind and `key` open twice is
    one. `key` says which step, call or system; `values` hold codes, never personal data."""
    why = _text(kind, key, values or {})[:200]
    if case.needs_attention == why:
        return
    case.needs_attention = why
    timeline.note(case, "case.attention", by=by, data={"why": why}, at=at)


def resolve(case: Case, kind: IncidentKind, *, by: Actor, key: str | None = None, at: datetime | None = None) -> None:
    """Closes the open incidents of this kind, those with this `key` only or all of them: what had failed works."""
    if case.needs_attention and case.needs_attention.startswith(_text(kind, key or "", {}).rstrip(": ()")):
        timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention}, at=at)
        case.needs_attention = ""


def outside_away(case: Case, *, system: str, code: str = "", at: datetime | None = None) -> None:
    """A case that is being changed waits for an outside system that does not answer."""
    open(case, IncidentKind.OUTSIDE_AWAY, by=_process(), key=system, values={"code": code}, at=at)


def outside_back(*, system: str) -> int:
    """An outside system answers again: each case that waits for it is told so by the signal `system_back`, and its
    incident is resolved. Gives how many. Not within a unit of work, for it locks one family after the other."""
    outside_any()
    return 0


def retry(*, case_id: uuid.UUID, by: Actor) -> Case:
    """Sends the dead letters of a case again, in their order; if the cause is still there, the incident comes back.
    Raises `Conflict` where nothing needs attention, `Forbidden` for a role that may not."""
    if not by.roles & MAY_RETRY:
        raise Forbidden("not_your_role", _("Only a supervisor or an administrator tries this again."))
    with changing(case_id) as case:
        if not case.needs_attention:
            raise Conflict("no_need", _("Nothing of this case needs attention now."))
        Command.objects.filter(case=case, state=CommandState.DEAD).update(
            state=CommandState.WAITING, tries=0, error="", leased_until=None, next_try_at=timezone.now()
        )
        timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention})
        case.needs_attention = ""
        outbox.wake()
    return case


def clear(*, case_id: uuid.UUID, by: Actor) -> None:
    with changing(case_id) as case:
        if case.needs_attention:
            timeline.note(case, "case.attention_cleared", by=by, data={"why": case.needs_attention})
            case.needs_attention = ""


def _process() -> Actor:
    return system()


def _text(kind: IncidentKind, key: str, values: Mapping[str, str]) -> str:
    error = values.get("error", "")
    return {
        IncidentKind.STEP_FAILS: f"step {key} fails: {error}",
        IncidentKind.CALL_FAILS: f"{key} fails: {error}",
        IncidentKind.OUTSIDE_AWAY: f"{key}: {values.get('code', '')}",
        IncidentKind.DEAD_LETTER: f"dead letter: {error}",
        IncidentKind.ENGINE_LOST: "the engine has lost the process",
        IncidentKind.ENDED_EARLY: "the process has ended, the case has not",
        IncidentKind.RUNS_ON: "the case is closed, its process runs on",
        IncidentKind.PROCESS_FAILS: f"the process fails and waits for a mended version ({error})",
        IncidentKind.ENDED_FAILED: values.get("code", ""),
        IncidentKind.ALARM: f"{key}: {values.get('code', '')}",
    }[kind]
