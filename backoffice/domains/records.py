"""A customer's domains, as the faces show and find them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice import idn
from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, RecordKind, Start
from backoffice.domains import offering, pages, searching
from backoffice.domains.debts import overdue, with_debts
from backoffice.domains.models import Domain, DomainState

MOST = 200


def of_customer(customer: Customer) -> Sequence[Record]:
    domains = with_debts(Domain.objects.filter(customer=customer)).order_by("name")[:MOST]
    return [_record(domain) for domain in domains]


def find(typed: str, most: int) -> Sequence[Record]:
    return [_record(domain) for domain in searching.find(text=typed).select_related("customer")[:most]]


def holder_of(name: str) -> Customer | None:
    """Whoever has the domain of this whole name now."""
    domains = Domain.objects.filter(name=idn.to_ascii(name) or "").exclude(state=DomainState.GONE)
    found = domains.select_related("customer").first()
    return found.customer if found else None


def _record(domain: Domain, starts: Sequence[Start] = ()) -> Record:
    """What can be started stands on the domain's own page only."""
    return Record(domain.customer, str(domain), _state(domain), starts, str(domain.public_id))


def detail_for_customer(customer: Customer, key: str) -> Detail | None:
    domain = pages.find(customer, key)
    return pages.for_customer(_record(domain, offering.starts(domain)), domain, customer) if domain else None


def detail_for_staff(customer: Customer, key: str) -> Detail | None:
    domain = pages.find(customer, key)
    return pages.for_staff(_record(domain, offering.starts(domain, for_staff=True)), domain) if domain else None


def _state(domain: Domain) -> str:
    """ "registered, until 26 November 2028, with an overdue invoice"."""
    until = _t("until %(day)s") % {"day": date_format(timezone.localtime(domain.expires_at), "j F Y")}
    late = overdue(domain, timezone.now())
    owed = [_t("with an overdue invoice")] if late and late.customer_id == domain.customer_id else []
    return ", ".join([str(domain.get_state_display()), until, *owed])


KIND = RecordKind(
    name="domains",
    title=_("Domains"),
    mine=_("My domains"),
    of_customer=of_customer,
    find=find,
    sought=_("the whole name of a domain or the beginning of a part of it"),
    reindex=searching.reindex,
    holder_of=holder_of,
    detail_for_customer=detail_for_customer,
    detail_for_staff=detail_for_staff,
)
