"""Incidents: what a person must look at before a case can be trusted to go on, and outside systems that do not answer.
Each is a row. Several may be open at once, but only one with the same kind and key. When something works again, its own
incident is resolved and no other. When a person must act while the case goes on, there is a work item for a supervisor
too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.actors import Actor, ActorKind
from backoffice.actors import system as system_actor
from backoffice.cases import keeping_from, outbox, permissions, timeline
from backoffice.cases.forms import TRIED
from backoffice.cases.models import (
    Case,
    CaseState,
    Command,
    CommandKind,
    CommandState,
    Incident,
    IncidentKind,
    ItemState,
    Resolution,
    WorkItem,
)
from backoffice.cases.unit_of_work import changing, outside_any
from backoffice.refusals import Conflict, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User
from workflows.base.spec import LOOK_INTO_INCIDENT

MAY_RETRY = rights.RETRY.roles
FOR_A_PERSON = frozenset(
    {IncidentKind.STEP_FAILS, IncidentKind.CALL_FAILS, IncidentKind.DEAD_LETTER, IncidentKind.ENGINE_LOST}
    | {IncidentKind.ENDED_EARLY, IncidentKind.PROCESS_FAILS}
)
"""These kinds open a work item for a supervisor. An alarm has a work item of its process instead. `ENDED_FAILED` and
`RUNS_ON` need no answer."""
NOTHING_TO_TRY = gettext_lazy("Trying again does not help here. The page of the case says what is to be done.")


def open_ones(case: Case) -> QuerySet[Incident]:
    return Incident.objects.filter(case=case, resolved_at=None).order_by("opened_at", "id")


def cases_with(kind: IncidentKind) -> QuerySet[Incident, uuid.UUID]:
    """The ids of the cases with an open incident of this kind."""
    return Incident.objects.filter(kind=kind, resolved_at=None).values_list("case_id", flat=True)


def open_of(cases: Sequence[Case]) -> dict[uuid.UUID, list[Incident]]:
    """The open incidents of several cases, in one query, the oldest first."""
    found: dict[uuid.UUID, list[Incident]] = {case.id: [] for case in cases}
    for incident in Incident.objects.filter(case__in=cases, resolved_at=None).order_by("opened_at", "id"):
        found[incident.case_id].append(incident)
    return found


def open(
    case: Case,
    kind: IncidentKind,
    *,
    by: Actor,
    key: str = "",
    values: Mapping[str, str] | None = None,
    at: datetime | None = None,
    ask: bool = False,
) -> None:
    """Opens an incident of a case that is being changed (`unit_of_work.py`). While one with the same kind and `key` is
    open, nothing new is opened. `key` says which step, call, system or alarm; `values` hold codes, never personal data.
    With `ask`, a supervisor gets a work item also for a kind for which the process usually opens one."""
    at = at or timezone.now()
    if _has_any(case) and open_ones(case).filter(kind=kind, key=key).exists():
        return
    what = {name: value[:200] for name, value in (values or {}).items() if value}
    incident = Incident.objects.create(case=case, kind=kind, key=key, what=what, opened_at=at)
    if kind == IncidentKind.OUTSIDE_AWAY:
        case.waits_for = key
    else:
        case.open_incidents += 1
    timeline.note(case, "case.attention", by=by, data=incident.told, at=at)
    if (ask or kind in FOR_A_PERSON) and case.state != CaseState.CLOSED:
        _ask_supervisor(case, incident, by=by)


def resolve(
    case: Case,
    kind: IncidentKind,
    *,
    by: Actor,
    key: str | None = None,
    how: Resolution = Resolution.WORKS,
    at: datetime | None = None,
    reason: str = "",
    called: Mapping[str, str] | None = None,
) -> None:
    """Resolves the open incidents of this kind, with this `key` or all of them, in a case that is being changed.
    `called` says who was called (`called_in`), `reason` what came of it. Runs no statement when the case has none."""
    if not _has_any(case):
        return
    found, at = open_ones(case).filter(kind=kind), at or timezone.now()
    found = found if key is None else found.filter(key=key)
    _resolve(case, found, by=by, how=how, at=at, reason=reason, called=called)


def called_in(cleaned: Mapping[str, object]) -> dict[str, str]:
    """Who was called, from the fields `called_…` of a form: `{"customer": "reached"}`."""
    said = {name.removeprefix("called_"): str(value) for name, value in cleaned.items() if name.startswith("called_")}
    return {person: reached for person, reached in said.items() if reached}


def outside_away(case: Case, *, system: str, code: str = "", at: datetime | None = None) -> None:
    """Notes, in a case that is being changed, that it waits for an outside system. `system` and `code` are codes."""
    if case.waits_for != system:
        open(case, IncidentKind.OUTSIDE_AWAY, by=system_actor(), key=system, values={"code": code}, at=at)


def outside_back(*, system: str, most: int = 50) -> int:
    """An outside system answers again. The cases that wait for it get the signal `system_back`, and their incidents are
    resolved: at most `most` cases at a time, the longest waiting first. Returns how many. Must not run within a unit of
    work, because it locks one family after the other."""
    outside_any()
    away = Incident.objects.filter(kind=IncidentKind.OUTSIDE_AWAY, key=system, resolved_at=None)
    told = 0
    for case_id in list(away.order_by("opened_at", "id").values_list("case_id", flat=True)[:most]):
        with changing(case_id) as case:
            found = list(open_ones(case).filter(kind=IncidentKind.OUTSIDE_AWAY, key=system))
            if found:
                _signal_back(case, system)
                _resolve(case, found, by=system_actor(), how=Resolution.WORKS, at=timezone.now())
                told += 1
    return told


def why_not_retry(case: Case, *, by: Actor) -> str:
    """The sentence that says why this actor cannot try again now; empty when they can."""
    if not _has_any(case):
        return _("Nothing of this case needs attention now.")
    if refusal := rights.RETRY.why_not(by) or keeping_from.why_not(case, by=by):
        return refusal
    if not open_ones(case).filter(kind__in=TRIED).exists():
        return str(NOTHING_TO_TRY)
    return ""


@rights.needs(rights.RETRY)
def retry(*, case_id: uuid.UUID, by: Actor) -> Case:
    """Sends the dead letters of a case again, in their order, and makes at once the calls that the process waits to
    repeat. If the cause is still there, the incident comes back. Other incidents stay open. Raises `Conflict` when
    there is nothing to try, `Forbidden` for a role that may not.
    """
    with changing(case_id) as case:
        refusal = why_not_retry(case, by=by)
        if refusal:
            raise Conflict("no_need", refusal)
        _try(case, by=by)
    return case


@rights.needs(rights.LOOK_INTO)
def look_into(*, incident_id: int, by: Actor, user: User) -> Incident:
    """Notes which member of staff looks into an incident; the first one stays. Raises `NotFound`, also for who is kept
    from the case, `Forbidden`, and `Conflict` when it is resolved already."""
    permissions.check_same_person(by, user)
    with changing(_case_of(incident_id)) as case:
        _check_sees(case, by)
        incident = _open_one(incident_id)
        if incident.looked_into_at is None:
            incident.looked_into_by, incident.looked_into_at = user, timezone.now()
            incident.save(update_fields=["looked_into_by", "looked_into_at"])
        return incident


@rights.needs(rights.LOOK_INTO)
def resolve_by_hand(*, incident_id: int, by: Actor, reason: str, called: Mapping[str, str] | None = None) -> Case:
    """Resolves an incident, because a person has done what was needed. Raises what `look_into` raises. An incident of
    an outside system is resolved only when the system answers."""
    with changing(_case_of(incident_id)) as case:
        _check_sees(case, by)
        incident = _open_one(incident_id)
        if incident.kind == IncidentKind.OUTSIDE_AWAY:
            raise Conflict("still_away", _("This ends when the system answers again."))
        how = Resolution.LOOKED_INTO
        _resolve(case, [incident], by=by, how=how, at=timezone.now(), reason=reason, called=called)
        return case


def answered(
    case: Case, step: str, *, outcome: str, by: Actor, reason: str, called: Mapping[str, str] | None = None
) -> None:
    """Takes a supervisor's answer to the work item of an incident: try again, or it is done. An incident that was
    resolved meanwhile stays resolved."""
    incident = open_ones(case).filter(id=int(step.rpartition("-")[2])).first()
    if incident is None:
        return
    if outcome == "try_again":
        _try(case, by=by)
    else:
        how = Resolution.LOOKED_INTO
        _resolve(case, [incident], by=by, how=how, at=timezone.now(), reason=reason, called=called)


def _try(case: Case, *, by: Actor) -> None:
    for incident in open_ones(case).filter(kind=IncidentKind.OUTSIDE_AWAY):
        _signal_back(case, incident.key)
    dead = Command.objects.filter(case=case, state=CommandState.DEAD)
    if dead.update(state=CommandState.WAITING, tries=0, error="", leased_until=None, next_try_at=timezone.now()):
        outbox.wake()
    resolve(case, IncidentKind.DEAD_LETTER, by=by, how=Resolution.TRIED_AGAIN)


def _signal_back(case: Case, system: str) -> None:
    outbox.order(case, CommandKind.SIGNAL, signal="system_back", payload={"system": system})


def _resolve(
    case: Case,
    found: Iterable[Incident],
    *,
    by: Actor,
    how: Resolution,
    at: datetime,
    reason: str = "",
    called: Mapping[str, str] | None = None,
) -> None:
    person = User.objects.filter(public_id=by.id).first() if by.kind is ActorKind.STAFF else None
    for incident in found:
        incident.resolved_at, incident.resolved_by, incident.resolution = at, person, how
        incident.called, incident.came_of_it = dict(called or {}) or None, reason[:300]
        incident.save(update_fields=["resolved_at", "resolved_by", "resolution", "called", "came_of_it"])
        if incident.kind == IncidentKind.OUTSIDE_AWAY:
            case.waits_for = _other_system(case)
        else:
            case.open_incidents -= 1
        told = {**incident.told, "how": how.value}
        timeline.note(case, "case.attention_cleared", by=by, data=told, reason=reason, at=at)
        asked = WorkItem.objects.filter(case=case, step=_step(incident), state=ItemState.OPEN)
        asked.update(state=ItemState.WITHDRAWN, draft=None)


def _other_system(case: Case) -> str:
    """Another system that the case waits for at the same time; usually there is none."""
    away = open_ones(case).filter(kind=IncidentKind.OUTSIDE_AWAY).values_list("key", flat=True)
    return away.first() or ""


def _ask_supervisor(case: Case, incident: Incident, *, by: Actor) -> None:
    kind = LOOK_INTO_INCIDENT
    WorkItem.objects.create(
        case=case,
        step=_step(incident),
        kind=kind.name,
        performer=kind.performer.value,
        role=kind.role,
        level=kind.level,
        why=incident.kind,
        opened_at=incident.opened_at,
        due_at=incident.opened_at + kind.due,
    )
    timeline.note(case, "item.opened", by=by, data={"kind": kind.name}, at=incident.opened_at)


def _step(incident: Incident) -> str:
    return f"incident-{incident.pk}"


def _check_sees(case: Case, by: Actor) -> None:
    if keeping_from.why_not(case, by=by):
        raise _unknown()


def _open_one(incident_id: int) -> Incident:
    incident = Incident.objects.get(id=incident_id)
    if incident.resolved_at is not None:
        raise Conflict("resolved", _("This was resolved already. Nothing was changed."))
    return incident


def _case_of(incident_id: int) -> uuid.UUID:
    case_id = Incident.objects.filter(id=incident_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise _unknown()
    return case_id


def _unknown() -> NotFound:
    return NotFound("unknown_incident", _("There is no such incident."))


def _has_any(case: Case) -> bool:
    return bool(case.open_incidents or case.waits_for)
