"""Who of us is on the telephone with the reader now: the customer's own page, which is open in two seconds while the
telephone rings."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backoffice.telephony import live
from backoffice.telephony.templatetags.live import shown
from backoffice.ui.customers import CustomerRequest, for_customers


@require_safe
@for_customers
def now(request: CustomerRequest) -> HttpResponse:
    """With `?somebody` the reader says that somebody is on the telephone now."""
    found, somebody = live.state_of(request.customer), "somebody" in request.GET
    if somebody:
        found = found.to_somebody_on_the_telephone()
    context = {**shown(found), "customer": request.customer, "somebody": somebody, "live_page": True}
    return render(request, "portal/calls_now.html", context)


@require_safe
@for_customers
def ticket(request: CustomerRequest) -> HttpResponse:
    """A page that stays open gets another ticket, which every answer to a customer brings along."""
    return HttpResponse(status=204)
