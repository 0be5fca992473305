"""Who may see a document: a customer or a party of its case what is theirs or meant for all of them; of our staff
whoever may read the case or the record, which is noted."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.cases import parties
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.documents.models import Document, Origin
from backoffice.refusals import NotFound


def document_of(public_id: uuid.UUID) -> Document:
    """Raises `NotFound`."""
    found = Document.objects.select_related("case", "case__customer", "customer").filter(public_id=public_id).first()
    if found is None:
        raise unknown_document()
    return found


def unknown_document() -> NotFound:
    return NotFound("unknown_document", _("There is no such document."))


def may_see(document: Document, *, customer: Customer) -> bool:
    """Whether it is this customer's. What one party sent, the other does not see; and what came by letter neither does,
    because an envelope may hold more than its form."""
    if document.origin == Origin.SCANNED:
        return False
    if document.customer_id is not None:
        return document.customer_id == customer.pk
    return document.case is not None and _takes_part(document.case, customer)


def of_case(case: Case, *, customer: Customer) -> QuerySet[Document]:
    """The documents of the case that this customer may see, the oldest first; none where they take no part in it."""
    found = Document.objects.filter(case=case).exclude(stored="").exclude(origin=Origin.SCANNED)
    theirs = Q(customer=customer) | (Q(customer=None) if _takes_part(case, customer) else Q(pk=None))
    return found.filter(theirs).order_by("made_at", "id")


def _takes_part(case: Case, customer: Customer) -> bool:
    return case.customer_id == customer.pk or bool(parties.role_of(case, customer))
