"""The public check page: "is this code yours?", for anybody, without telling anything about anybody.

A check code (63 bits) answers alone. A case reference (29 bits) answers only together with the last three digits of the
telephone number that we have of the customer; without them, and with others, the answer is the same for known and
unknown. Every answer takes the same queries, the same hashing and the same padded time, and names no person, number or
amount.

A text that is no whole code of ours is never "not ours": somebody misread a genuine message. It gets no near misses
either, in contrast to the desk. There are 30^13 codes, about 1.6 × 10^19. With a hundred million of them sent and the
limit in all used up all year (63 million tries), the chance that one try hits is 1 in 2,500. If each try also stood for
its 27 near misses, it would be 1 in 90. And who misreads a code can read it again.
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
from django.utils.translation import gettext as _

from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages.catalogue import kind_of
from backoffice.references import CASE_LENGTH, CODE_LENGTH
from backoffice.sealed import seal, unseal
from backoffice.text import digits_of
from backoffice.trust import warnings
from backoffice.trust.extracting import extract
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.trust.models import Contact, Direction
from backoffice.trust.padding import pad
from backoffice.trust.reporting import PURPOSE as REPORTED
from backoffice.trust.verdicts import day_of

PER_ADDRESS = Limit("check-page-address", times=20, per=timedelta(minutes=10))
PER_CASE = Limit("check-page-case", times=5, per=timedelta(hours=1))
"""Counted for known and unknown references alike, so that nobody can try all three digits from many IP addresses."""
IN_ALL = Limit("check-page", times=1200, per=timedelta(minutes=10))
PADDED_TO = timedelta(milliseconds=250)
LONGEST_TYPED = 500
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
    """Answers what was typed on the check page. `address` is the sender's, as `networks.network_of` gives it,
    for the limits. The answer comes after `PADDED_TO`, or a multiple of it. `padded=False` is for callers that do the
    padding.
    """
    began = time.monotonic()
    now = now or timezone.now()
    read = _read(typed)
    try:
        within = allowed(PER_ADDRESS, address, now=now) and allowed(IN_ALL, "", now=now)
        if within and read.is_case:
            within = allowed(PER_CASE, read.reference, now=now)
        answer = _answer(read, last_three) if within else _not_now(_too_often())
    except CannotCount as away:
        answer = _not_now(away.sentence)
    if padded:
        pad(began, to=PADDED_TO)
    return answer


def going_round(*, text: str, address: str, now: datetime | None = None) -> Check:
    """Whether a pasted message, number or address is one that a published warning is about. It is looked at and not
    stored, and compared with nothing but what is public. The limits are those of the codes."""
    now = now or timezone.now()
    try:
        if not (allowed(PER_ADDRESS, address, now=now) and allowed(IN_ALL, "", now=now)):
            return _not_now(_too_often())
    except CannotCount as away:
        return _not_now(away.sentence)
    warning = warnings.matching(text=text, now=now)
    if warning is None:
        return Check(
            Answer.CANNOT_TELL,
            _("We cannot tell: nobody has warned of this yet."),
            _("Every message of ours shows a code. Type that code above, and you get an answer."),
            _("If it is not from us, report it. Until you know, do nothing that it asks."),
        )
    return Check(
        Answer.NOT_OURS,
        _("This is going round. It is not from us."),
        str(warning.words),
        _("Do not answer and do not open its links. If you have already done so, call us: %(phone)s.") % _phone(),
    )


@dataclass(frozen=True)
class _Typed:
    """The reference in what was typed: a check code where there is one, else that of a case."""

    reference: str = NO_REFERENCE
    is_certain: bool = False
    """Whether it can be nothing but a reference; a word or a number can look like one."""
    is_alone: bool = True

    @property
    def is_case(self) -> bool:
        return len(self.reference.replace("-", "")) == CASE_LENGTH


def is_case_reference(typed: str) -> bool:
    """Whether the answer needs the digits too."""
    return _read(typed).is_case


def case_reference_in(typed: str) -> str:
    """The reference of a case in what was typed; empty where there is none, or more than one."""
    read = _read(typed)
    return read.reference if read.is_case and read.is_alone else ""


def _read(typed: str) -> _Typed:
    found = extract(typed[:LONGEST_TYPED])
    fitting = found.references or found.chance_references
    codes = [one for one in fitting if len(one.replace("-", "")) == CODE_LENGTH]
    of_one_kind = codes or [one for one in fitting if len(one.replace("-", "")) == CASE_LENGTH]
    if not of_one_kind:
        return _Typed()
    return _Typed(of_one_kind[0], is_certain=bool(found.references), is_alone=len(of_one_kind) == 1)


def _answer(typed: _Typed, last_three: str) -> Check:
    """All look-ups and comparisons are always made. Only the form of the typed text changes what is done, and its
    writer knows that already."""
    digits = digits_of(last_three[:LONGEST_TYPED])[-3:]
    by_code = _newest(reference=typed.reference)
    by_case = _newest(case_reference=typed.reference, direction=Direction.OUT.value)
    digits_fit = _number_ends_with(by_case, digits)
    if not typed.is_alone:
        return _one_at_a_time()
    if typed.is_case:
        if len(digits) != 3:
            return _needs_digits()
        return _our_case(by_case) if by_case and digits_fit else _other_digits()
    if by_code:
        return _ours(by_code) if by_code.direction == Direction.OUT else _came_to_us(by_code)
    return _not_ours() if typed.is_certain else _misread()


def _newest(**which: str) -> Contact | None:
    return Contact.objects.filter(**which).select_related("customer").order_by("-at").first()


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


def _ours(contact: Contact) -> Check:
    says = _("Yes, this code is ours: %(channel)s, %(day)s.") % _when(contact)
    kind = kind_of(contact.purpose)
    return Check(Answer.OURS, f"{says} {kind.about}", str(kind.asks), _compare())


def _our_case(contact: Contact) -> Check:
    """A case has many messages: what the newest says need not be what the person has before them."""
    says = _("Yes, this case is ours. What we sent last: %(channel)s, %(day)s.") % _when(contact)
    kind = kind_of(contact.purpose)
    to_know = _("Is yours another one? Type its long code. Until you know, do nothing that it asks.")
    return Check(Answer.OURS, f"{says} {kind.about}", str(kind.asks), to_know)


def _when(contact: Contact) -> dict[str, str]:
    return {"channel": contact.get_channel_display(), "day": day_of(contact)}


def _compare() -> str:
    """Anybody can copy a code, and this page cannot see what the message says."""
    differs = _("Compare: if yours says or asks anything else, or has a link to press, it is not from us.")
    return differs + " " + _("Then do not do what it asks, and call us: %(phone)s.") % _phone()


def _not_ours() -> Check:
    return Check(
        Answer.NOT_OURS,
        _("No, none of our messages has this code."),
        _("Look once more whether you typed all of it. If you did, the message is not from us."),
        _("Do not answer and do not open its links. If you have already done so, call us: %(phone)s.") % _phone(),
    )


def _misread() -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell: this is no whole code of ours."),
        _(
            "Read it once more, one character after the other. The code of a message has 14 letters and digits, the "
            "reference of a case has 7. There is no 0, 1, I, L or O in it."
        ),
        _("If the message shows no such code, do nothing that it asks, and call us: %(phone)s.") % _phone(),
    )


def _one_at_a_time() -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell: you typed several codes."),
        _("Type one code at a time, and you get an answer for each."),
        _until_then(),
    )


def _needs_digits() -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell from the case alone."),
        _("Type the long code of the message, or add the last three digits of your telephone number."),
        _("If you are not sure, call us: %(phone)s.") % _phone(),
    )


def _other_digits() -> Check:
    """The same for a case of ours with other digits and for a reference that is no case: neither may be known."""
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell from this reference and these digits."),
        _("Look once more whether both are right, and whether we have another telephone number of you."),
        _until_then(),
    )


def _came_to_us(contact: Contact) -> Check:
    is_report = contact.purpose == REPORTED
    return Check(
        Answer.CANNOT_TELL,
        _("This is the number of a report that somebody made to us.")
        if is_report
        else _("This is the number of a call that somebody made to us."),
        _("No message of ours shows it. We give it only to the person who reports.")
        if is_report
        else _("No message of ours shows it. Only the person who called sees it, in the portal."),
        _until_then(),
    )


def _too_often() -> str:
    return _("Too many messages were checked here in the last minutes. Try again in ten minutes.")


def _not_now(why: str) -> Check:
    return Check(
        Answer.CANNOT_TELL,
        _("We cannot tell now."),
        why,
        _until_then(),
    )


def _until_then() -> str:
    return _("Until you know, do nothing that the message asks. You can call us: %(phone)s.") % _phone()


def _phone() -> dict[str, str]:
    return {"phone": settings.COMPANY_PHONE}
