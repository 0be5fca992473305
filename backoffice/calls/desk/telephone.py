"""The screen of a telephone call, in or out: the sheet first, a key for each state, the proofs of both, and the wrap-up
that nobody can skip. Phone authorisation has the same parts in `views.py`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.calls import incoming, revealing, rights
from backoffice.calls import opening as calls
from backoffice.calls.back import preparing, talking
from backoffice.calls.back import wrapping_up as call_backs
from backoffice.calls.desk import entry, keys, next_calls
from backoffice.calls.desk.forms import AboutForm, CallWrapUpForm, CustomerCodeForm, IncomingForm, PressForm
from backoffice.calls.desk.on_the_line import OnTheLine, line_of
from backoffice.cases.forms import errors_by_field
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.telephony import proving, states, taking
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.ui import lookup
from backoffice.ui.forms import form_of, plainly_worded, with_faults
from backoffice.ui.staff import StaffMember, ask_why, may_read_case, page, signed_in
from workflows.call_back.facts import CallMade

LOOKS_EVERY = 2
"""How often the screen looks for news, in seconds: the telephone system and the customer may say something."""
BEATS_EVERY = 5
"""How often the screen says that the call goes on, in seconds (`telephony.states.still_on`)."""
USUALLY = {
    CallOutcome.SPOKEN: CallMade.SPOKEN,
    CallOutcome.RINGS_BACK: CallMade.RINGS_BACK,
    CallOutcome.NOT_THE_CUSTOMER: CallMade.OTHER_PERSON,
    CallOutcome.BROKEN_OFF: CallMade.BROKEN_OFF,
}
"""What the process learns of a call that somebody answered, by the key that ended it."""
LINE = "admin:phone_authorisation:line"
CONSOLE = "admin:phone_authorisation:console"


def take_next(request: HttpRequest, reference: str) -> HttpResponse:
    """The call-back of a case; a POST opens its sheet, which must be before anything is dialled."""
    me, case, now = _agent(request), lookup.case_of(reference), timezone.now()
    if request.method != "POST":
        mine = Call.objects.filter(case_id=case.id, agent=me.user, wrapped_at=None).select_related("contact").first()
        if mine is not None:
            return redirect(LINE, mine.contact.reference)
        this_one = next_calls.of_case(case, me.actor, me.user, now)
        context = {"next_calls": [this_one] if this_one else [], "case": case}
        return page(request, "calls/desk/prepare.html", _("Call the customer back"), context)
    try:
        call = preparing.open_sheet(case_id=case.id, by=me.actor, now=now)
    except Conflict as refused:
        messages.error(request, refused.sentence)
        return redirect(CONSOLE)
    return redirect(LINE, call.contact.reference)


@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Somebody is calling: the call is written, and its screen asks about which case."""
    me, form = _agent(request), IncomingForm(request.POST)
    try:
        key = uuid.UUID(request.POST.get(entry.KEY, ""))
        if not form.is_valid():
            raise Invalid(errors_by_field(form))
        call = taking.take_in(
            number=form.cleaned_data["number"], agent=me.user, by=me.actor, now=timezone.now(), key=f"in:{key}"
        )
    except ValueError:
        raise Invalid({"": [_("This page was not complete. Nothing was sent. Load it again.")]}) from None
    except Invalid as refused:
        return entry.first_page(request, me, incoming_form=with_faults(form, refused), status=refused.status)
    except Conflict as refused:
        messages.error(request, refused.sentence)
        return redirect(CONSOLE)
    return redirect(LINE, call.contact.reference)


@require_safe
def line(request: HttpRequest, reference: str) -> HttpResponse:
    """The screen of the agent's own call. Whose record it shows is noted."""
    me = _agent(request)
    shown = line_of(reference, by=me.actor, now=timezone.now())
    if refusal := _unread(request, shown, me):
        return refusal
    return _page(request, shown, me)


@require_safe
def news(request: HttpRequest, reference: str) -> HttpResponse:
    """What has changed since the page was made: 204 where nothing has; where its forms have, it is loaded again."""
    me = _agent(request)
    shown = line_of(reference, by=me.actor, now=timezone.now())
    seen = request.GET.get("seen", "")
    if seen == shown.version:
        return HttpResponse(status=204)
    if seen.rpartition(".")[0] != shown.screen:
        return HttpResponseClientRefresh()
    return render(request, "calls/desk/on_the_line.html", {"line": shown, "looks_every": LOOKS_EVERY})


