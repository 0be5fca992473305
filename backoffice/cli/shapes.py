"""What the command line says about a case: as plain data for `--json`, and as lines for people. No personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backoffice.cases import incidents
from backoffice.cases.catalogue import spec, stage
from backoffice.cases.models import Case, Event, Incident, ItemState, WorkItem
from backoffice.cases.timeline_view import sentence_for_staff
from backoffice.cases.turns import whose_turn
from backoffice.cases.words import of_incident, title_of


def in_short(case: Case) -> dict[str, Any]:
    """What everybody who works with cases may see of each."""
    return {
        "reference": case.reference,
        "process": case.process,
        "state": case.state,
        "opened_at": _moment(case.opened_at),
        "closed_at": _moment(case.closed_at),
    }


def in_full(case: Case) -> dict[str, Any]:
    """The case with its stages, its open work items, its related cases and its timeline. No personal data."""
    items = WorkItem.objects.filter(case=case, state=ItemState.OPEN).order_by("due_at", "id")
    here = stage(case.process, case.stage)
    return {
        **in_short(case),
        "id": str(case.id),
        "subject": case.subject,
        "stage": case.stage,
        "outcome": case.outcome,
        "outcome_reason": case.outcome_reason,
        "waiting_on": whose_turn(case).value,
        "waiting_until": _moment(case.waiting_until),
        "needs_attention": case.open_incidents > 0,
        "waits_for": case.waits_for,
        "parent": case.parent.reference if case.parent else None,
        "children": list(Case.objects.filter(parent=case).order_by("opened_at").values_list("reference", flat=True)),
        "stages": [
            {"value": one.value, "name": _(one.staff), "current": one is here} for one in spec(case.process).stages
        ],
        "items": [
            {
                "id": str(item.id),
                "kind": item.kind,
                "title": title_of(item),
                "performer": item.role or item.performer,
                "due_at": _moment(item.due_at),
            }
            for item in items
        ],
        "incidents": [_incident(one, case) for one in incidents.open_ones(case)],
        "timeline": [_line(event, case) for event in Event.objects.filter(case=case).order_by("number")],
    }


def _incident(incident: Incident, case: Case) -> dict[str, Any]:
    return {
        "kind": incident.kind,
        "key": incident.key,
        "what": incident.what,
        "sentence": of_incident(case.process, incident.told),
        "opened_at": _moment(incident.opened_at),
    }


def _line(event: Event, case: Case) -> dict[str, Any]:
    return {
        "number": event.number,
        "at": _moment(event.at),
        "kind": event.kind,
        "sentence": sentence_for_staff(event, case.process),
        "by": event.actor_kind,
        "channel": event.channel,
        "proof": event.proof,
        "reason": event.reason,
        "data": event.data,
        "hash": event.hash,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def as_lines(told: Any) -> Iterator[str]:
    """The lines of one case, or of a list of them."""
    cases = told if isinstance(told, list) else [told]
    yield from (_heading(case) for case in cases) if cases else ["There is no such case."]
    if isinstance(told, list):
        return
    for incident in told.get("incidents", []):
        yield f"Incident since {incident['opened_at']}: {incident['sentence']}"
    if "stages" in told:
        yield "Stages: " + " → ".join(f"[{one['name']}]" if one["current"] else one["name"] for one in told["stages"])
    for item in told.get("items", []):
        yield f"Open: {item['title']} ({item['performer']}), due {item['due_at'] or 'never'}"
    for event in told.get("timeline", []):
        yield f"{event['at']}  {event['number']:>3}  {event['sentence']}"


def _heading(case: Mapping[str, Any]) -> str:
    if "subject" not in case:
        return f"{case['reference']}  {case['process']}  {case['state']}  opened {case['opened_at']}"
    return (
        f"{case['reference']}  {case['process']}  {case['subject']}  {case['state']}"
        f"{': ' + case['outcome'] if case['outcome'] else ''}  waiting on {case['waiting_on']}"
        f"{' until ' + case['waiting_until'] if case['waiting_until'] else ''}"
    )
