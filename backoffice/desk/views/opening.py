"""Opening a case of any process for a customer, with the form of the process."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.cases import opening
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.desk.refusing import refusal
from backoffice.desk.views.customer import customer_of
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.ui import openings
from backoffice.ui.forms import with_faults
from backoffice.ui.staff import StaffMember, ask_why, may_read_customer, page, signed_in

KEY = "opening_key"
"""The field with the key of this page, so that sending the page twice opens one case."""


def show(request: HttpRequest, public_id: str, process: str) -> HttpResponse:
    """The form that opens a case; a POST opens it. Without a need to know, the question why."""
    customer, me = customer_of(public_id), signed_in(request)
    how = opening.openable(process, by=me.actor)
    if not may_read_customer(customer, me=me, page="desk:open", now=timezone.now()):
        return ask_why(request, customer)
    label = openings.label(how, by=me.actor)
    if request.method == "POST":
        return _open(request, customer, process, label, me)
    form = how.form(customer=customer, by=me.actor, initial=request.GET.dict())
    return _page(request, customer, label, form, why_not=how.why_not(customer))


def _open(request: HttpRequest, customer: Customer, process: str, label: str, me: StaffMember) -> HttpResponse:
    form = opening.openable(process, by=me.actor).form(request.POST, customer=customer, by=me.actor)
    key = _key_of(request)
    if key is None:
        form.full_clean()
        form.add_error(None, _("This page cannot be sent as it is. Send it again."))
        return _page(request, customer, label, form, status=Invalid.status)
    try:
        case, new = opening.open_by_form(
            process=process, customer=customer, by=me.actor, key=f"desk:{key}", data=request.POST
        )
    except Refused as refused:
        if not isinstance(refused, Invalid | Conflict) and refused.field not in form.fields:
            return refusal(request, refused)
        faulty = with_faults(form, refused)
        return _page(request, customer, label, faulty, key=key, status=refused.status)
    return _to(request, case, new=new)


def _key_of(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get(KEY, ""))
    except ValueError:
        return None


def _to(request: HttpRequest, case: Case, *, new: bool) -> HttpResponse:
    said = _("Case %(reference)s is open.") if new else _("This page has already opened case %(reference)s.")
    messages.success(request, said % {"reference": case.reference})
    return redirect("admin:desk_case", case.reference)


def _page(
    request: HttpRequest,
    customer: Customer,
    label: str,
    form: OpeningForm,
    *,
    key: uuid.UUID | None = None,
    why_not: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "customer": customer,
        "form": form,
        "why_not": why_not,
        "hidden": {"name": KEY, "value": str(key or uuid.uuid4())},
    }
    return page(request, "desk/open.html", label, context, status=status)
