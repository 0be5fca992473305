"""What the search in the header found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.customers import records
from backoffice.desk import searching
from backoffice.refusals import Forbidden
from backoffice.text import kept
from backoffice.ui.staff import page, signed_in

LONGEST_SHOWN = 80
"""Characters of what was typed that the page repeats."""


def search(request: HttpRequest, typed: str) -> HttpResponse:
    """The reference of a case leads straight to the case. Raises `Forbidden` for people who may not read customers."""
    if not request.user.has_perm("customers.view_customer"):
        raise Forbidden("no_reading", _("Your role does not read customers' records."))
    found = searching.find(typed, reader=signed_in(request).actor)
    if found.case:
        return redirect("admin:desk_case", found.case.reference)
    context = {
        "found": found,
        "typed": kept(typed)[:LONGEST_SHOWN],
        "sought": [str(kind.sought) for kind in records.all_kinds() if kind.sought],
    }
    return page(request, "desk/search.html", _("Search"), context)
