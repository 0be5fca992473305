"""What the search in the header found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.desk import searching
from backoffice.desk.pages import page
from backoffice.refusals import Forbidden


def search(request: HttpRequest, typed: str) -> HttpResponse:
    """A case's own reference leads to the case at once. Raises `Forbidden` for who reads no customers."""
    if not request.user.has_perm("customers.view_customer"):
        raise Forbidden("no_reading", _("Your role does not read customers' records."))
    found = searching.find(typed)
    if found.case:
        return redirect("admin:desk_case", found.case.reference)
    return page(request, "desk/search.html", _("Search"), {"found": found, "typed": typed.strip()})
