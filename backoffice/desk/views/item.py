"""One work item: its form for those who may answer it, and claiming, releasing and handing it over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.cases import answering, catalogue, evidence, forms, meanwhile, reminding, worklist
from backoffice.cases.evidence import Shown
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.timeline_view import Line, Reader, lines
from backoffice.cases.words import outcome_of, title_of
from backoffice.customers import reading
from backoffice.customers.reasons import ReasonForm
from backoffice.desk import case_page, colleagues, live, next_item, presence, todos, worklist_rows
from backoffice.desk.refusing import refusal
from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.staff import step_up
from backoffice.ui import headlines
from backoffice.ui.forms import with_faults
from backoffice.ui.staff import StaffMember, ask_why, back, may_read_case, page, signed_in

MOST_CHANGES = 12
"""The page of a conflict shows so many of the last changes."""


def show(request: HttpRequest, item_id: str) -> HttpResponse:
    """The item with its form; a POST answers it. Without a need to know, the question why."""
    item, me, now = item_of(item_id), signed_in(request), timezone.now()
    if request.method == "POST":
        return _answer(request, item, me)
    if own := _own_page(item, me):
        return redirect(own, item.case.reference)
    if not may_read_case(item.case, me=me, page="desk:item", now=now):
        return ask_why(request, item.case.customer)
    return _page(request, item, me)


def _own_page(item: WorkItem, me: StaffMember) -> str:
    """The name of the page of its process on which this person does it; empty where that is the generic one."""
    own = catalogue.process(item.case.process).pages.item_page.get(item.kind, "")
    doable = item.state == ItemState.OPEN and not worklist.why_not(item, by=me.actor, user=me.user)
    return own if doable else ""


def live_part(request: HttpRequest, item_id: str) -> HttpResponse:
    """What happened since the page was made, and who else has the case open."""
    item, me = item_of(item_id), signed_in(request)
    if not live.may_go_on(item.case, me, page="desk:item"):
        return HttpResponse(status=403)
    seen = todos.seen_in(request.GET) or 0
    context = {
        "item": item,
        "case": item.case,
        "shown": live.of_case(request, item.case, me),
        "polled": _polled(item, seen=seen),
        "happened": _happened(item.case, me, seen=seen),
        "also_open_by": presence.names([item.case_id], besides=me.user).get(item.case_id, ""),
    }
    return render(request, "desk/item_live.html", context)


def _polled(item: WorkItem, *, seen: int) -> str:
    return reverse("admin:desk_live_item", args=[item.id], query={todos.SEEN: seen})


def _answer(request: HttpRequest, item: WorkItem, me: StaffMember) -> HttpResponse:
    if todos.is_sensitive(item) and not step_up.recently_confirmed(request):
        return _keep_and_confirm(request, item, me)
    typed, seen = request.POST.dict(), todos.seen_in(request.POST)
    try:
        receipt = answering.answer(item_id=item.id, by=me.actor, data=typed, session=me.session, seen=seen)
    except Invalid as invalid:
        form = with_faults(todos.form_of(item, me=me, data=typed), invalid)
        return _page(request, item, me, form=form, status=invalid.status, seen=seen)
    except Conflict as conflict:
        return _changed(request, item, me, conflict, seen=seen)
    except Refused as refused:
        return refusal(request, refused, case=item.case)
    said = (
        _("You had answered this already (%(outcome)s). Nothing was changed.")
        if receipt.again
        else _("Answered: %(title)s (%(outcome)s).")
    )
    messages.success(request, said % {"title": title_of(item), "outcome": outcome_of(receipt.item)})
    return redirect(next_item.way_to(item.case))


def _changed(
    request: HttpRequest, old: WorkItem, me: StaffMember, conflict: Conflict, *, seen: int | None
) -> HttpResponse:
    """The item changed while its page was open: the page as it is now, what happened meanwhile, and all that was typed.
    For somebody who did not have the record open, only the refusal."""
    item = item_of(str(old.id))
    if not reading.is_open(customer=item.case.customer, user=me.user, case_id=item.case_id, now=timezone.now()):
        return refusal(request, conflict, case=item.case)
    form = todos.form_of(item, me=me, typed=request.POST)
    happened = _happened(item.case, me, seen=seen) if seen is not None else []
    return _page(
        request, item, me, form=form, status=conflict.status, changed={"sentence": conflict.sentence, "lines": happened}
    )


def _happened(case: Case, me: StaffMember, *, seen: int) -> list[Line]:
    events = meanwhile.since(case, seen=seen, by=me.actor)
    cases = Case.objects.filter(id__in={event.case_id for event in events}).select_related("customer")
    return lines(events, cases, reader=Reader.STAFF)[-MOST_CHANGES:]


def _keep_and_confirm(request: HttpRequest, item: WorkItem, me: StaffMember) -> HttpResponse:
    """The typed answers are saved, sealed, as the item's draft. They are in the form again after the second factor."""
    typed = {name: value for name, value in request.POST.dict().items() if name != "csrfmiddlewaretoken"}
    try:
        answering.save_draft(item_id=item.id, by=me.actor, data=typed)
    except Conflict as conflict:
        return _changed(request, item, me, conflict, seen=todos.seen_in(request.POST))
    except Refused as refused:
        return refusal(request, refused, case=item.case)
    here = reverse("admin:desk_item", args=[item.id])
    return HttpResponseRedirect(step_up.way_to_confirm(request, back_to=here))


