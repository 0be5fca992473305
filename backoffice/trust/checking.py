"""The public check page: "is this reference yours?", for anybody, without telling anything about anybody.

A check code (63 bits) answers alone. A case reference (29 bits) answers only together with the last three digits of the
telephone number that we have of the customer; without them the answer is the same for known and unknown. Every answer
takes the same queries, the same hashing and the same padded time, and names no person, number or amount.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages.catalogue import kind_of
from backoffice.references import tidy_reference
from backoffice.sealed import seal, unseal
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.trust.models import Contact, Direction
from backoffice.trust.quiet_hours import zone

PER_ADDRESS = Limit("check-page-address", times=20, per=timedelta(minutes=10))
PER_CASE = Limit("check-page-case", times=5, per=timedelta(hours=1))
"""Counted for known and unknown references alike, so that nobody can try all three digits from many IP addresses."""
IN_ALL = Limit("check-page", times=1200, per=timedelta(minutes=10))
PADDED_TO = timedelta(milliseconds=250)
CASE_REFERENCE_LENGTH = 7
NO_REFERENCE = "-"
"""A reference that no row has. It is looked up when the typed text is no reference."""
NOBODY = 0


class Answer(StrEnum):
    OURS = "ours"
    NOT_OURS = "not_ours"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Check:
    """One answer: the three sentences say what we know, what the message asks, and what to do now."""

    answer: Answer
    says: str
    asks: str
    now_do: str


def check(
    *, typed: str, last_three: str = "", address: str = "", now: datetime | None = None, padded: bool = True
) -> Check:
    """Answers what was typed on the check page. `address` is the sender's IP address, for the limits. The answer comes
    after `PADDED_TO`, or a multiple of it. `padded=False` is for callers that do the padding.
    """
    began = time.monotonic()
    now = now or timezone.now()
    reference = _reference(typed)
    try:
        within = allowed(PER_ADDRESS, address, now=now) and allowed(IN_ALL, "", now=now)
        if within and len(_characters(reference)) == CASE_REFERENCE_LENGTH:
            within = allowed(PER_CASE, reference, now=now)
        answer = _answer(reference, last_three) if within else _not_now(_too_often())
    except CannotCount as away:
        answer = _not_now(away.sentence)
    if padded:
        _pad(began)
    return answer


def _reference(typed: str) -> str:
    return (tidy_reference(typed) if typed.isascii() and len(typed) <= 64 else None) or NO_REFERENCE


def _characters(reference: str) -> str:
    return reference.replace("-", "")


def _answer(reference: str, last_three: str) -> Check:
    """All look-ups and comparisons are always made. Only the form of the typed text changes what is done, and its
    writer knows that already."""
    digits = "".join(one for one in last_three[:16] if one.isascii() and one.isdigit())
    length = len(_characters(reference))
    by_code = _newest(reference=reference)
    by_case = _newest(case_reference=reference)
    digits_fit = _number_ends_with(by_case, digits)
    if length == CASE_REFERENCE_LENGTH and len(digits) != 3:
        return _needs_digits()
    if length == CASE_REFERENCE_LENGTH:
        return _ours(by_case) if by_case and digits_fit else _not_ours()
    return _ours(by_code) if by_code else _not_ours()


def _newest(**which: str) -> Contact | None:
    ours = Contact.objects.filter(**which, direction=Direction.OUT).select_related("customer")
    return ours.order_by("-at").first()


def _number_ends_with(contact: Contact | None, digits: str) -> bool:
    """Always unseals exactly one number: that of the contact's customer, or one that belongs to nobody."""
    customer_id = contact.customer_id if contact and contact.customer_id else NOBODY
    numbers = ContactPoint.objects.filter(customer_id=customer_id, kind=ContactKind.PHONE, superseded_at=None)
    point = numbers.first()
    number = point.value if point else unseal(_number_of_nobody())
    fits = hmac.compare_digest(number[-3:], digits)
    return fits and point is not None


@lru_cache(maxsize=1)
def _number_of_nobody() -> str:
    return seal("+12025550100")


def _pad(began: float) -> None:
    step = PADDED_TO.total_seconds()
    time.sleep(step - (time.monotonic() - began) % step)


def _ours(contact: Contact) -> Check:
    purpose = kind_of(contact.purpose)
    local = contact.at.astimezone(zone(contact.customer.time_zone if contact.customer else "UTC"))
    values = {"channel": contact.get_channel_display(), "day": date_format(local, "j F Y")}
    says = _("Yes, this is ours: %(channel)s, %(day)s.") % values
    return Check(
        Answer.OURS,
        f"{says} {purpose.about}",
        str(purpose.asks),
        _("Compare: if your message asks for anything else, it is not from us. Do not do what it asks, and call us."),
    )


def _not_ours() -> Check:
    return Check(
        Answer.NOT_OURS,
        _("No, none of our messages has this code."),
        _("Look once more whether you typed all of it. If you did, the message is not from us."),
        _("Do not answer and do not open its links. If you have already done so, call us: %(phone)s.") % _phone(),
    )


def _needs_digits() -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell from the case alone."),
        _("Type the long code of the message, or add the last three digits of your telephone number."),
        _("If you are not sure, call us: %(phone)s.") % _phone(),
    )


def _too_often() -> str:
    return _("Too many messages were checked here in the last minutes. Try again in ten minutes.")


def _not_now(why: str) -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell now."),
        why,
        _("Until then, do nothing that the message asks. You can call us: %(phone)s.") % _phone(),
    )


def _phone() -> dict[str, str]:
    return {"phone": settings.COMPANY_PHONE}
