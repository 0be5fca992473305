"""The call console: one screen for a call or chat in progress, from the first question to the wrap-up."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.calls import incoming, ordering, rights
from backoffice.calls import opening as calls
from backoffice.calls.desk import entry, next_calls, sheets
from backoffice.calls.desk.console import Console, Moment, console_of
from backoffice.calls.models import CallState
from backoffice.calls.words import the_call
from backoffice.cases import answering, catalogue
from backoffice.cases import opening as cases
from backoffice.cases.forms import ItemForm, OpeningForm
from backoffice.cases.models import WorkItem
from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.ui import lookup
from backoffice.ui.forms import form_of, plainly_worded, with_faults
from backoffice.ui.staff import StaffMember, page, signed_in
from workflows.phone_authorisation.spec import TYPE_CODE, WRAP_UP

LOOKS_EVERY = 2
"""How often the screen of a call looks for news, in seconds; while the code cannot be typed yet, each second."""
CALL = "admin:phone_authorisation:call"


def console(request: HttpRequest) -> HttpResponse:
    """The first screen: the next call, somebody who calls, and what a caller names and wants; a POST finds the record
    and asks for the code. A call that is not wrapped up comes first."""
    me = signed_in(request)
    rights.TAKE_CALLS.check(me.actor)
    if (unwrapped := calls.unwrapped(agent=me.actor.id)) is not None:
        return redirect(CALL, unwrapped.case.reference)
    if request.method == "POST":
        return _open(request, me)
    if (on_the_line := next_calls.unwrapped(me.user)) is not None:
        return redirect("admin:phone_authorisation:line", on_the_line.contact.reference)
    return entry.first_page(request, me)


def _open(request: HttpRequest, me: StaffMember) -> HttpResponse:
    key = request.POST.get(entry.KEY, "")
    try:
        case, _new = calls.open_call(by=me.actor, data=request.POST, key=f"call:{uuid.UUID(key)}")
    except ValueError:
        raise Invalid({"": [_("This page was not complete. Nothing was sent. Load it again.")]}) from None
    except Refused as refused:
        form = calls.CallForm(request.POST, customer=None, by=me.actor)
        if not isinstance(refused, Invalid | Conflict) and refused.field not in form.fields:
            raise
        return entry.first_page(request, me, caller_form=with_faults(form, refused), status=refused.status)
    return redirect(CALL, case.reference)


@require_safe
def call(request: HttpRequest, reference: str) -> HttpResponse:
    shown, me = _shown(request, reference)
    return _page(request, shown, me)


@require_safe
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the call stands. When its forms have changed, the page is loaded again."""
    shown, _me = _shown(request, reference)
    if request.GET.get("screen") != shown.screen:
        return HttpResponseClientRefresh()
    return render(request, "phone_authorisation/desk/_live.html", _live_context(shown))


@require_POST
def answer(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """The code, or that there is none; and the wrap-up."""
    shown, me = _shown(request, reference)
    item = {TYPE_CODE.name: shown.typing, WRAP_UP.name: shown.writing}.get(kind)
    if item is None:
        raise Conflict("not_now", _("This is not asked for now. Nothing was sent."))
    try:
        receipt = answering.answer(item_id=item.id, by=me.actor, data=request.POST.dict(), session=me.session)
    except Refused as refused:
        if isinstance(refused, NotFound | Conflict):
            raise
        form = with_faults(form_of(item, by=me.actor, data=request.POST), refused)
        again, _me = _shown(request, reference)
        return _page(request, again, me, form=form, status=refused.status)
    if item.kind == WRAP_UP.name:
        messages.success(request, _("Call %(reference)s is wrapped up.") % {"reference": shown.call.case.reference})
        return redirect("admin:phone_authorisation:console")
    if receipt.outcome == CallState.PROVEN:
        incoming.proven_by_code(case_id=shown.call.case.id, by=me.actor)
    if receipt.outcome == CallState.PROVEN and not _why_not_wanted(shown):
        return redirect(_to_first_field(request, shown, me))
    return redirect(CALL, shown.call.case.reference)


def order(request: HttpRequest, reference: str) -> HttpResponse:
    """The form of what the caller ordered; a POST opens it, and the timeline says on whose order."""
    shown, me = _shown(request, reference)
    case = shown.call.case
    if shown.call.opened is not None:
        return redirect(CALL, case.reference)
    if shown.why_not_order:
        raise Conflict("cannot_order", shown.why_not_order)
    if request.method != "POST":
        return _order_page(request, shown, _order_form(shown, me))
    try:
        ordered = ordering.order(case_id=case.id, by=me.actor, data=request.POST)
    except Refused as refused:
        form = _order_form(shown, me, data=request.POST)
        if not isinstance(refused, Invalid | Conflict) and refused.field not in form.fields:
            raise
        return _order_page(request, shown, with_faults(form, refused), status=refused.status)
    messages.success(request, _("Case %(reference)s is open.") % {"reference": ordered.reference})
    return redirect(CALL, case.reference)


def _order_form(shown: Console, me: StaffMember, *, data: object = None) -> OpeningForm:
    by = ordering.on_order(me.actor)
    opens = cases.openable(shown.call.wants, by=by)
    return plainly_worded(opens.form(data, customer=shown.call.case.customer, by=by))  # type: ignore[arg-type]


def _order_page(request: HttpRequest, shown: Console, form: OpeningForm, *, status: int = 200) -> HttpResponse:
    context = {"shown": shown, "form": form, "why_not": _why_not_wanted(shown), "sheet": sheets.for_a_caller()}
    return page(request, "phone_authorisation/desk/order.html", shown.wants, context, status=status)


def _why_not_wanted(shown: Console) -> str:
    """Why this customer cannot have now what the caller wants. It is told only after the code."""
    opens = catalogue.process(shown.call.wants).opening
    return opens.why_not(shown.call.case.customer) if opens else ""


def _to_first_field(request: HttpRequest, shown: Console, me: StaffMember) -> str:
    """The form of what was ordered, where the work begins: at its first field."""
    address = reverse("admin:phone_authorisation:order", args=[shown.call.case.reference])
    fields = _order_form(shown, me).visible_fields()
    first = (fields[0].id_for_label or f"{fields[0].auto_id}_0") if fields else ""
    return f"{address}#{first}"


def _shown(request: HttpRequest, reference: str) -> tuple[Console, StaffMember]:
    me = signed_in(request)
    rights.TAKE_CALLS.check(me.actor)
    return console_of(lookup.case_of(reference), by=me.actor, now=timezone.now()), me


def _page(
    request: HttpRequest, shown: Console, me: StaffMember, *, form: ItemForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **_live_context(shown),
        "code_form": _form(shown.typing, me, form),
        "wrap_up_form": _form(shown.writing, me, form),
        "known": the_call(shown.call.case, shown.writing) if shown.writing else (),
        "why_not": _why_not_wanted(shown) if shown.moment is Moment.PROVEN else "",
    }
    return page(request, "phone_authorisation/desk/call.html", _("Call"), context, status=status)


def _form(item: WorkItem | None, me: StaffMember, sent: ItemForm | None) -> ItemForm | None:
    if item is None:
        return None
    return sent if sent is not None and sent.item.id == item.id else form_of(item, by=me.actor)


def _live_context(shown: Console) -> dict[str, object]:
    every = 0 if shown.moment is Moment.OVER else 1 if shown.moment is Moment.OPENING else LOOKS_EVERY
    return {"shown": shown, "case": shown.call.case, "looks_every": every, "sheet": sheets.for_a_caller()}