@require_POST
def evidence_on_request(request: HttpRequest, item_id: str, name: str) -> HttpResponse:
    """Shows, once, the evidence that needs a reason. The reason is noted, and the customer can see it. Where a script
    puts it into the open page, the address stays that of the item: loading the page again never asks for evidence."""
    response = _evidence(request, item_id, name)
    response.headers["HX-Push-Url"] = "false"
    return response


def _evidence(request: HttpRequest, item_id: str, name: str) -> HttpResponse:
    item, me, form = item_of(item_id), signed_in(request), ReasonForm(request.POST)
    here = reverse("admin:desk_item", args=[item.id])
    if not may_read_case(item.case, me=me, page="desk:evidence", now=timezone.now()):
        return ask_why(request, item.case.customer, next_page=here)
    if not form.is_valid():
        return _page(request, item, me, asked=(name, form), status=400)
    now, reason = timezone.now(), form.reason()
    try:
        shown = evidence.reveal(item=item, name=name, by=me.actor, user=me.user, reason=reason, now=now)
    except Invalid as invalid:
        form.add_error(None, invalid.sentence)
        return _page(request, item, me, asked=(name, form), status=invalid.status)
    return _page(request, item, me, revealed=shown)


def _page(
    request: HttpRequest,
    item: WorkItem,
    me: StaffMember,
    *,
    form: forms.ItemForm | None = None,
    status: int = 200,
    revealed: Shown | None = None,
    asked: tuple[str, ReasonForm] | None = None,
    seen: int | None = None,
    changed: Mapping[str, object] | None = None,
) -> HttpResponse:
    """`seen` is the newest event that the reader has seen, where it is not that of now. `changed` says what happened
    while they had the page open."""
    now = timezone.now()
    shown, newest = live.of_case(request, item.case, me), meanwhile.newest(item.case)
    todo = todos.todo(item, me=me, why=worklist_rows.why_now([item], now=now)[item.id], seen=newest)
    family = case_page.family_of(item.case)
    context = {
        "item": item,
        "case": item.case,
        "todo": todo,
        "form": form or todo.form,
        "hidden": todo.hidden if seen is None and changed is None else {"name": todos.SEEN, "value": seen or newest},
        "changed": changed,
        "shown": shown,
        "polled": _polled(item, seen=newest),
        "also_open_by": presence.names([item.case_id], besides=me.user).get(item.case_id, ""),
        "headline": headlines.for_staff(item.case),
        "evidence": [*evidence.of_item(item), *([revealed] if revealed else [])],
        "on_request": [] if todo.why_not else _on_request(item, revealed=revealed, asked=asked),
        "answered": case_page.answers(family),
        "colleagues": colleagues.who_may(item, besides=me.user) if todo.mine else [],
        "confirm_url": "" if step_up.recently_confirmed(request) else step_up.way_to_confirm(request),
    }
    return page(request, "desk/item.html", todo.title, context, status=status)


def _on_request(
    item: WorkItem, *, revealed: Shown | None, asked: tuple[str, ReasonForm] | None
) -> list[dict[str, object]]:
    """The evidence that can still be asked for, each with the question why. `asked` is one whose reason was refused."""
    offered = [
        one for one in evidence.declared(item) if one.on_request and not (revealed and revealed.name == one.name)
    ]
    return [
        {
            "title": _(one.title),
            "form": asked[1] if asked and asked[0] == one.name else ReasonForm(auto_id=f"id_{one.name}_%s"),
            "url": reverse("admin:desk_evidence", args=[item.id, one.name]),
        }
        for one in offered
    ]


@require_POST
def claim(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), signed_in(request)
    worklist.claim(item_id=item.id, by=me.actor, user=me.user)
    messages.success(request, _("%(reference)s is yours now.") % {"reference": item.case.reference})
    return back(request, reverse("admin:desk_item", args=[item.id], fragment=_first_field(item, me)))


def _first_field(item: WorkItem, me: StaffMember) -> str:
    """Where the work begins: the id of the first field of the item's form."""
    fields = todos.form_of(item, me=me).visible_fields()
    return str(fields[0].id_for_label or f"{fields[0].auto_id}_0") if fields else ""


@require_POST
def release(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), signed_in(request)
    worklist.release(item_id=item.id, by=me.actor, user=me.user)
    messages.success(request, _("%(reference)s is back in the list of its role.") % {"reference": item.case.reference})
    return back(request, "admin:index")


@require_POST
def remind(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), signed_in(request)
    reminding.remind_by_hand(item_id=item.id, by=me.actor)
    messages.success(request, _("The customer is reminded by mail."))
    return redirect("admin:desk_case", item.case.reference)


@require_POST
def hand_over(request: HttpRequest, item_id: str) -> HttpResponse:
    item, me = item_of(item_id), signed_in(request)
    to = colleagues.colleague(request.POST.get("to", ""))
    worklist.hand_over(item_id=item.id, to=to, by=me.actor, user=me.user)
    said = _("%(reference)s is %(name)s's now.") % {"reference": item.case.reference, "name": to.get_full_name()}
    messages.success(request, said)
    return redirect("admin:index")


def item_of(typed: str) -> WorkItem:
    """Raises `NotFound`, also for a malformed id."""
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
