"""Who contacted me, and my phrase: what tells our messages from those of others."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backoffice.portal import selectors
from backoffice.ui.customers import CustomerRequest, for_customers


@require_safe
@for_customers
def all_contacts(request: CustomerRequest) -> HttpResponse:
    """Every contact with this customer, a page at a time."""
    page = selectors.contact_page(customer=request.customer, before=request.GET.get("before", ""))
    context = {"customer": request.customer, "contacts": page.contacts, "older": page.older, "newest": page.newest}
    return render(request, "portal/contacts.html", context)


@require_safe
@for_customers
def phrase(request: CustomerRequest) -> HttpResponse:
    """The phrase, and what it is good for."""
    return render(request, "portal/phrase.html", {"customer": request.customer})
