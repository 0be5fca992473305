"""The visitor's pages: today's visits, and one visit as one step a screen."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.field import screens, selectors
from backoffice.field.access import VisitorRequest, for_visitors
from backoffice.field.screens import Screen
from backoffice.field.submitting import submit
from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.visits import calling_off
from backoffice.visits.today import Planned

LOOKS_EVERY = 2
"""Seconds between two looks at whether the next step is there."""
_OURS = frozenset({"csrfmiddlewaretoken", "key", "item", "place"})
"""Fields of the page that are no part of the answer."""


@require_safe
@for_visitors
def today(request: VisitorRequest) -> HttpResponse:
    """The visitor's visits of today, in order."""
    now = timezone.now()
    visits = [(planned, screens.window_of(planned.visit)) for planned in selectors.todays(request.user, now=now)]
    next_one = next((planned for planned, _window in visits if planned.visit.is_ahead and not planned.paused), None)
    return render(request, "field/today.html", {"visits": visits, "next_one": next_one, "now": now})


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def visit(request: VisitorRequest, reference: str) -> HttpResponse:
    """One visit: the step that is due, or what to do while there is none. What is sent leads back here."""
    planned = selectors.my_visit(request.user, reference)
    if request.method == "POST":
        return _send(request, planned)
    return _show(request, _screen(request, planned))


@require_safe
@for_visitors
def status(request: VisitorRequest, reference: str) -> HttpResponse:
    """204 while the page is right; otherwise what became of the last step, or the word to load the page anew."""
    screen = _screen(request, selectors.my_visit(request.user, reference))
    if request.GET.get("seen") != screen.version:
        return HttpResponseClientRefresh()
    if request.GET.get("sent") == screen.sent.version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "field/_sent.html", {"screen": screen, "looks_every": LOOKS_EVERY})


@require_POST
@for_visitors
def unsafe(request: VisitorRequest, reference: str) -> HttpResponse:
    """ "I do not feel safe": the visit ends at once, and a supervisor calls."""
    planned = selectors.my_visit(request.user, reference)
    try:
        calling_off.feels_unsafe(case_id=planned.visit.case_id, by=request.actor, user=request.user)
    except Conflict as refused:
        return _show(request, _screen(request, planned), refused)
    return redirect("field:visit", planned.visit.case.reference)


def _send(request: VisitorRequest, planned: Planned) -> HttpResponse:
    data = {name: str(value) for name, value in request.POST.items() if name not in _OURS}
    if request.POST.get("place") == "none":
        data = {name: value for name, value in data.items() if name not in ("latitude", "longitude")}
    try:
        item_id, key = _ids(request)
        submit(visit=planned.visit, item_id=item_id, key=key, by=request.actor, user=request.user, data=data)
    except NotFound:
        raise
    except Refused as refused:
        return _refuse(request, data, refused)
    return redirect("field:visit", planned.visit.case.reference)


def _ids(request: VisitorRequest) -> tuple[uuid.UUID, uuid.UUID]:
    try:
        return uuid.UUID(request.POST.get("item", "")), uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid({"": [_("This page was not complete. Nothing was sent. Send it again.")]}) from None


def _refuse(request: VisitorRequest, data: dict[str, str], refused: Refused) -> HttpResponse:
    """The screen of now, with what was typed if it is still the same step, and what is wrong."""
    assert request.resolver_match is not None
    planned = selectors.my_visit(request.user, request.resolver_match.kwargs["reference"])
    same_step = planned.item is not None and str(planned.item.id) == request.POST.get("item")
    faulty = same_step and refused.status == HTTPStatus.BAD_REQUEST
    screen = _screen(request, planned, data=data if faulty else None)
    on_form = faulty and screen.form is not None and screen.form.is_bound
    if on_form and screen.form is not None and not isinstance(refused, Invalid):
        field = refused.field if refused.field in screen.form.fields else None
        screen.form.add_error(field, refused.sentence)
    shown = screen.form.errors if on_form and screen.form is not None else None
    return _show(request, screen, refused, beside_form=bool(shown))


def _screen(request: VisitorRequest, planned: Planned, *, data: dict[str, str] | None = None) -> Screen:
    found = (data or {}).get("outcome", "") or request.GET.get("found", "")
    return screens.screen(planned, user=request.user, by=request.actor, now=timezone.now(), data=data, found=found)


def _show(
    request: VisitorRequest, screen: Screen, refused: Refused | None = None, *, beside_form: bool = False
) -> HttpResponse:
    context = {
        "screen": screen,
        "visit": screen.visit,
        "case": screen.visit.case,
        "form": screen.form,
        "found": (screen.form.data.get("outcome") if screen.form and screen.form.is_bound else None)
        or request.GET.get("found", ""),
        "refused": None if beside_form else refused,
        "key": uuid.uuid4(),
        "looks_every": LOOKS_EVERY,
        "steps": screens.STEPS,
    }
    return render(request, f"field/{screen.name}.html", context, status=refused.status if refused else 200)
