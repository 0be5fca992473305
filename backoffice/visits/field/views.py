"""One visit as its visitor sees it: one step per screen."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.ui.field import LOOKS_EVERY, FieldRequest, answer_sent, for_field_agents, ids_sent
from backoffice.ui.submitting import submit
from backoffice.visits import calling_off
from backoffice.visits.field import screens
from backoffice.visits.field.screens import Screen
from backoffice.visits.today import Planned, visit_by_reference

VISIT = "field:home_visit:visit"


@require_http_methods(["GET", "HEAD", "POST"])
@for_field_agents
def visit(request: FieldRequest, reference: str) -> HttpResponse:
    """One visit: the step that is due, or what to do when there is none. A step that was sent leads back here."""
    planned = visit_by_reference(request.user, reference)
    if request.method == "POST":
        return _send(request, planned)
    return _show(request, _screen(request, planned))


@require_safe
@for_field_agents
def status(request: FieldRequest, reference: str) -> HttpResponse:
    """204 while the page is right. Otherwise what became of the last step, or the order to reload the page."""
    screen = _screen(request, visit_by_reference(request.user, reference))
    if request.GET.get("seen") != screen.version:
        return HttpResponseClientRefresh()
    if request.GET.get("sent") == screen.sent.version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "field/_sent.html", _sent(screen))


@require_POST
@for_field_agents
def unsafe(request: FieldRequest, reference: str) -> HttpResponse:
    """ "I do not feel safe": the visit ends at once, and a supervisor calls."""
    planned = visit_by_reference(request.user, reference)
    try:
        calling_off.feels_unsafe(case_id=planned.visit.case_id, by=request.actor, user=request.user)
    except Conflict as refused:
        return _show(request, _screen(request, planned), refused)
    return redirect(VISIT, planned.visit.case.reference)


def _send(request: FieldRequest, planned: Planned) -> HttpResponse:
    place = ["latitude", "longitude"] if request.POST.get("place") == "none" else []
    data = answer_sent(request, without=["place", *place])
    try:
        item_id, key = ids_sent(request)
        submit(case=planned.visit.case, item_id=item_id, key=key, by=request.actor, user=request.user, data=data)
    except NotFound:
        raise
    except Refused as refused:
        return _refuse(request, data, refused)
    return redirect(VISIT, planned.visit.case.reference)


def _refuse(request: FieldRequest, data: dict[str, str], refused: Refused) -> HttpResponse:
    """The current screen with what is wrong, and with what was typed if it is still the same step."""
    assert request.resolver_match is not None
    planned = visit_by_reference(request.user, request.resolver_match.kwargs["reference"])
    same_step = planned.item is not None and str(planned.item.id) == request.POST.get("item")
    faulty = same_step and refused.status == HTTPStatus.BAD_REQUEST
    screen = _screen(request, planned, data=data if faulty else None)
    on_form = faulty and screen.form is not None and screen.form.is_bound
    if on_form and screen.form is not None and not isinstance(refused, Invalid):
        field = refused.field if refused.field in screen.form.fields else None
        screen.form.add_error(field, refused.sentence)
    shown = screen.form.errors if on_form and screen.form is not None else None
    return _show(request, screen, refused, beside_form=bool(shown))


def _screen(request: FieldRequest, planned: Planned, *, data: dict[str, str] | None = None) -> Screen:
    found = (data or {}).get("outcome", "") or request.GET.get("found", "")
    return screens.screen(planned, user=request.user, by=request.actor, now=timezone.now(), data=data, found=found)


def _show(
    request: FieldRequest, screen: Screen, refused: Refused | None = None, *, beside_form: bool = False
) -> HttpResponse:
    if refused and screen.half_b:  # The answer to a form is stored until it is fetched; a half of the code never is.
        messages.warning(request, refused.sentence)
        return redirect(VISIT, screen.visit.case.reference)
    context = {
        **_sent(screen),
        "screen": screen,
        "visit": screen.visit,
        "case": screen.visit.case,
        "item": screen.item,
        "form": screen.form,
        "found": (screen.form.data.get("outcome") if screen.form and screen.form.is_bound else None)
        or request.GET.get("found", ""),
        "refused": None if beside_form else refused,
        "key": uuid.uuid4(),
        "steps": screens.STEPS,
    }
    return render(request, f"home_visit/field/{screen.name}.html", context, status=refused.status if refused else 200)


def _sent(screen: Screen) -> dict[str, object]:
    """What became of the last step, and where to look again while the visit goes on."""
    case = screen.visit.case
    address = reverse("field:home_visit:status", args=[case.reference])
    seen = urlencode({"seen": screen.version, "sent": screen.sent.version})
    return {
        "sent": screen.sent,
        "zone": case.customer.time_zone,
        "look_at": f"{address}?{seen}" if screen.visit.is_ahead or screen.sent.waits else "",
        "looks_every": LOOKS_EVERY,
    }
