"""The contact register: every contact, whatever its channel, has its row and its reference before it leaves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from backoffice.customers.models import Customer
from backoffice.trust.models import Contact


def register(*, contacts: Sequence[Contact]) -> None:
    """Writes new contacts in one statement, in the caller's transaction: what is rolled back has never left."""
    Contact.objects.bulk_create(contacts)


def of_customer(customer: Customer) -> QuerySet[Contact]:
    """ "Who contacted me": all contacts of a customer, the newest first."""
    return Contact.objects.filter(customer=customer).order_by("-at", "-pk")
