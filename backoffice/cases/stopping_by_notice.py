"""Stopping a case without signing in: by the code of a message that announces what the case will change.

An attacker who has the session and the mailbox of a customer can do everything that needs a sign-in. So the messages
that announce a change go to the addresses of the last thirty days too, and whoever gets one of them can stop the case:
with the code of that message (63 bits) and the last three digits of a telephone number that the customer has, or had
before the change. Two steps are asked, so that no program that opens links stops anything. Stopping takes nothing from
anybody: what the case had prepared is taken back. A supervisor then looks into it.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import catalogue, incidents, timeline
from backoffice.cases.models import Case, CaseState, IncidentKind
from backoffice.cases.unit_of_work import changing
from backoffice.cases.withdrawing import withdraw
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.messages.catalogue import kind_of
from backoffice.messages.telling import WITNESS_DAYS, tell_all
from backoffice.messages.telling import Notice as Told
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Invalid
from backoffice.staff import rights
from backoffice.text import digits_of
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.models import Contact, Direction
from workflows.base.spec import STOPPED_BY_NOTICE

PER_NETWORK = Limit("stop-by-notice", times=10, per=timedelta(hours=1))
PER_CODE = Limit("stop-by-notice-code", times=5, per=timedelta(hours=1))
"""Counted for codes of ours and others alike, so that nobody can try all three digits from many networks."""
ALARM = "stopped_by_notice"
_NO_CUSTOMER = 0


@dataclass(frozen=True)
class Stoppable:
    """What a code would stop, in words that suit whoever has the message: no name, no address, no number."""

    title: str
    reference: str
    opened_at: datetime
    is_stopped: bool
    """It was stopped before, or is closed without having changed anything."""


@rights.needs(rights.STOP_BY_NOTICE)
def look(*, code: str, last_three: str, network: str, by: Actor, now: datetime) -> Stoppable:
    """What the code of a message would stop. Changes nothing. Raises `Invalid` on `code` for a code and digits that do
    not belong together, with the same words whichever of the two is wrong; `Conflict` after too many tries or once it
    is too late."""
    case = _found(code=code, last_three=last_three, network=network, now=now)
    return _stoppable(case)


@rights.needs(rights.STOP_BY_NOTICE)
def stop(*, code: str, last_three: str, network: str, by: Actor, now: datetime) -> Stoppable:
    """Stops the case, and has a supervisor look into it. A paused case stays paused, which is as good: it does not go
    on before a person has looked into it. Stopping again changes nothing. Raises what `look` raises."""
    found = _found(code=code, last_three=last_three, network=network, now=now)
    with changing(found.root_id_or_own) as root:
        if root.state in (CaseState.CLOSED, CaseState.STOPPING):
            return _stoppable(root)
        if root.past_no_return:
            raise _too_late()
        holder = Actor(
            kind=ActorKind.CUSTOMER,
            id=str(root.customer.public_id),
            channel=Channel.MAIL_LINK,
            proof="notice_code",
            request_id=by.request_id,
        )
        timeline.note(root, "case.stopped_by_notice", by=holder, at=now)
        incidents.open(root, IncidentKind.ALARM, by=holder, key=ALARM, values={"code": ALARM}, at=now)
        tell_all(
            customer=root.customer,
            case_id=root.id,
            case_reference=root.reference,
            notices=(Told(STOPPED_BY_NOTICE.name, channels=("mail", "sms"), urgent=True, to_old=True),),
            by=holder,
            now=now,
        )
        if root.state != CaseState.FROZEN:
            withdraw(case_id=root.id, by=holder, reason="by_notice")
    root.refresh_from_db()
    return _stoppable(root)


def _found(*, code: str, last_three: str, network: str, now: datetime) -> Case:
    """The case at the root of the family that the message belongs to."""
    reference = tidy_reference(code) or "-"
    digits = digits_of(last_three[:40])[-3:]
    if not (allowed(PER_NETWORK, network, now=now) and allowed(PER_CODE, reference, now=now)):
        raise Conflict("too_many_tries", _("Too many tries. Wait an hour, or call us."), field="code")
    message = Contact.objects.filter(reference=reference, direction=Direction.OUT).select_related("customer").first()
    case = _case_of(message)
    fits = _has_number(case.customer if case else None, digits, since=case.opened_at if case else now)
    if case is None or not fits:
        sentence = _("No message that announces a change has this code, with these last digits. Read both once more.")
        raise Invalid({"code": [sentence]})
    if case.past_no_return and case.state == CaseState.OPEN:
        raise _too_late()
    return case


def _too_late() -> Conflict:
    return Conflict(
        "too_late",
        _("It is too late to stop this: it is done already. Call us at once, we look into it."),
        field="code",
    )


def _case_of(message: Contact | None) -> Case | None:
    if message is None or message.case_id is None or not kind_of(message.purpose).notice.stops:
        return None
    case = Case.objects.select_related("customer").filter(id=message.case_id).first()
    if case is None or case.root_id is None:
        return case
    return Case.objects.select_related("customer").get(id=case.root_id)


def _has_number(customer: Customer | None, digits: str, *, since: datetime) -> bool:
    """Whether a verified telephone number that the customer has, or had within thirty days before `since`, ends so.
    Without any number the code alone counts: it must be possible to stop a theft."""
    phones = ContactPoint.objects.filter(
        customer_id=customer.pk if customer else _NO_CUSTOMER, kind=ContactKind.PHONE
    ).exclude(superseded_at__lt=since - timedelta(days=WITNESS_DAYS))
    numbers = [point.value for point in phones if point.verified_at or point.superseded_at is None]
    if not numbers:
        return customer is not None
    fits = [hmac.compare_digest(number[-3:], digits) for number in numbers]
    return len(digits) == 3 and True in fits


def _stoppable(case: Case) -> Stoppable:
    return Stoppable(
        title=_(catalogue.spec(case.process).customer_title),
        reference=case.reference,
        opened_at=case.opened_at,
        is_stopped=case.state in (CaseState.CLOSED, CaseState.STOPPING),
    )


def anybody() -> Actor:
    """Who uses the public page: nobody has signed in."""
    return Actor(kind=ActorKind.OUTSIDE, id="stop page", channel=Channel.MAIL_LINK, request_id=str(uuid.uuid4()))
