"""Analysing the mails that came: what is found, and the answers on which it rests, are kept beside the mail, sealed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from email.utils import parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from psycopg_pool import PoolTimeout

from backoffice import idn
from backoffice.actors import Actor
from backoffice.customers.addresses import index_of, with_ascii_domain
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.mail_orders import rights
from backoffice.mail_orders.analysing import Analysis, Company, analyse, of_sender
from backoffice.mail_orders.look_alikes import originals
from backoffice.mail_orders.models import Aside, Hint, Mail, MailState
from backoffice.mail_orders.reasons import Reason, hint_of
from backoffice.mail_orders.resolving import LiveResolver, Resolver
from backoffice.mail_orders.storing import Envelope
from backoffice.staff.rights import needs
from backoffice.trust.mails.accepting import Accepted, check, decoded, header

BATCH = 20
log = structlog.get_logger(__name__)


def company() -> Company:
    """What is ours, by the settings."""
    ours = [parseaddr(settings.DEFAULT_FROM_EMAIL)[1], *settings.MAIL_INTAKE_ADDRESSES]
    domains = (idn.to_ascii(address.rpartition("@")[2]) for address in ours)
    return Company(
        name=settings.COMPANY_NAME,
        domains=frozenset(domain for domain in domains if domain),
        authserv_id=settings.MAIL_AUTHSERV_ID,
        sealers=frozenset(settings.MAIL_TRUSTED_SEALERS),
    )


@needs(rights.ANALYSE)
def analyse_received(*, by: Actor, resolver: Resolver | None = None, now: datetime) -> int:
    """Analyses the mails that came and were not analysed; gives how many. Each is locked only while its findings are
    written, and two that analyse the same one write the same. A mail on which the analysis fails goes to the desk as
    it is, and does not keep the others waiting. `now` is UTC."""
    waiting = Mail.objects.filter(state=MailState.RECEIVED).order_by("received_at")[:BATCH]
    keys = list(waiting.values_list("pk", flat=True))
    for key in keys:
        try:
            analyse_one(mail_id=key, by=by, resolver=resolver or LiveResolver(), now=now)
        except (DatabaseError, PoolTimeout):
            raise  # it is not the mail's fault: later, all of them again
        except Exception as error:
            _note_failure(key, now)
            log.error("mail could not be analysed", mail_id=str(key), error=type(error).__name__)
    return len(keys)


@needs(rights.ANALYSE)
def analyse_one(*, mail_id: Any, by: Actor, resolver: Resolver, now: datetime) -> None:
    """Analyses one mail: outside any transaction while it asks the domain name system."""
    mail = Mail.objects.get(pk=mail_id)
    if mail.state != MailState.RECEIVED:
        return
    envelope = envelope_of(mail)
    accepted = check(mail.content)
    found = analyse(
        mail.content,
        accepted=accepted,
        envelope=envelope,
        company=company(),
        resolver=resolver,
        now=mail.received_at,
    )
    with transaction.atomic():
        locked = Mail.objects.select_for_update().get(pk=mail_id)
        if locked.state == MailState.RECEIVED:
            _note(locked, accepted, found, now)
    log.info("mail analysed", mail=mail.reference, hint=locked.hint)


def _note_failure(mail_id: Any, now: datetime) -> None:
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=mail_id)
        if mail.state == MailState.RECEIVED:
            mail.reasons, mail.hint, mail.state = [Reason.NOT_ANALYSED.value], Hint.SUSPICIOUS, MailState.WAITING
            mail.note("not_analysed", at=now)
            mail.save()


def envelope_of(mail: Mail) -> Envelope:
    told = mail.envelope or {}
    return Envelope(told.get("ip", ""), told.get("helo", ""), told.get("mail_from", ""), tuple(told.get("to", ())))


def _note(mail: Mail, accepted: Accepted, found: Analysis, now: datetime) -> None:
    mail.findings = {
        "sender": accepted.sender,
        "name": accepted.name[:200],
        "subject": decoded(header(accepted.message, "Subject"))[:200],
        "reply_to": decoded(header(accepted.message, "Reply-To"))[:200],
        "date": str(accepted.message.get("Date", ""))[:60],
        "message_id": accepted.message_id[:300],
        "of_mail": [reason.value for reason in found.reasons],
        "authentication": asdict(found.authentication),
        "answers": found.answers,
    }
    mail.customer = customer_of(accepted.sender)
    compare_with(mail, mail.customer)
    mail.state = MailState.WAITING
    if Reason.AUTOMATIC in found.reasons:
        mail.state, mail.aside, mail.ended_at = MailState.SET_ASIDE, Aside.AUTOMATIC, now
    mail.note("analysed", at=now)
    mail.save()


def customer_of(sender: str) -> Customer | None:
    """The one customer whose address on file this is, or was, or from whose address it is a slip away; None where
    nobody or more than one fits."""
    for candidates in ([sender], originals(sender)):
        indexes = [index_of(kind=ContactKind.MAIL, value=candidate) for candidate in candidates]
        points = ContactPoint.objects.filter(kind=ContactKind.MAIL, value_index__in=indexes)
        in_force = set(points.filter(superseded_at=None).values_list("customer_id", flat=True))
        found = in_force or set(points.values_list("customer_id", flat=True))
        if found:
            return Customer.objects.get(pk=found.pop()) if len(found) == 1 else None
    return None


def compare_with(mail: Mail, customer: Customer | None) -> None:
    """Sets the reasons and the hint of the mail, as they are when it seems to be this customer's. Nothing is saved."""
    findings = mail.findings or {}
    on_file, former = addresses_of(customer) if customer else ([], [])
    fits = of_sender(str(findings.get("sender", "")), on_file=on_file, former=former, known=customer is not None)
    analysed = [Reason(code) for code in findings.get("of_mail", ())] if findings else [Reason.NOT_ANALYSED]
    reasons = [*analysed, *fits]
    mail.reasons = [reason.value for reason in reasons]
    mail.hint = hint_of(reasons)


def addresses_of(customer: Customer) -> tuple[list[str], list[str]]:
    """The mail addresses on file, and those that were superseded."""
    points = list(ContactPoint.objects.filter(customer=customer, kind=ContactKind.MAIL))
    in_force = [with_ascii_domain(point.value) for point in points if point.superseded_at is None]
    return in_force, [with_ascii_domain(point.value) for point in points if point.superseded_at is not None]
