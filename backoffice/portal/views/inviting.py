"""The page on which a customer makes the code that they hand over to the other party of their case, or has the letter
to that party sent again. Opening it changes nothing; the code is shown once, in the answer to the form."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.cases import handing_over, words
from backoffice.cases.confirming import Step
from backoffice.cases.handing_over import Standing
from backoffice.cases.models import Case
from backoffice.cases.ways import CODE_BY_HAND
from backoffice.messages import composing
from backoffice.portal.stepping_up import NotConfirmed
from backoffice.portal.views.confirming import confirmed
from backoffice.portal.views.stepping_up import CodeForm, ways_of
from backoffice.refusals import NeedsProof
from backoffice.ui import times
from backoffice.ui.customers import CustomerRequest, for_customers, own_case, session_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def invitation(request: CustomerRequest, reference: str, role: str) -> HttpResponse:
    case = own_case(request.customer, reference)
    standing = handing_over.standing(case, role, now=timezone.now())
    if request.method != "POST":
        return _show(request, case, standing, CodeForm())
    if standing.by_letter:
        handing_over.post_again(case_id=case.id, role=role, by=request.actor)
        messages.success(request, _("Another letter is on its way. The code in the one before works no more."))
        return redirect("portal:case", case.reference)
    form = CodeForm(request.POST)
    try:
        _confirm(request, case, role, form)
        handed = handing_over.make_code(case_id=case.id, role=role, by=request.actor, session=session_of(request))
    except NotConfirmed as refused:
        form.is_valid()
        form.errors.clear()
        form.add_error(refused.field or None, refused.sentence)
        return _show(request, case, standing, form)
    except NeedsProof:
        return _show(request, case, standing, form)
    context = {
        "case": case,
        "party": words.party_of(case.process, role),
        "code": handed.code,
        "until": times.until(handed.until, request.customer),
        "join_page": f"{composing.join_page()}/code",
    }
    return render(request, "portal/code_to_hand_over.html", context)


def _confirm(request: CustomerRequest, case: Case, role: str, form: forms.Form) -> None:
    """Grants the step where the process asks for a proof and the request brings one. Raises `NotConfirmed`."""
    if request.actor.level >= handing_over.level_of(case, role):
        return
    confirmed(request, Step(case.id, handing_over.step_of(role)), form)


def _show(request: CustomerRequest, case: Case, standing: Standing, form: forms.Form) -> HttpResponse:
    context = {
        "case": case,
        "invitation": standing,
        "party": words.party_of(case.process, standing.role),
        "needs_proof": request.actor.level < handing_over.level_of(case, standing.role),
        "customer": request.customer,
        "days": CODE_BY_HAND.days,
        "form": form,
        **ways_of(request),
    }
    return render(request, "portal/invitation.html", context, status=400 if form.errors else 200)
