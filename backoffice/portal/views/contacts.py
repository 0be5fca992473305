"""The pages "who contacted me" and "my phrase", which tell our messages from those of others."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backoffice.trust import register
from backoffice.ui.customers import CustomerRequest, for_customers
from backoffice.ui.paging import page_of

CONTACTS_A_PAGE = 30


@require_safe
@for_customers
def all_contacts(request: CustomerRequest) -> HttpResponse:
    """Every contact with this customer, a page at a time."""
    found = register.of_customer(request.customer)
    page = page_of(found, order=("-at", "-pk"), after=request.GET.get("after", ""), size=CONTACTS_A_PAGE)
    return render(request, "portal/contacts.html", {"customer": request.customer, "page": page})


@require_safe
@for_customers
def phrase(request: CustomerRequest) -> HttpResponse:
    """The phrase, and what it is for."""
    return render(request, "portal/phrase.html", {"customer": request.customer})
