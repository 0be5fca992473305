"""One work item: its form for whoever may answer it, and taking, giving back and handing it over."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.cases import answering, forms, reminding, worklist
from backoffice.cases.models import WorkItem
from backoffice.cases.words import outcome_of, title_of
from backoffice.desk import access, case_page, colleagues, rows
from backoffice.desk.clerk import Clerk, clerk
from backoffice.desk.pages import back, page
from backoffice.desk.refusing import refusal
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.staff import step_up


def show(request: HttpRequest, item_id: str) -> HttpResponse:
    """The item with its form; a POST answers it. Without a need for the case, the question why."""
    item, me, now = item_of(item_id), clerk(request), timezone.now()
    if request.method == "POST":
        return _answer(request, item, me)
    if not access.may_read_case(item.case, me=me, page="desk:item", now=now):
        return access.ask_why(request, item.case.customer)
    todo = case_page.todo(item, me=me, why=rows.why_now([item], now=now)[item.id])
    return _page(request, item, me, form=todo.form, status=200)


def _answer(request: HttpRequest, item: WorkItem, me: Clerk) -> HttpResponse:
    if case_page.is_sensitive(item) and not step_up.recently_confirmed(request):
        return _keep_and_confirm(request, item, me)
    try:
        receipt = answering.answer(item_id=item.id, by=me.actor, data=request.POST.dict(), session=me.session)
    except Invalid as invalid:
        return _page(request, item, me, form=_with_errors(item, me, request, invalid), status=invalid.status)
    except Refused as refused:
        return refusal(request, refused, case=item.case)
    said = (
        _("You had answered this already (%(outcome)s). Nothing was changed.")
        if receipt.again
        else _("Answered: %(title)s (%(outcome)s).")
    )
    messages.success(request, said % {"title": title_of(item), "outcome": outcome_of(receipt.item)})
    return redirect("admin:desk_case", item.case.reference)


def _keep_and_confirm(request: HttpRequest, item: WorkItem, me: Clerk) -> HttpResponse:
    """What was typed is kept, sealed, as the item's draft, and stands in the form again after the second factor."""
    typed = {name: value for name, value in request.POST.dict().items() if name != "csrfmiddlewaretoken"}
    try:
        answering.save_draft(item_id=item.id, by=me.actor, data=typed)
    except Refused as refused:
        return refusal(request, refused, case=item.case)
    here = reverse("admin:desk_item", args=[item.id])
    return HttpResponseRedirect(step_up.way_to_confirm(request, back_to=here))


def _with_errors(item: WorkItem, me: Clerk, request: HttpRequest, invalid: Invalid) -> forms.ItemForm | None:
    form = case_page.form_of(item, me=me, data=request.POST.dict())
    if form is None or not form.is_valid():
        return form
    for name, sentences in invalid.errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    return form


def _page(request: HttpRequest, item: WorkItem, me: Clerk, *, form: forms.ItemForm | None, status: int) -> HttpResponse:
    now = timezone.now()
    todo = case_page.todo(item, me=me, why=rows.why_now([item], now=now)[item.id])
    family = case_page.family_of(item.case)
    context = {
        "item": item,
        "case": item.case,
        "todo": todo,
        "form": form,
        "headline": case_page.headline(item.case),
        "about": " · ".join(part for part in (item.case.customer.name, item.case.subject) if part),
        "risk": case_page.risk_of(item.case),
        "answered": case_page.answers(family, me=me),
        "colleagues": colleagues.who_may(item, besides=me.user) if todo.mine else [],
        "confirm_url": "" if step_up.recently_confirmed(request) else step_up.way_to_confirm(request),
    }
    return page(request, "desk/item.html", todo.title, context, status=status)


@require_POST
def claim(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), clerk(request)
    worklist.claim(item_id=item.id, by=me.actor, user=me.user)
    messages.success(request, _("%(reference)s is yours now.") % {"reference": item.case.reference})
    return back(request, reverse("admin:desk_item", args=[item.id]))


@require_POST
def release(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), clerk(request)
    worklist.release(item_id=item.id, by=me.actor, user=me.user)
    messages.success(request, _("%(reference)s is back in the list of its role.") % {"reference": item.case.reference})
    return back(request, "admin:index")


@require_POST
def remind(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), clerk(request)
    reminding.remind_by_hand(item_id=item.id, by=me.actor)
    messages.success(request, _("The customer is reminded by mail."))
    return redirect("admin:desk_case", item.case.reference)


@require_POST
def hand_over(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), clerk(request)
    to = colleagues.colleague(request.POST.get("to", ""))
    worklist.hand_over(item_id=item.id, to=to, by=me.actor, user=me.user)
    said = _("%(reference)s is %(name)s's now.") % {"reference": item.case.reference, "name": to.get_full_name()}
    messages.success(request, said)
    return redirect("admin:index")


def item_of(typed: str) -> WorkItem:
    """Raises `NotFound` also for an id that is none."""
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        wanted = uuid.UUID(int=0)
    item = (
        WorkItem.objects.filter(id=wanted)
        .select_related("case", "case__customer", "case__parent", "holder", "party")
        .first()
    )
    if item is None:
        raise NotFound("unknown_item", _("There is no such work item."))
    return item
