"""What can be started about a domain: every process whose opening asks for one, in the order of the menus. So a new
process needs no line here, and the pages of a domain know none."""

from __future__ import annotations

from collections.abc import Sequence

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import catalogue
from backoffice.cases.catalogue import Opening
from backoffice.customers.records import Start
from backoffice.domains.models import Domain

FIELD = "domain"
"""The name of the field in which an opening asks for a domain, by its public id."""


def starts(domain: Domain, *, for_staff: bool = False) -> Sequence[Start]:
    """For one domain's own page: each form is made once, and asked what it refuses and why. Who of staff may open
    which, the desk asks."""
    found = [(process.name, process.opening) for process in catalogue.all_processes()]
    return [
        _start(name, opening, domain, for_staff=for_staff)
        for name, opening in found
        if opening is not None and (for_staff or opening.by_customers) and FIELD in opening.form.base_fields
    ]


def _start(process: str, opening: Opening, domain: Domain, *, for_staff: bool) -> Start:
    holder = Actor(kind=ActorKind.CUSTOMER, id=str(domain.customer.public_id), channel=Channel.PORTAL)
    by = Actor(kind=ActorKind.STAFF, id="", channel=Channel.DESK) if for_staff else holder
    form = opening.form(customer=domain.customer, by=by)
    why_not = dict(form.refused).get(str(domain), "")
    label = str(opening.offer if for_staff else opening.offer_to_customer or opening.offer)
    return Start(process, label, {FIELD: str(domain.public_id)}, why_not, str(form.intro))
