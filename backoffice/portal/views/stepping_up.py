"""The page on which the customer confirms one step. It says which step that is."""

from __future__ import annotations

import uuid

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.cases import answering
from backoffice.cases.models import ItemState, WorkItem
from backoffice.portal import selectors, stepping_up
from backoffice.portal.stepping_up import Method, NotConfirmed
from backoffice.portal.views.answering import is_proven, send
from backoffice.portal.views.cases import title_of
from backoffice.refusals import Conflict
from backoffice.ui import headlines, times
from backoffice.ui.customers import CustomerRequest, for_customers, refused_page, session_of
from backoffice.ui.forms import form_of


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The six digits in your authenticator app"),
        help_text=_("Type them only here. We never ask for them on the telephone or by mail."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Type the six digits that your app shows now.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def confirm(request: CustomerRequest, item_id: uuid.UUID) -> HttpResponse:
    """Asks for a code or a passkey, then leads back to the step. A step without a form is answered at once."""
    work = selectors.item(customer=request.customer, item_id=item_id)
    if work.state == ItemState.ANSWERED:
        return redirect("portal:done", work.id)
    try:
        answering.check_open(work.case, work)
    except Conflict as refused:
        return refused_page(request, refused, reference=work.case.reference)
    if request.method != "POST":
        return redirect("portal:item", work.id) if is_proven(request, work) else _show(request, work, CodeForm())
    form = CodeForm(request.POST)
    try:
        if not _confirmed(request, work, form):
            return _show(request, work, form)
    except NotConfirmed as refused:
        form.is_valid()
        form.errors.clear()
        form.add_error(refused.field or None, refused.sentence)
        return _show(request, work, form)
    if form_of(work, by=request.actor).fields:
        return redirect("portal:item", work.id)
    return send(request, work, {})


def _confirmed(request: CustomerRequest, work: WorkItem, form: CodeForm) -> bool:
    session = session_of(request)
    if credential := request.POST.get("credential"):
        stepping_up.with_passkey(work=work, session=session, credential=credential)
    elif form.is_valid():
        stepping_up.with_code(work=work, session=session, typed=form.cleaned_data["code"])
    else:
        return False
    return True


def _show(request: CustomerRequest, work: WorkItem, form: CodeForm) -> HttpResponse:
    context = {
        "item": work,
        "case": work.case,
        "title": title_of(work),
        "about": headlines.about(work),
        "form": form,
        "has_form": bool(form_of(work, by=request.actor).fields),
        **ways_of(request),
    }
    return render(request, "portal/confirm.html", context, status=400 if form.errors else 200)


def ways_of(request: CustomerRequest) -> dict[str, object]:
    """With what the customer can confirm a step, for `portal/_confirm.html`."""
    methods = stepping_up.methods_of(request.user)
    return {
        "methods": methods,
        "counts_from": times.until(stepping_up.counts_from(request.user), request.customer),
        "has_totp": Method.TOTP in methods,
        "has_passkey": Method.PASSKEY in methods,
        "passkey": stepping_up.passkey_options(request.user) if Method.PASSKEY in methods else None,
    }