@require_POST
def still(request: HttpRequest, reference: str) -> HttpResponse:
    """The screen is open, so the call goes on; else the customer's page soon says that it cannot check."""
    me, now = _agent(request), timezone.now()
    states.still_on(call_id=line_of(reference, by=me.actor, now=now).call.id, by=me.actor, now=now)
    return HttpResponse(status=204) if request.htmx else redirect(LINE, reference)  # type: ignore[attr-defined]


@require_POST
def press(request: HttpRequest, reference: str) -> HttpResponse:
    """One key. What cannot follow is refused in words; pressing twice changes nothing."""
    me, now = _agent(request), timezone.now()
    shown = line_of(reference, by=me.actor, now=now)
    try:
        pressed = keys.read(request.POST.get(keys.FIELD, ""))
        if pressed.to == CallState.CUSTOMER_PROVEN:
            raise Conflict("by_code", _("The customer proves who they are by a code, and by nothing else."))
        if shown.call_back is None:
            states.move(call_id=shown.call.id, to=pressed.to, by=me.actor, now=now, outcome=pressed.outcome)
        elif pressed is keys.CALL_OFF:
            preparing.put_back(case_id=shown.call_back.case.id, by=me.actor, now=now)
        else:
            case_id = shown.call_back.case.id
            talking.press(case_id=case_id, to=pressed.to, by=me.actor, outcome=pressed.outcome, now=now)
    except (Invalid, Conflict) as refused:
        form = PressForm({keys.FIELD: request.POST.get(keys.FIELD, "")})
        return _again(request, reference, me, press_form=_refused(form, refused), status=refused.status)
    if pressed.to == CallState.DIALLING and shown.writing is not None:
        _get_ready(line_of(reference, by=me.actor, now=now), me)
    return redirect(CONSOLE if pressed is keys.CALL_OFF else LINE, *([] if pressed is keys.CALL_OFF else [reference]))


def _get_ready(shown: OnTheLine, me: StaffMember) -> None:
    """What the agent needs while it rings: the number, if they dial by hand, and the digits that prove us."""
    assert shown.writing is not None
    now = timezone.now()
    revealing.reveal(shown.call, item=shown.writing, by=me.actor, user=me.user, now=now)
    if not shown.half_b and shown.call.state in revealing.WHILE:
        proving.offer_half(call_id=shown.call.id, by=me.actor, now=now)


@require_POST
def half(request: HttpRequest, reference: str) -> HttpResponse:
    """New digits that prove us, when those before are too old."""
    me, now = _agent(request), timezone.now()
    try:
        proving.offer_half(call_id=line_of(reference, by=me.actor, now=now).call.id, by=me.actor, now=now)
    except Conflict as refused:
        messages.error(request, refused.sentence)
    return redirect(LINE, reference)


@require_POST
def customer_code(request: HttpRequest, reference: str) -> HttpResponse:
    """The code that the customer reads out. A wrong one is counted, and nobody sees what was expected."""
    me, now = _agent(request), timezone.now()
    shown, form = line_of(reference, by=me.actor, now=now), CustomerCodeForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(errors_by_field(form))
        typed = proving.type_code(call_id=shown.call.id, typed=form.cleaned_data["code"], by=me.actor, now=now)
        if not typed.right:
            raise Invalid({"code": [typed.sentence]})
    except (Invalid, Conflict) as refused:
        return _again(request, reference, me, code_form=with_faults(form, refused), status=refused.status)
    return redirect(LINE, reference)


@require_POST
def about(request: HttpRequest, reference: str) -> HttpResponse:
    """About which case somebody calls us; where a call of ours is waited for in it, it goes on with that."""
    me, now = _agent(request), timezone.now()
    shown, form = line_of(reference, by=me.actor, now=now), AboutForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(errors_by_field(form))
        case = lookup.case_of(form.cleaned_data["reference"])
        incoming.is_about(call_id=shown.call.id, case_id=case.id, by=me.actor, now=now)
    except Refused as refused:
        return _again(request, reference, me, about_form=with_faults(form, refused), status=refused.status)
    return redirect(LINE, reference)


@require_POST
def wrap_up(request: HttpRequest, reference: str) -> HttpResponse:
    """What came of the call, then the next one."""
    me, now = _agent(request), timezone.now()
    shown = line_of(reference, by=me.actor, now=now)
    if shown.call.wrapped_at is not None:
        return redirect(CONSOLE)
    form = _wrap_up_form(shown, me, data=request.POST)
    if form is None:
        refused = Conflict("not_over", _("This call is not over yet. Say first how it ended."), field=keys.FIELD)
        return _again(request, reference, me, press_form=_refused(PressForm({}), refused), status=refused.status)
    try:
        if shown.call_back is not None:
            data = request.POST.dict()
            call_backs.wrap_up(case_id=shown.call_back.case.id, by=me.actor, data=data, session=me.session, now=now)
        else:
            _write(shown, request.POST, me)
    except (Invalid, Conflict) as refused:
        return _again(request, reference, me, wrap_up_form=with_faults(form, refused), status=refused.status)
    messages.success(request, _("Your call %(reference)s is wrapped up.") % {"reference": shown.reference})
    return redirect(CONSOLE)


