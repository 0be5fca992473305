"""A code by post, for a customer who wants no visit. It is good for 21 days, or 30 abroad (NIST SP 800-63A, enrolment
codes)."""

from __future__ import annotations

from datetime import datetime, timedelta

from backoffice.actors import Actor
from backoffice.cards.reissue.ordering import HOME_COUNTRY, letter_country
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.messages.catalogue import code_of
from backoffice.messages.telling import tell
from backoffice.trust import codes
from workflows.card_reissue import spec

ACTION = "enter_posted_code"
POSTED_CODE_LETTER = code_of(spec.POSTED_CODE_LETTER.name, process=spec.CARD_REISSUE.name)
AT_HOME, ABROAD = timedelta(days=21), timedelta(days=30)


def post(case: Case, *, by: Actor, now: datetime) -> datetime | None:
    """Issues the code and sends the letter; the code is only in the letter. Returns until when it is good. If the
    postal address changed within 30 days, nothing is sent and None is returned: a letter would prove only that the
    person who changed the address reads it (threat 3: contact change first, then reset through it). The same goes for
    an address whose parts nobody has checked: a letter with a code must not go astray.
    """
    customer = case.customer
    is_new = ContactKind.POSTAL in contact_points.changed_within(customer=customer, now=now)
    if is_new or contact_points.unchecked(customer=customer):
        timeline.note(case, "card.code_not_posted", by=by, at=now)
        return None
    life = AT_HOME if letter_country(case.customer) == HOME_COUNTRY else ABROAD
    _, clear = codes.issue(case_id=case.id, action=ACTION, minutes=int(life.total_seconds() // 60), now=now)
    tell(
        customer=case.customer,
        case_id=case.id,
        case_reference=case.reference,
        template=POSTED_CODE_LETTER,
        context={"code": codes.in_groups(clear), "until": (now + life).isoformat()},
        channels=("letter",),
        by=by,
        now=now,
    )
    timeline.note(case, "card.code_posted", by=by, at=now)
    return now + life


def enter(case: Case, *, typed: str, now: datetime) -> None:
    """Uses the code. Raises `CodeRefused`, whose words are the same whatever was wrong."""
    codes.use_within(case_id=case.id, action=ACTION, typed=typed, now=now)
