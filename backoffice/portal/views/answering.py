"""Answering what we ask of a customer: one page, or several that are saved one by one, then a receipt that lasts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.actors import Level
from backoffice.cases import answering, catalogue, evidence
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import ItemState, WorkItem
from backoffice.portal import drafts, selectors
from backoffice.portal.views.cases import steps_of, title_of
from backoffice.refusals import Conflict, NeedsProof, NotFound, Refused
from backoffice.trust import assurance
from backoffice.ui import headlines
from backoffice.ui.customers import CustomerRequest, for_customers, refused_page, session_of
from backoffice.ui.forms import form_of, with_faults


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def item(request: CustomerRequest, item_id: uuid.UUID) -> HttpResponse:
    """The page of a work item: its form, the first page of a long one, or the receipt of an answered one."""
    work = selectors.item(customer=request.customer, item_id=item_id)
    if request.method == "POST":
        return send(request, work, request.POST)
    if not_now := _not_now(request, work):
        return not_now
    form = form_of(work, by=request.actor)
    if form.pages:
        gap = drafts.goes_on_at(work, by=request.actor)
        return redirect("portal:page", work.id, gap.number) if gap else redirect("portal:check", work.id)
    return _show(request, work, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def page(request: CustomerRequest, item_id: uuid.UUID, number: int) -> HttpResponse:
    """One page of a long form. What the customer sent is first saved, then checked."""
    work = selectors.item(customer=request.customer, item_id=item_id)
    if not_now := _not_now(request, work):
        return not_now
    pages = drafts.pages_of(form_of(work, by=request.actor, data=drafts.kept(work)))
    here = next((page for page in pages if page.number == number), None)
    if here is None:
        raise NotFound("unknown_page", _("There is no such page."))
    if request.method != "POST":
        form = drafts.on_page(form_of(work, by=request.actor, data=drafts.kept(work) if work.draft else None), here)
        return _show_page(request, work, pages, here, drafts.without_gaps(form))
    draft = drafts.with_page(work, here, request.POST)
    work = answering.save_draft(item_id=work.id, by=request.actor, data=draft)
    if "stop" in request.POST:
        messages.success(request, _("Your answers are saved. You can go on from here whenever you like."))
        return redirect("portal:case", work.case.reference)
    form = drafts.on_page(form_of(work, by=request.actor, data=drafts.kept(work)), here)
    if form.errors:
        return _show_page(request, work, pages, here, form)
    gap = drafts.first_gap(work, by=request.actor)
    if "change" in request.GET or gap is None or gap.number <= number:
        return redirect("portal:check", work.id)
    return redirect("portal:page", work.id, number + 1)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def check(request: CustomerRequest, item_id: uuid.UUID) -> HttpResponse:
    """The page "check your answers", from which they are sent."""
    work = selectors.item(customer=request.customer, item_id=item_id)
    if not_now := _not_now(request, work):
        return not_now
    gap = drafts.first_gap(work, by=request.actor)
    if gap is not None:
        return redirect("portal:page", work.id, gap.number)
    if request.method == "POST":
        return send(request, work, drafts.kept(work))
    form = form_of(work, by=request.actor, data=drafts.kept(work))
    return _show_check(request, work, form)


@require_safe
@for_customers
def done(request: CustomerRequest, item_id: uuid.UUID) -> HttpResponse:
    """The receipt. It stays available, and loading it again sends nothing."""
    work = selectors.item(customer=request.customer, item_id=item_id)
    if work.state != ItemState.ANSWERED:
        return redirect("portal:item", work.id)
    top = work.case.parent or work.case
    family = selectors.family(customer=request.customer, reference=top.reference)
    context = {
        **_about(work),
        "standing": selectors.standing(family),
        "steps": steps_of(family, request.customer),
        "next_turn": family.turns[0] if family.turns else None,
        "answers": evidence.lines_of(work) if is_proven(request, work) else (),
        "has_answers": bool(form_of(work, by=request.actor).fields),
        "is_proven": is_proven(request, work),
        "advice": form_of(work, by=request.actor).advice,
    }
    return render(request, "portal/done.html", context)


def send(request: CustomerRequest, work: WorkItem, data: Mapping[str, Any]) -> HttpResponse:
    """Hands the answer to the rule. Sending it twice leads to the same receipt."""
    try:
        answering.answer(item_id=work.id, by=request.actor, data=data, session=session_of(request))
    except NeedsProof:
        return redirect("portal:confirm", work.id)
    except NotFound:
        raise
    except Refused as refused:
        if refused.status != HTTPStatus.BAD_REQUEST:
            return refused_page(request, refused, reference=work.case.reference)
        form = with_faults(form_of(work, by=request.actor, data=data), refused)
        return _show_check(request, work, form) if form.pages else _show(request, work, form)
    return _receipt(work)


def is_proven(request: CustomerRequest, work: WorkItem) -> bool:
    """Whether this session has proven what the item needs, for this step."""
    if work.level <= Level.SIGNED_IN:
        return True
    session = session_of(request)
    level, _method = assurance.shown(user=session.user, session_key=session.key, case_id=work.case_id, action=work.step)
    return level >= work.level


def _not_now(request: CustomerRequest, work: WorkItem) -> HttpResponse | None:
    """Where to go when the item cannot be answered now: the receipt, the reason why, or the confirmation that comes
    first."""
    if work.state == ItemState.ANSWERED:
        return _receipt(work)
    try:
        answering.check_open(work.case, work)
    except Conflict as refused:
        return refused_page(request, refused, reference=work.case.reference)
    return None if is_proven(request, work) else redirect("portal:confirm", work.id)


def _receipt(work: WorkItem) -> HttpResponse:
    """Where an answer leads: to the page that the process names for this kind, otherwise to the receipt."""
    page = catalogue.process(work.case.process).pages.item_done.get(work.kind)
    return redirect(page, work.case.reference) if page else redirect("portal:done", work.id)


def _about(work: WorkItem) -> dict[str, object]:
    return {"item": work, "case": work.case, "title": title_of(work), "headline": headlines.for_performer(work)}


def _show(request: CustomerRequest, work: WorkItem, form: ItemForm) -> HttpResponse:
    status = 400 if form.errors else 200
    return render(request, "portal/item.html", {**_about(work), "form": form}, status=status)


def _show_page(
    request: CustomerRequest,
    work: WorkItem,
    pages: list[drafts.Page],
    here: drafts.Page,
    form: ItemForm,
) -> HttpResponse:
    context = {
        **_about(work),
        "form": form,
        "page": here,
        "pages": pages,
        "before": here.number - 1,
        "changing": "change" in request.GET,
    }
    return render(request, "portal/page.html", context, status=_status(request, form))


def _show_check(request: CustomerRequest, work: WorkItem, form: ItemForm) -> HttpResponse:
    context = {**_about(work), "rows": drafts.rows(form), "form": form}
    return render(request, "portal/check_answers.html", context, status=_status(request, form))


def _status(request: CustomerRequest, form: ItemForm) -> int:
    """A page that was only opened is 200, whatever stands on it."""
    return 400 if form.errors and request.method == "POST" else 200
