"""The portal's part of a contact change: another code for the new address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.actors import Actor
from backoffice.cases.models import Case
from backoffice.contact_changes import proving
from backoffice.contact_changes.models import ContactChange
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from workflows.contact_change.spec import CONTACT_CHANGE


@require_POST
@for_customers
def send_again(request: CustomerRequest, reference: str) -> HttpResponse:
    """Sends another code, and goes back to the page of the case."""
    case = own_case(request.customer, reference, process=CONTACT_CHANGE.name)
    proving.send_again(case_id=case.id, by=request.actor)
    messages.success(request, _("We sent another code. Only the newest one works."))
    return redirect("portal:case", case.reference)


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    """Where the code went, until when it is good, and how to get another one; only while it is waited for."""
    if not proving.is_awaited(case):
        return None
    now = timezone.now()
    shown = {
        "case": case,
        "change": ContactChange.of(case),
        "until": proving.good_until(case, now=now),
        "why_not": proving.why_not_again(case, now=now),
    }
    return "contact_change/portal_panel.html", shown


urlpatterns = [path("contact-change/<str:reference>/send-again/", send_again, name="send_again")]
