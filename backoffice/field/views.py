"""The field agent's pages: the work of today, and each work item as one screen."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.cases import answering, catalogue, evidence
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import ItemState, WorkItem
from backoffice.field import selectors
from backoffice.refusals import Conflict, NotFound, Refused
from backoffice.ui.field import LOOKS_EVERY, FieldRequest, answer_sent, for_field_agents, ids_sent, last_sent
from backoffice.ui.forms import form_of, with_faults
from backoffice.ui.submitting import submit


@require_safe
@for_field_agents
def today(request: FieldRequest) -> HttpResponse:
    """The work of today, in order, with a button to the next item."""
    found = selectors.today(request.user, now=timezone.now())
    appointment = found.next_appointment
    next_url = appointment.address if appointment else ""
    if not next_url and found.items:
        next_url = reverse("field:item", args=[found.items[0].id])
    context = {
        "appointments": found.appointments,
        "items": [(one, _title(one), _process(one)) for one in found.items],
        "next_url": next_url,
        "going_on": appointment is not None and appointment.going_on,
    }
    return render(request, "field/today.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_field_agents
def item(request: FieldRequest, item_id: uuid.UUID) -> HttpResponse:
    """One work item: its form, or what became of it. Sending it leads back here, and from here to the next one."""
    work = selectors.item(request.user, item_id)
    if request.method == "POST":
        return _send(request, work)
    next_one = selectors.next_item(request.user, work) if work.state == ItemState.ANSWERED else None
    return redirect("field:item", next_one.id) if next_one else _show(request, work)


@require_safe
@for_field_agents
def status(request: FieldRequest, item_id: uuid.UUID) -> HttpResponse:
    """204 while the page is right. Otherwise what became of the item, or the order to reload the page."""
    work = selectors.item(request.user, item_id)
    context = _sent(request, work)
    if request.GET.get("seen") != _version(request, work):
        return HttpResponseClientRefresh()
    if request.GET.get("sent") == context["sent"].version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "field/_sent.html", context)


def _send(request: FieldRequest, work: WorkItem) -> HttpResponse:
    data = answer_sent(request)
    try:
        item_id, key = ids_sent(request)
        submit(case=work.case, item_id=item_id, key=key, by=request.actor, user=request.user, data=data)
    except NotFound:
        raise
    except Refused as refused:
        work = selectors.item(request.user, work.id)
        if refused.status != HTTPStatus.BAD_REQUEST or str(work.id) != request.POST.get("item"):
            return _show(request, work, refused=refused)
        form = with_faults(form_of(work, by=request.actor, data=data), refused)
        return _show(request, work, form=form)
    return redirect("field:item", work.id)


def _show(
    request: FieldRequest, work: WorkItem, *, form: ItemForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    why_not = _why_not(work)
    if not why_not and form is None:
        form = form_of(work, by=request.actor)
    status = 400 if form and form.errors else refused.status if refused else 200
    context = {
        **_sent(request, work),
        "title": _title(work),
        "process": _process(work),
        "evidence": [] if why_not else evidence.of_item(work),
        "form": None if why_not else form,
        "why_not": why_not,
        "answered": work.state == ItemState.ANSWERED,
        "refused": refused,
        "key": uuid.uuid4(),
    }
    return render(request, "field/item.html", context, status=status)


def _why_not(work: WorkItem) -> str:
    try:
        answering.check_open(work.case, work)
    except Conflict as refused:
        return refused.sentence
    return ""


def _sent(request: FieldRequest, work: WorkItem) -> dict[str, Any]:
    sent = last_sent(work.case, user=request.user)
    seen = urlencode({"seen": _version(request, work), "sent": sent.version})
    return {
        "item": work,
        "case": work.case,
        "sent": sent,
        "zone": timezone.get_current_timezone_name(),
        "look_at": f"{reverse('field:status', args=[work.id])}?{seen}",
        "looks_every": LOOKS_EVERY,
    }


def _version(request: FieldRequest, work: WorkItem) -> str:
    """Changes whenever the page is no longer the right one, and stays the same while somebody may be typing."""
    next_one = selectors.next_item(request.user, work) if work.state == ItemState.ANSWERED else None
    return f"{work.state}-{work.case.state}-{next_one.step if next_one else ''}"


def _title(work: WorkItem) -> str:
    return _(catalogue.answering(work).spec.title)


def _process(work: WorkItem) -> str:
    return _(catalogue.spec(work.case.process).title)
