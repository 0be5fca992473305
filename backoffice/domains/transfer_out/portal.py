"""The page on which the holder sees the transfer code of their domain, once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.cases.models import Case
from backoffice.domains.transfer_out import codes
from backoffice.domains.transfer_out.standing import Moment, code_page
from backoffice.refusals import NeedsProof
from backoffice.ui.customers import CustomerRequest, for_customers, own_case, session_of
from workflows.domain_transfer_out.spec import DOMAIN_TRANSFER_OUT

LOOKS_EVERY = 2
"""How often the page looks whether another code is there, in seconds."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def code(request: CustomerRequest, reference: str) -> HttpResponse:
    """Opening the page shows nothing and changes nothing; its button shows the code, and only then."""
    case = _case(request, reference)
    if request.method != "POST":
        return render(request, "domain_transfer_out/code.html", _context(request, case))
    try:
        shown = codes.reveal(case_id=case.id, by=request.actor, session=session_of(request))
    except NeedsProof:
        return redirect("portal:domain_transfer_out:code", case.reference)
    return render(request, "domain_transfer_out/code_shown.html", {"case": case, "code": shown})


@require_safe
@for_customers
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """The part of the page that changes once the registry has another code; 204 while it has not."""
    context = _context(request, _case(request, reference))
    if context["moment"] is Moment.COMING:
        return HttpResponse(status=204)
    return render(request, "domain_transfer_out/_code.html", context)


def _case(request: CustomerRequest, reference: str) -> Case:
    return own_case(request.customer, reference, process=DOMAIN_TRANSFER_OUT.name)


def _context(request: CustomerRequest, case: Case) -> dict[str, object]:
    page = code_page(case, session=session_of(request), now=timezone.now())
    return {
        "case": case,
        "moment": page.moment,
        "out": page.out,
        "domain": page.out.domain,
        "taking": page.taking,
        "customer": request.customer,
        "looks_every": LOOKS_EVERY if page.moment is Moment.COMING else 0,
    }


urlpatterns = [
    path("cases/<str:reference>/transfer/code/", code, name="code"),
    path("cases/<str:reference>/transfer/code/status/", status, name="status"),
]
