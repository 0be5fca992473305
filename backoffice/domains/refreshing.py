"""Writes into our record of a domain what its registry says of it now."""

from __future__ import annotations

from django.db import transaction

from backoffice.domains import statuses
from backoffice.domains.models import Domain
from backoffice.domains.ports import RegisteredDomain


def note_seen(*, domain: Domain, seen: RegisteredDomain) -> Domain:
    """Takes over handles, states, locks and times. The holder stays: only `holding.change_holder` changes them. Raises
    `ValueError` for what was said of another name, a mistake of the caller."""
    if seen.name != domain.name:
        raise ValueError("the registry was asked about another domain")
    told = {
        "registrant_handle": seen.registrant,
        "contacts": [[kind, handle] for kind, handle in seen.contacts],
        "statuses": sorted(seen.statuses),
        "locks": statuses.locks_of(seen.statuses),
        "registered_at": seen.created_at,
        "expires_at": seen.expires_at,
        "transferred_at": seen.transferred_at,
    }
    with transaction.atomic():
        locked = Domain.objects.select_for_update().get(pk=domain.pk)
        for name, value in told.items():
            setattr(locked, name, value)
            setattr(domain, name, value)
        locked.save(update_fields=list(told))
    return locked
