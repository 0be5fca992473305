"""The customer's page of a call: the code that they read out, and the way to say that they are not talking to us."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.calls import codes
from backoffice.calls.portal.page import page_of
from backoffice.cases.models import Case
from backoffice.telephony.believed import BELIEVED_FOR
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from workflows.phone_authorisation.spec import PHONE_AUTHORISATION

LOOKS_EVERY = 3
"""How often the page looks for news while a code may be asked for, in seconds."""
FRESH_FOR = int(BELIEVED_FOR.total_seconds())
"""After so many seconds without an answer the page says that it cannot check: do not talk (trust, threat 4)."""
CODE = "portal:phone_authorisation:code"


@require_safe
@for_customers
def code(request: CustomerRequest, reference: str) -> HttpResponse:
    return render(request, "phone_authorisation/portal/code.html", _context(request, reference))


@require_safe
@for_customers
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """What has changed since the page was made, or 204 where nothing has."""
    context = _context(request, reference)
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "phone_authorisation/portal/_code.html", context)


@require_POST
@for_customers
def another(request: CustomerRequest, reference: str) -> HttpResponse:
    """A new code, because the one before is too old."""
    case = _case(request, reference)
    codes.show_another(case_id=case.id, by=request.actor)
    return redirect(CODE, case.reference)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def not_me(request: CustomerRequest, reference: str) -> HttpResponse:
    """ "I am not talking to you": asks for confirmation, then ends the call."""
    case = _case(request, reference)
    if request.method == "POST":
        codes.deny(case_id=case.id, by=request.actor)
        return redirect(CODE, case.reference)
    return render(request, "phone_authorisation/portal/not_me.html", _context(request, reference))


def _case(request: CustomerRequest, reference: str) -> Case:
    return own_case(request.customer, reference, process=PHONE_AUTHORISATION.name)


def _context(request: CustomerRequest, reference: str) -> dict[str, object]:
    case = _case(request, reference)
    shown = page_of(case, by=request.actor)
    return {
        "case": case,
        "shown": shown,
        "version": shown.version,
        "customer": request.customer,
        "looks_every": LOOKS_EVERY if shown.is_live else 0,
        "fresh_for": FRESH_FOR,
    }
