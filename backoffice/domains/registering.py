"""Enters a domain name that a customer holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.customers.models import Customer
from backoffice.domains import searching
from backoffice.domains.models import Domain, DomainHolding, Lock
from backoffice.domains.names import clean
from backoffice.domains.policies import registry_of
from backoffice.refusals import Conflict, Invalid


def register(
    *, name: str, customer: Customer, registered_at: datetime, expires_at: datetime, locks: Collection[str] = ()
) -> Domain:
    """Notes that the customer holds the name between two times (UTC), under the registry's locks.

    The same holder again is given the record that is there. Raises Invalid on `name`, `expires_at` or `locks`, and
    Conflict where somebody else holds the name.
    """
    written = clean(name)
    errors: dict[str, list[str]] = {}
    if expires_at <= registered_at:
        errors["expires_at"] = [_("It must end after it begins.")]
    if not set(locks) <= set(Lock.values):
        errors["locks"] = [_("Choose one of the locks that a registry knows.")]
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        domain, made = Domain.objects.get_or_create(
            name=written,
            defaults={
                "customer": customer,
                "registry": registry_of(written),
                "registered_at": registered_at,
                "expires_at": expires_at,
                "locks": sorted(set(locks)),
            },
        )
        if made:
            searching.index(domain)
            DomainHolding.objects.create(domain=domain, customer=customer, since=registered_at)
    if domain.customer_id != customer.pk:
        raise Conflict("domain_held", _("Another customer holds this name."), field="name")
    return domain
