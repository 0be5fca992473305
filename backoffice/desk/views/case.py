"""A case: where it stands, whose turn, what was proven, and what I may do."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backoffice.cases.models import Case
from backoffice.desk import access, acting, case_page, history, standing
from backoffice.desk.clerk import clerk
from backoffice.desk.pages import page
from backoffice.staff import step_up

STOP_POLLING = 286
"""The status that htmx takes for the end of a polling."""


def show(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of a case; without a need, the question why."""
    case, me, now = case_page.case_of(reference), clerk(request), timezone.now()
    if not access.may_read_case(case, me=me, page="desk:case", now=now):
        return access.ask_why(request, case.customer)
    family = case_page.family_of(case)
    context = {
        **_standing(case),
        **_timeline(request, case),
        "todos": case_page.todos(case, family, me=me, now=now),
        "answered": case_page.answers(family, me=me),
        "proofs": case_page.proofs(family),
        "points": case_page.point_lines(case.customer, now=now),
        "risk": case_page.risk_of(case),
        "contacts": case_page.contact_lines(Q(case_id__in=family)),
        "related": case_page.related(case),
        "actions": acting.actions(case, by=me.actor),
        "confirmed": step_up.recently_confirmed(request),
    }
    return page(request, "desk/case.html", f"{case.reference} {context['headline']}", context)


def timeline(request: HttpRequest, reference: str) -> HttpResponse:
    """The live part: what stands in the head and the timeline. 204 while nothing new happened; a reader whose time is
    over is asked no more."""
    case, me = case_page.case_of(reference), clerk(request)
    if request.GET.get("after") == str(case.events):
        return HttpResponse(status=204)
    if not access.may_read_case(case, me=me, page="desk:case", now=timezone.now()):
        return HttpResponse(status=STOP_POLLING)
    context = {**_standing(case), **_timeline(request, case), "live": True}
    return render(request, "desk/case_live.html", context)


def _standing(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "headline": case_page.headline(case),
        "steps": standing.steps(case),
        "standing_words": case_page.standing_words(case),
    }


def _timeline(request: HttpRequest, case: Case) -> dict[str, Any]:
    asked = request.GET.get("show", "")
    show = asked if asked in history.FILTERS else "all"
    before = request.GET.get("before", "")
    events, older = history.of_case(case, show=show, before=int(before) if before.isdecimal() else 0)
    here = reverse("admin:desk_case", args=[case.reference])
    return {
        "events": events,
        "filters": [(name, label, name == show) for name, label in history.FILTERS.items()],
        "show": show,
        "older": f"{here}?show={show}&before={older}#timeline" if older else "",
        "newest": f"{here}?show={show}#timeline" if before else "",
        "polled": reverse("admin:desk_timeline", args=[case.reference], query={"show": show, "after": case.events}),
    }
