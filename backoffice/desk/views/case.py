"""A case: where it stands, whose turn it is, what was proven, and what I may do."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from backoffice.cases import incidents
from backoffice.cases.models import Case
from backoffice.cases.timeline_view import Reader, lines
from backoffice.cases.words import of_incident, of_reason
from backoffice.desk import case_actions, case_page, customer_panels, live, next_item, presence, proofs, todos
from backoffice.desk import timeline as timelines
from backoffice.desk.incident_lines import incident_lines
from backoffice.staff import step_up
from backoffice.ui import headlines, lookup, states, stepper
from backoffice.ui.staff import StaffMember, ask_why, may_read_case, page, signed_in


def show(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of a case; without a need to know, the question why."""
    case, me, now = lookup.case_of(reference), signed_in(request), timezone.now()
    if not may_read_case(case, me=me, page="desk:case", now=now):
        return ask_why(request, case.customer)
    shown = live.of_case(request, case, me)
    family = case_page.family_of(case)
    context = {
        **_standing(case, me, shown),
        **_timeline(request, case),
        "todos": todos.todos(family, me=me, now=now),
        "incident_lines": incident_lines(family, by=me.actor),
        "answered": case_page.answers(family),
        "proofs": proofs.proofs(family),
        "points": customer_panels.point_lines(case.customer, now=now),
        "panels": case_page.panels(case),
        "contacts": customer_panels.contact_lines(Q(case_id__in=family)),
        "related": case_page.related(case, reader=me.actor),
        "actions": case_actions.actions(case, by=me.actor),
        "confirmed": step_up.recently_confirmed(request),
        "answered_now": next_item.ANSWERED in request.GET,
        "next": next_item.offered(me) if next_item.ANSWERED in request.GET else None,
    }
    return page(request, "desk/case.html", f"{case.reference} {context['headline']}", context)


def live_part(request: HttpRequest, reference: str) -> HttpResponse:
    """The live part of the page: its head and the timeline, and that the case has moved on. When the reader's time with
    the record is over, the page asks no more (`live.LiveParts`)."""
    case, me = lookup.case_of(reference), signed_in(request)
    if not live.may_go_on(case, me, page="desk:case"):
        return HttpResponse(status=403)
    before, shown = live.shown_by(request), live.of_case(request, case, me)
    moved = before is None or shown.events > before.events
    context = {**_standing(case, me, shown), **_timeline(request, case), "live": True, "moved": moved}
    return render(request, "desk/case_live.html", context)


def _standing(case: Case, me: StaffMember, shown: live.Shown) -> dict[str, Any]:
    return {
        "case": case,
        "headline": headlines.for_staff(case),
        "ended_why": of_reason(case.process, case.outcome_reason),
        "steps": stepper.for_staff(case),
        "standing": states.for_staff(case),
        "incidents": " ".join(f"{capfirst(of_incident(case.process, one.told))}." for one in incidents.open_ones(case)),
        "shown": shown,
        "also_open_by": presence.names([case.id], besides=me.user).get(case.id, ""),
    }


def _timeline(request: HttpRequest, case: Case) -> dict[str, Any]:
    asked = request.GET.get("show", "")
    show = asked if asked in timelines.FILTERS else "all"
    events = timelines.events_of(case, show=show, after=request.GET.get("before", ""))
    here = reverse("admin:desk_case", args=[case.reference])
    return {
        "events": lines(events.rows, [case], reader=Reader.STAFF),
        "filters": [(name, label, name == show) for name, label in timelines.FILTERS.items()],
        "show": show,
        "older": f"{here}?show={show}&before={events.after}#timeline" if events.after else "",
        "newest": f"{here}?show={show}#timeline" if not events.first else "",
        "polled": reverse("admin:desk_live_case", args=[case.reference], query={"show": show}),
    }
