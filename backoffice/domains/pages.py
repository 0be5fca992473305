"""A domain on its own page: for its holder, and for staff with everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, Row, Section
from backoffice.domains import debts, holding, orders, statuses, terms
from backoffice.domains.holding import WhyNot
from backoffice.domains.invoices import due
from backoffice.domains.models import Domain, Lock
from backoffice.domains.policies import policy_of
from backoffice.domains.safeguards import standing as safeguards
from backoffice.domains.transfer_out.eligibility import why_not_transferable
from backoffice.refusals import Conflict, NotFound


def for_customer(record: Record, domain: Domain, customer: Customer) -> Detail:
    now = timezone.now()
    locks = _locks(domain, debts.own(domain, now))
    sections = (_facts(domain), safeguards.section(domain), locks, _terms(domain, now))
    return Detail(record, (*sections, _orders(domain, customer)))


def for_staff(record: Record, domain: Domain) -> Detail:
    now = timezone.now()
    locks = _locks(domain, _debt_for_staff(domain, now))
    sections = (_facts(domain), locks, _orders(domain, None), _registry(domain), _terms(domain, now))
    return Detail(record, (*sections, safeguards.section(domain, for_staff=True), _holders(domain)))


def find(customer: Customer, key: str) -> Domain | None:
    """The customer's domain of this key."""
    try:
        return holding.own(domain=key, customer=customer)
    except NotFound:
        return None


def day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y") if at else _("never")


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i")


def _facts(domain: Domain) -> Section:
    rows = [Row(_("As people write it"), domain.unicode_name)]
    if domain.name != domain.unicode_name:
        rows.append(Row(_("As the registry has it"), domain.name))
    rows += [
        Row(_("State"), str(domain.get_state_display())),
        Row(_("Registered"), day(domain.registered_at)),
        Row(_("Paid until"), day(domain.expires_at)),
        Row(_("Came from another provider"), day(domain.transferred_at)),
    ]
    if title := _rules(domain):
        rows.append(Row(_("Registry"), title))
    return Section(_("The name"), rows)


def _rules(domain: Domain) -> str:
    try:
        return policy_of(domain.name).title
    except Conflict:
        return ""


def _debt_for_staff(domain: Domain, now: datetime) -> str:
    """Which invoice is overdue, and whose it is if not the holder's."""
    late = debts.overdue(domain, now)
    if late is None:
        return ""
    told = f"{late.number}: {due.in_words(late, now)}"
    if late.customer_id == domain.customer_id:
        return told
    return _("%(invoice)s. It is not the holder's own: do not tell them more than that the domain is held.") % {
        "invoice": told
    }


def _locks(domain: Domain, debt: str) -> Section:
    told = statuses.in_words(domain.statuses) or [str(Lock(one).label) for one in domain.locks]
    rows = [Row(_("At the registry"), one) for one in told]
    if domain.transfer_lock_until and domain.transfer_lock_until > timezone.now():
        rows.append(Row(_("After the change of holder"), _("no transfer before %s") % day(domain.transfer_lock_until)))
    if domain.authinfo_set_at:
        rows.append(Row(_("Transfer code"), _("set since %s") % moment(domain.authinfo_set_at)))
    if domain.held_by_case:
        reference = Case.objects.filter(id=domain.held_by_case).values_list("reference", flat=True).first()
        rows.append(Row(_("Held by a case"), _("nothing else can change it meanwhile"), reference or ""))
    if debt:
        rows.append(Row(_("Invoice"), debt))
    return Section(_("Locks"), rows, _("There is no lock on this domain."))


def _terms(domain: Domain, now: datetime) -> Section:
    """What each change would take now, or why it cannot be, by the rules of its registry."""
    try:
        rows = [
            Row(
                _("To give it to somebody else"),
                _now_or(holding.why_not_changeable(domain, now), terms.cession_takes(domain)),
            ),
            Row(
                _("To take it to another provider"),
                _now_or(why_not_transferable(domain, now), terms.transfer_takes(domain)),
            ),
        ]
    except Conflict as unknown:
        return Section(_("What a change takes"), (), unknown.sentence)
    return Section(_("What a change takes"), rows)


def _now_or(why_not: WhyNot | None, takes: str) -> str:
    return f"{_('Not now.')} {why_not.sentence}" if why_not else takes


def _orders(domain: Domain, reader: Customer | None) -> Section:
    rows = [_order(one) for one in orders.of_domain(domain, reader=reader)]
    return Section(_("Orders"), rows, _("Nothing was ordered for this domain."))


def _order(order: orders.Order) -> Row:
    told = "; ".join(f"{moment(act.at)}: {act}" for act in order.acts)
    value = f"{order.title}: {order.result}. {told}".rstrip()
    return Row(day(order.case.opened_at), value, order.case.reference)


def _registry(domain: Domain) -> Section:
    contacts: Sequence[tuple[str, str]] = domain.contacts
    rows = [
        Row(_("Its code"), domain.registry or _("none that we look after")),
        Row(_("Registrant"), domain.registrant_handle or _("not known yet")),
        *[Row(_("Contact: %(kind)s") % {"kind": kind}, handle) for kind, handle in contacts],
        Row(_("States"), ", ".join(sorted(domain.statuses)) or _("not asked yet")),
    ]
    return Section(_("At the registry"), rows)


def _holders(domain: Domain) -> Section:
    found = domain.holdings.select_related("customer").order_by("-since", "-pk")
    rows = [
        Row(
            one.customer.name,
            _("since %(since)s, until %(until)s: %(how)s") % _told(one.since, one.until, str(one.get_how_display()))
            if one.until
            else _("since %(since)s: %(how)s") % _told(one.since, None, str(one.get_how_display())),
            one.case_reference,
        )
        for one in found
    ]
    return Section(_("Holders"), rows)


def _told(since: datetime, until: datetime | None, how: str) -> dict[str, str]:
    return {"since": day(since), "until": day(until), "how": how}
