"""The old URL for reporting a card, from before all processes were opened in the same way. Bookmarks may have it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_http_methods

from backoffice.ui.customers import CustomerRequest, for_customers
from workflows.card_reissue.spec import CARD_REISSUE


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def report(request: CustomerRequest) -> HttpResponse:
    """Redirects to the form that opens the case, with the values that an old page sends."""
    return redirect("portal:open", CARD_REISSUE.name, preserve_request=request.method == "POST")


urlpatterns = [path("cards/report/", report, name="report")]