def _write(shown: OnTheLine, data: Mapping[str, str], me: StaffMember) -> None:
    form = CallWrapUpForm(data, call=shown.call)
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    told = form.cleaned_data
    states.wrap_up(call_id=shown.call.id, text=told["text"], by=me.actor, now=timezone.now(), outcome=told["outcome"])


def _agent(request: HttpRequest) -> StaffMember:
    me = signed_in(request)
    rights.TAKE_CALLS.check(me.actor)
    return me


def _unread(request: HttpRequest, shown: OnTheLine, me: StaffMember) -> HttpResponse | None:
    """The question why, where the record on the sheet is none of this person's business. A call to us shows none."""
    if shown.call_back is None:
        return None
    case = shown.call_back.case
    if may_read_case(case, me=me, page="desk:call", now=timezone.now()):
        return None
    return ask_why(request, case.customer)


def _refused(form: PressForm, refused: Refused) -> PressForm:
    form.full_clean()
    form.errors.clear()
    form.add_error(keys.FIELD, refused.sentence)
    return form


def _again(request: HttpRequest, reference: str, me: StaffMember, *, status: int, **given: forms.Form) -> HttpResponse:
    return _page(request, line_of(reference, by=me.actor, now=timezone.now()), me, status=status, **given)


def _page(
    request: HttpRequest,
    shown: OnTheLine,
    me: StaffMember,
    *,
    press_form: forms.Form | None = None,
    about_form: forms.Form | None = None,
    code_form: forms.Form | None = None,
    wrap_up_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    to_us = shown.is_incoming and not shown.is_over and shown.call_back is None
    context = {
        "line": shown,
        "sheet": shown.sheet,
        "looks_every": LOOKS_EVERY,
        "beats_every": BEATS_EVERY,
        "press_form": press_form or PressForm(),
        "about_form": plainly_worded(about_form or AboutForm()) if to_us else None,
        "may_be": incoming.may_be(shown.call, now=now) if to_us else None,
        "caller_form": _caller_form(me) if to_us else None,
        "hidden": {"name": entry.KEY, "value": str(uuid.uuid4())},
        "code_form": code_form or CustomerCodeForm() if shown.needs_code else None,
        "wrap_up_form": wrap_up_form or _wrap_up_form(shown, me),
        "next_calls": next_calls.next_calls(me.actor, me.user, now) if shown.call.wrapped_at else (),
    }
    return page(request, "calls/desk/line.html", _title(shown), context, status=status)


def _caller_form(me: StaffMember) -> forms.Form:
    """The way to a code from the portal: of a caller of whom nothing is known but a number, it is not opened yet."""
    form = calls.CallForm(customer=None, by=me.actor)
    form.fields["known"].widget.attrs.pop("autofocus", None)
    return plainly_worded(form)


def _title(shown: OnTheLine) -> str:
    if shown.call_back is not None:
        name = {"name": shown.call_back.case.customer.name}
        known = not shown.is_incoming or shown.call.state == CallState.CUSTOMER_PROVEN
        return (_("Call with %(name)s") if known else _("A call to us: it may be %(name)s")) % name
    return _("Somebody is calling us") if shown.is_incoming and not shown.is_over else _("A call")


def _wrap_up_form(shown: OnTheLine, me: StaffMember, *, data: Mapping[str, str] | None = None) -> forms.Form | None:
    if not shown.is_over or shown.call.wrapped_at is not None:
        return None
    if shown.call_back is None:
        return CallWrapUpForm(data, call=shown.call)
    return _of_call_back(shown, form_of(shown.writing, by=me.actor, data=data)) if shown.writing else None


def _of_call_back(shown: OnTheLine, form: forms.Form) -> forms.Form:
    """Only what can have come of this call, with what the keys said already chosen; the focus is on the text."""
    outcome = form.fields["outcome"]
    assert isinstance(outcome, forms.ChoiceField)
    possible = [made for made in CallMade if not call_backs.why_not(shown.call, made)]
    outcome.choices = [(made.value, call_backs.in_words(shown.call, made)) for made in possible]
    told = USUALLY.get(CallOutcome(shown.call.outcome))
    outcome.initial = told if told in possible else possible[0] if len(possible) == 1 else None
    form.fields["text"].widget.attrs["autofocus"] = True
    return form
