"""The pages "who contacted me" and "my phrase", which tell our messages from those of others; and "who looked at my
data"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.customers import reading
from backoffice.customers.models import Access
from backoffice.portal import selectors
from backoffice.staff.models import Role, User
from backoffice.trust import register
from backoffice.ui.customers import CustomerRequest, for_customers
from backoffice.ui.paging import Page, page_of

CONTACTS_A_PAGE = 30
LOOKS_A_PAGE = 30


@dataclass(frozen=True)
class Looked:
    """One opening of the customer's data. `who` is the name and the role of the person at the desk, who was told before
    that the customer may read it. `reference` is the case's, if it was for one."""

    at: datetime
    who: str
    reason: str
    reference: str


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


@require_safe
@for_customers
def looked(request: CustomerRequest) -> HttpResponse:
    """Who opened the customer's data at the desk, a page at a time."""
    found = reading.openings_of(customer=request.customer)
    page = page_of(found, order=("-at", "-pk"), after=request.GET.get("after", ""), size=LOOKS_A_PAGE)
    references = selectors.references(customer=request.customer, ids=[one.case_id for one in page.rows if one.case_id])
    rows = _looked(page, {str(case_id): reference for case_id, reference in references.items()})
    context = {"customer": request.customer, "page": page, "rows": rows}
    return render(request, "portal/looked.html", context)


def _looked(page: Page[Access], references: Mapping[str, str]) -> Sequence[Looked]:
    people: dict[int, User] = {}
    for one in page.rows:
        people.setdefault(one.user_id, one.user)
    names = {key: f"{user.get_full_name()}, {_role(user)}" for key, user in people.items()}
    return [Looked(one.at, names[one.user_id], one.reason, references.get(str(one.case_id), "")) for one in page.rows]


def _role(user: User) -> str:
    """What they are now."""
    return next((str(role.label) for role in Role if role.value in user.role_names), _("no longer with us"))
