"""Finds domains by the beginning of a label, as people write it or as the registry does."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from backoffice import idn
from backoffice.domains import names
from backoffice.domains.models import Domain, DomainPart

MOST = 100
BATCH = 1000


def find(*, text: str) -> QuerySet[Domain]:
    """The domain of this whole name; else those of which a part begins like the text, at most `MOST`. `straße.example`
    is one name and `strasse.example` another, while `strass` is the beginning of both."""
    whole = idn.to_ascii(text)
    if whole is not None and (exact := Domain.objects.filter(name=whole)).exists():
        return exact
    beginning = names.sought(text)
    if not beginning:
        return Domain.objects.none()
    parts = DomainPart.objects.filter(text__startswith=beginning).order_by("text", "domain_id")
    found = dict.fromkeys(parts.values_list("domain_id", flat=True)[: MOST * 2])
    return Domain.objects.filter(pk__in=list(found)[:MOST])


def index(domain: Domain) -> None:
    """Writes the parts of a new domain; called by the rule that enters it, in its transaction."""
    DomainPart.objects.bulk_create(DomainPart(domain=domain, text=text) for text in sorted(names.parts_of(domain.name)))


def reindex(domains: Any = Domain.objects, parts: Any = DomainPart.objects) -> int:
    """Writes the parts of all domains anew, in batches, and gives how many domains there are. A migration gives its own
    managers."""
    last, done = 0, 0
    while batch := list(domains.filter(pk__gt=last).order_by("pk")[:BATCH]):
        with transaction.atomic():
            parts.filter(domain__in=[domain.pk for domain in batch]).delete()
            parts.bulk_create(
                parts.model(domain_id=domain.pk, text=text)
                for domain in batch
                for text in sorted(names.parts_of(domain.name))
            )
        last, done = batch[-1].pk, done + len(batch)
    return done
