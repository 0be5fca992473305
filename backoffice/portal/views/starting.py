"""Starting something: the menu, what the customer has with us, and the form that opens a case of any process."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.cases import opening
from backoffice.cases.catalogue import Opening
from backoffice.cases.forms import OpeningForm
from backoffice.portal import starting
from backoffice.refusals import Forbidden, Invalid, NotFound, Refused
from backoffice.ui import openings
from backoffice.ui.customers import CustomerRequest, for_customers
from backoffice.ui.forms import plainly_worded, with_faults


@require_safe
@for_customers
def menu(request: CustomerRequest) -> HttpResponse:
    groups = starting.menu(customer=request.customer, by=request.actor)
    return render(request, "portal/start.html", {"groups": groups, "also_what_cannot": True})


@require_safe
@for_customers
def mine(request: CustomerRequest) -> HttpResponse:
    kinds = starting.mine(customer=request.customer, by=request.actor)
    return render(request, "portal/mine.html", {"kinds": kinds})


@require_safe
@for_customers
def thing(request: CustomerRequest, kind: str, key: str) -> HttpResponse:
    """One thing that the customer has with us: what it is, what can be started about it, and every past order."""
    detail, offers = starting.one(customer=request.customer, kind=kind, key=key, by=request.actor)
    return render(request, "portal/thing.html", {"detail": detail, "offers": offers})


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def open_one(request: CustomerRequest, process: str) -> HttpResponse:
    """The form that opens a case. It is prefilled from the query of the URL. Sending the same page twice opens one
    case."""
    try:
        opens = opening.openable(process, by=request.actor)
    except Forbidden as refused:
        raise NotFound(refused.code, refused.sentence) from None
    if request.method == "POST":
        return _open(request, process, opens)
    initial = {name: value for name, value in request.GET.items() if name in opens.form.base_fields}
    form = opens.form(customer=request.customer, by=request.actor, initial=initial)
    return _show(request, opens, form, key=uuid.uuid4(), why_not=opens.why_not(request.customer))


def _open(request: CustomerRequest, process: str, opens: Opening) -> HttpResponse:
    key = _key_sent(request)
    try:
        case, _new = opening.open_by_form(
            process=process,
            customer=request.customer,
            by=request.actor,
            key=starting.opening_key(request.customer, key),
            data=request.POST,
        )
    except Refused as refused:
        form = opens.form(request.POST, customer=request.customer, by=request.actor)
        if refused.status != HTTPStatus.BAD_REQUEST and refused.field not in form.fields:
            raise
        return _show(request, opens, with_faults(form, refused), key=key)
    messages.success(request, _("We have it. Here is how it goes on."))
    return redirect("portal:case", case.reference)


def _key_sent(request: CustomerRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid({"": [_("This page was not complete. Nothing was sent. Load it again.")]}) from None


def _show(
    request: CustomerRequest, opens: Opening, form: OpeningForm, *, key: uuid.UUID, why_not: str = ""
) -> HttpResponse:
    context = {
        "title": openings.label(opens, by=request.actor),
        "form": plainly_worded(form),
        "key": key,
        "why_not": why_not,
    }
    return render(request, "portal/open.html", context, status=400 if form.errors else 200)
