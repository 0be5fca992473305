"""The page on which a customer confirms a step of a case that is no work item (`cases.confirming`)."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from backoffice.cases.confirming import Step, declared, is_proven
from backoffice.portal import stepping_up
from backoffice.portal.stepping_up import NotConfirmed
from backoffice.portal.views.stepping_up import CodeForm, ways_of
from backoffice.ui.customers import CustomerRequest, for_customers, own_case, session_of
from backoffice.ui.forms import with_faults


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def confirm(request: CustomerRequest, reference: str, step: str) -> HttpResponse:
    """Asks for a code or a passkey, then leads to the page of the step, which is done there."""
    case = own_case(request.customer, reference)
    known, work = declared(case.process, step), Step(case.id, step)
    if is_proven(work, session=session_of(request), now=timezone.now()):
        return redirect(known.page, case.reference)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            if confirmed(request, work, form):
                return redirect(known.page, case.reference)
        except NotConfirmed as refused:
            form.is_valid()
            form.errors.clear()
            with_faults(form, refused)
    context = {"case": case, "title": known.what, "has_form": True, "form": form, **ways_of(request)}
    return render(request, "portal/confirm.html", context, status=400 if form.errors else 200)


def confirmed(request: CustomerRequest, work: stepping_up.Step, form: forms.Form) -> bool:
    """Grants the step for the code or the passkey that the request brings; False where it brings none. Raises
    `NotConfirmed`."""
    session = session_of(request)
    if credential := request.POST.get("credential"):
        stepping_up.with_passkey(work=work, session=session, credential=credential)
    elif form.is_valid():
        stepping_up.with_code(work=work, session=session, typed=form.cleaned_data["code"])
    else:
        return False
    return True
