"""Our call to the customer: when, who, why, from which number, and how to move it or call it off."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.calls.back import calling_off, moving, offering
from backoffice.calls.back.portal.page import page_of
from backoffice.cases.models import Case
from backoffice.refusals import Conflict, Invalid
from backoffice.telephony.believed import BELIEVED_FOR
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from backoffice.ui.forms import plainly_worded
from workflows.call_back.spec import CALL_BACK_SPEC

LOOKS_EVERY = 3
"""How often the page looks for news while a call may come, in seconds."""
FRESH_FOR = int(BELIEVED_FOR.total_seconds())
"""After so many seconds without an answer the page says that it cannot check: do not talk (trust, threat 4)."""
CALL = "portal:call_back:call"


class MoveForm(forms.Form):
    window = forms.ChoiceField(
        label=_("When do we call?"),
        error_messages={
            "required": _("Choose a time."),
            "invalid_choice": _("This time is no longer free. Choose another one."),
        },
    )


class CallOffForm(forms.Form):
    how = forms.ChoiceField(
        label=_("Shall nobody call you?"),
        choices=[
            ("once", _("I do not need this call any more")),
            ("for_good", _("Do not call me about this at all")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )


@require_safe
@for_customers
def call(request: CustomerRequest, reference: str) -> HttpResponse:
    return render(request, "call_back/portal/call.html", _context(request, reference))


@require_safe
@for_customers
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """What has changed since the page was made, or 204 where nothing has."""
    context = _context(request, reference)
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "call_back/portal/_call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def move(request: CustomerRequest, reference: str) -> HttpResponse:
    """Another time for a call that is ahead."""
    case = _case(request, reference)
    shown = page_of(case, by=request.actor)
    if shown.why_not_move:
        raise Conflict("cannot_move", shown.why_not_move)
    found = offering.windows_for(shown.call_back, now=timezone.now(), asked=True)
    form = plainly_worded(MoveForm(request.POST if request.method == "POST" else None))
    field = form.fields["window"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _t("Choose a time")), *offering.by_day(found, request.customer.time_zone)]
    field.help_text = offering.earliest_in_words(found, request.customer.time_zone, to_customer=True)
    if form.is_valid():
        try:
            moving.move(case_id=case.id, window=form.cleaned_data["window"], by=request.actor)
        except Invalid as refused:
            form.add_error("window", refused.sentence)
        else:
            messages.success(request, _t("The call is moved. We confirm it by mail."))
            return redirect(CALL, case.reference)
    context = {"case": case, "shown": shown, "form": form, "choices": found}
    return render(request, "call_back/portal/move.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def call_off(request: CustomerRequest, reference: str) -> HttpResponse:
    """No call: this one, or any about it."""
    case = _case(request, reference)
    shown = page_of(case, by=request.actor)
    if shown.why_not_call_off:
        raise Conflict("cannot_call_off", shown.why_not_call_off)
    form = plainly_worded(CallOffForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        calling_off.call_off(case_id=case.id, for_good=form.cleaned_data["how"] == "for_good", by=request.actor)
        messages.success(request, _t("Nobody calls you. If somebody calls all the same, they are not from us."))
        return redirect("portal:case", case.reference)
    context = {"case": case, "shown": shown, "form": form}
    return render(request, "call_back/portal/call_off.html", context, status=400 if form.errors else 200)


def _case(request: CustomerRequest, reference: str) -> Case:
    return own_case(request.customer, reference, process=CALL_BACK_SPEC.name)


def _context(request: CustomerRequest, reference: str) -> dict[str, object]:
    case = _case(request, reference)
    shown = page_of(case, by=request.actor)
    return {
        "case": case,
        "shown": shown,
        "version": shown.version,
        "customer": request.customer,
        "looks_every": LOOKS_EVERY if shown.is_ahead else 0,
        "fresh_for": FRESH_FOR,
    }
