"""The codes that a case's customer gives to the other party with their own hands, and the letters that they have sent
again: how things stand, and what they can do.

A code that is handed over proves that the customer wants whoever brings it, and nothing else about them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import catalogue, parties, party_codes, timeline
from backoffice.cases.answering import Session
from backoffice.cases.confirming import Step, proven
from backoffice.cases.models import Case, CaseState, Party
from backoffice.cases.opening import check_whose
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import Way
from backoffice.refusals import Conflict, NotFound
from backoffice.staff import rights
from backoffice.trust import codes

MOST = {Way.HAND: 10, Way.LETTER: 3}
"""Codes of one invitation."""
LETTER_UNDER_WAY = timedelta(days=5)
"""So long a letter may be on its way before another one is sent."""


@dataclass(frozen=True)
class Standing:
    """The invitation of a party who has not joined, for the case's customer. `since` and `until` (UTC) are those of the
    code that is good now; None where none is. `has_been` says that there was one. `why_not` says why no other code can
    be had now; empty when one can. `mail_given` is that somebody with the code gave a mail address."""

    party: Party
    since: datetime | None
    until: datetime | None
    has_been: bool
    why_not: str
    mail_given: bool

    @property
    def by_hand(self) -> bool:
        return self.party.way == Way.HAND

    @property
    def by_letter(self) -> bool:
        return self.party.way == Way.LETTER

    @property
    def role(self) -> str:
        return str(self.party.role)


@dataclass(frozen=True)
class Handed:
    """A code in groups, to be shown once, and until when it is good (UTC)."""

    code: str
    until: datetime


def step_of(role: str) -> str:
    """What the customer proves who they are for."""
    return f"hand_over:{role}"


def level_of(case: Case, role: str) -> int:
    """The level of assurance that the process asks for a code to this party. Raises `NotFound`."""
    for one in catalogue.spec(case.process).parties:
        if one.name == role:
            return one.level
    raise _unknown()


def standings(case: Case, *, now: datetime) -> Sequence[Standing]:
    """The invitations of the case that are not by mail and wait; none in a case that does not go on."""
    if case.state != CaseState.OPEN:
        return []
    found = [party for party in parties.of_case(case).values() if party.way != Way.MAIL]
    return [_standing(case, party, now=now) for party in found if party.customer.user_id is None]


def standing(case: Case, role: str, *, now: datetime) -> Standing:
    """One of them. Raises `NotFound`."""
    found = next((one for one in standings(case, now=now) if one.role == role), None)
    if found is None:
        raise _unknown()
    return found


@rights.needs(rights.HAND_OVER)
def make_code(
    *, case_id: uuid.UUID, role: str, by: Actor, session: Session | None = None, now: datetime | None = None
) -> Handed:
    """A new code for the customer to hand over; an older one is void from now on, and so is a mail address that was
    given with it and not proven. Raises `NotFound` for a case that is not theirs and an invitation that does not wait,
    `NeedsProof` without a proof for it, `Conflict` after too many, and `codes.NoMoreCodes`."""
    now = now or timezone.now()
    with changing(case_id) as case:
        waits = _mine(case, role, Way.HAND, by=by, now=now)
        step = Step(case.id, step_of(role))
        by = proven(step, by=by, session=session, level=level_of(case, role), now=now)
        clear, until = party_codes.issue(case, waits.party, now=now)
        timeline.note(case, "party.code_made", by=by, data={"party": role}, at=now)
    return Handed(codes.in_groups(clear), until)


@rights.needs(rights.HAND_OVER)
def post_again(*, case_id: uuid.UUID, role: str, by: Actor, now: datetime | None = None) -> None:
    """Sends another letter with another code to the same address; the code of the one before is void from now on.
    Raises as `make_code`, but asks for no proof: nobody sees the code."""
    now = now or timezone.now()
    with changing(case_id) as case:
        waits = _mine(case, role, Way.LETTER, by=by, now=now)
        party_codes.write_to(case, waits.party, by=by, now=now)
        timeline.note(case, "party.invited_by_letter", by=by, data={"party": role}, at=now)


# --- inside -----------------------------------------------------------------------------------------------------------


def _unknown() -> NotFound:
    return NotFound("unknown_invitation", _("There is no such invitation."))


def _mine(case: Case, role: str, way: Way, *, by: Actor, now: datetime) -> Standing:
    check_whose(case.customer, by=by)
    found = standing(case, role, now=now)
    if found.party.way != way:
        raise _unknown()
    if found.why_not:
        raise Conflict("no_code_now", found.why_not)
    return found


def _standing(case: Case, party: Party, *, now: datetime) -> Standing:
    made = list(party_codes.made(party)[: max(MOST.values())])
    last = made[0] if made else None
    is_good = last is not None and last.void_at is None and now < last.expires_at
    is_good = is_good and last is not None and last.failures < last.allowed_failures
    return Standing(
        party=party,
        since=last.issued_at if last and is_good else None,
        until=last.expires_at if last and is_good else None,
        has_been=last is not None,
        why_not=_why_not(Way(party.way), len(made), last.issued_at if last else None, now),
        mail_given=party.claimed_mail is not None,
    )


def _why_not(way: Way, made: int, last: datetime | None, now: datetime) -> str:
    if made >= MOST[way]:
        sentence = _("You have had as many codes as we give for one invitation. Call us: %(phone)s.")
        return sentence % {"phone": settings.COMPANY_PHONE}
    if way is Way.LETTER and last is not None and now - last < LETTER_UNDER_WAY:
        return _("The letter may still be on its way. You can have another one sent after five days.")
    return ""
