"""Our visit to the customer: when, who, what to compare, and how to move it, cancel it, or call for help."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.cases.models import Case
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from backoffice.visits import calling_off, moving, offering
from backoffice.visits.choosing import OTHER_WAYS
from backoffice.visits.portal.door import door as door_of
from backoffice.visits.visitor_card import card_for
from workflows.home_visit.spec import HOME_VISIT

LOOKS_EVERY = 4
"""How often the page looks for news while a visitor may be at the door, in seconds."""
DOOR = "portal:home_visit:door"


class MoveForm(forms.Form):
    window = forms.ChoiceField(
        label=_("When may our visitor come?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a time."),
            "invalid_choice": _("This time is no longer free. Choose another one."),
        },
    )


class CancelForm(forms.Form):
    alternative = forms.ChoiceField(
        label=_("How do you want to show who you are?"),
        choices=OTHER_WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose another way.")},
    )


@require_safe
@for_customers
def door(request: CustomerRequest, reference: str) -> HttpResponse:
    return render(request, "home_visit/portal/visit.html", _context(request, reference))


@require_safe
@for_customers
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """What has changed at the door since the page was made, or 204 where nothing has."""
    case = _case(request, reference)
    if request.GET.get("seen") == door_of(case, by=request.actor).version:
        return HttpResponse(status=204)
    return render(request, "home_visit/portal/_door.html", _context(request, reference))


@require_safe
@for_customers
def portrait(request: CustomerRequest, reference: str) -> HttpResponse:
    """The visitor's picture, only while their card may be shown."""
    card = card_for(_case(request, reference), timezone.now())
    if card is None or not card.photo or not default_storage.exists(card.photo):
        raise NotFound("no_portrait", _t("There is no picture now."))
    with default_storage.open(card.photo) as picture:
        return HttpResponse(picture.read(), content_type="image/jpeg")


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def move(request: CustomerRequest, reference: str) -> HttpResponse:
    """Another time for a visit that is agreed."""
    case = _case(request, reference)
    shown = door_of(case, by=request.actor)
    if shown.why_not_move:
        raise Conflict("cannot_move", shown.why_not_move)
    form = MoveForm(request.POST if request.method == "POST" else None)
    choices = offering.windows(shown.visit, now=timezone.now())
    field = form.fields["window"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(window.key, window.in_words(request.customer.time_zone)) for window in choices]
    if form.is_valid():
        try:
            moving.move(case_id=case.id, window=form.cleaned_data["window"], by=request.actor)
        except Invalid as refused:
            form.add_error("window", refused.sentence)
        else:
            messages.success(request, _t("The visit is moved. We confirm it by mail."))
            return redirect(DOOR, case.reference)
    context = {"case": case, "door": shown, "form": form, "choices": choices}
    return render(request, "home_visit/portal/move.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def cancel(request: CustomerRequest, reference: str) -> HttpResponse:
    """Cancels the agreed visit, for another way to be identified."""
    case = _case(request, reference)
    shown = door_of(case, by=request.actor)
    if shown.why_not_cancel:
        raise Conflict("cannot_cancel", shown.why_not_cancel)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        calling_off.cancel(case_id=case.id, alternative=form.cleaned_data["alternative"], by=request.actor)
        messages.success(request, _t("The visit is cancelled. Nobody comes; we write to you how it goes on."))
        return redirect("portal:case", case.reference)
    context = {"case": case, "door": shown, "form": form}
    return render(request, "home_visit/portal/cancel.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def nobody(request: CustomerRequest, reference: str) -> HttpResponse:
    """ "I expect nobody": asks for confirmation, then calls the visitor off and alarms a supervisor."""
    case = _case(request, reference)
    if request.method == "POST":
        calling_off.nobody_expected(case_id=case.id, by=request.actor)
        return redirect(DOOR, case.reference)
    return render(request, "home_visit/portal/nobody.html", {"case": case})


def _case(request: CustomerRequest, reference: str) -> Case:
    return own_case(request.customer, reference, process=HOME_VISIT.name)


def _context(request: CustomerRequest, reference: str) -> dict[str, object]:
    case = _case(request, reference)
    shown = door_of(case, by=request.actor)
    looks = 0 if shown.is_over else LOOKS_EVERY
    return {"case": case, "door": shown, "customer": request.customer, "looks_every": looks}
