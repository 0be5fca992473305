"""The code that shows that a new address is the customer's: it goes to that address alone, and is good for this change
of this case."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.contact_changes import refusing, words
from backoffice.contact_changes.models import ContactChange
from backoffice.contact_changes.rights import SEND_AGAIN
from backoffice.customers.addresses import COSTS_EXTRA
from backoffice.messages.catalogue import code_of
from backoffice.messages.telling import Notice, tell_all
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from backoffice.trust import codes
from backoffice.trust.models import Code
from workflows.contact_change.facts import What
from workflows.contact_change.spec import CODE_NOTICE, CONTACT_CHANGE, ENTER_CODE, PERIODS

ACTION = "prove_new_address"
LETTER = code_of(CODE_NOTICE.name, process=CONTACT_CHANGE.name)
MOST_CODES: Mapping[What, int] = {What.MAIL: 5, What.PHONE: 5, What.POSTAL: 3}
"""In one case: who never gets one has given a wrong address."""
PAUSES: Mapping[What, timedelta] = {
    What.MAIL: timedelta(minutes=5),
    What.PHONE: timedelta(minutes=1),
    What.POSTAL: timedelta(days=5),
}
"""After a code, before another can be sent: so long one may be on its way."""


def send(case: Case, *, by: Actor, now: datetime) -> None:
    """Issues a code and sends it to the new address; an earlier one is void from now on. Raises `codes.NoMoreCodes`."""
    change = ContactChange.of(case)
    lasts = PERIODS.code_lasts(change.what, abroad=change.abroad)
    _code, clear = codes.issue(
        case_id=case.id, action=ACTION, target=change.value_index, minutes=int(lasts.total_seconds() // 60), now=now
    )
    context = {"code": codes.in_groups(clear), "until": (now + lasts).isoformat(), **words.facts_of(change)}
    notice = Notice(LETTER, context, urgent=True, to_new=change.as_point())
    tell_all(
        customer=case.customer,
        case_id=case.id,
        case_reference=case.reference,
        notices=(notice,),
        by=by,
        now=now,
    )
    timeline.note(case, "contact_change.code_sent", by=by, data={"what": change.kind}, at=now)


def enter(case: Case, *, typed: str, by: Actor, now: datetime) -> None:
    """Uses the code up. Raises `CodeRefused`, whose words are the same whatever was wrong."""
    change = ContactChange.of(case)
    codes.use_within(case_id=case.id, action=ACTION, target=change.value_index, typed=typed, now=now)
    timeline.note(case, "contact_change.proven", by=by, data={"what": change.kind}, at=now)


@needs(SEND_AGAIN)
def send_again(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> None:
    """Sends another code. Raises `NotFound` for a case that is not theirs, and `Conflict` when none is waited for, one
    may still be on its way, or too many were sent."""
    now = now or timezone.now()
    with changing(case_id) as case:
        if case.process != CONTACT_CHANGE.name or by.id != str(case.customer.public_id):
            raise NotFound("unknown_case", _("There is no such case."))
        if not is_awaited(case):
            raise Conflict("not_awaited", _("This case does not wait for a code now."))
        if refusal := why_not_again(case, now=now):
            raise Conflict("no_code_now", refusal)
        send(case, by=system(), now=now)


def is_awaited(case: Case) -> bool:
    """Whether the case waits for the code now."""
    waiting = WorkItem.objects.filter(case=case, kind=ENTER_CODE.name, state=ItemState.OPEN)
    return case.state == CaseState.OPEN and waiting.exists()


def why_not_again(case: Case, *, now: datetime) -> str:
    """The sentence that says why no other code is sent now; empty when one can be."""
    if refusing.is_refused(ContactChange.of(case)):
        return str(COSTS_EXTRA)
    what, sent = ContactChange.of(case).what, list(_sent(case)[: max(MOST_CODES.values())])
    if len(sent) >= MOST_CODES[what]:
        return _("We have sent as many codes as we send for one change. Look whether the new address is right.")
    if sent and now - sent[0].issued_at < PAUSES[what]:
        if what is What.POSTAL:
            return _("The letter may still be on its way. You can ask for another one after five days.")
        return _("The code may still be on its way. You can ask for another one in a few minutes.")
    return ""


def good_until(case: Case, *, now: datetime) -> datetime | None:
    """Until when the last code is good (UTC); None when there is none that is."""
    last = _sent(case).first()
    if last is None or last.expires_at <= now or last.failures >= last.allowed_failures:
        return None
    return last.expires_at


def _sent(case: Case) -> QuerySet[Code]:
    return Code.objects.filter(case_id=case.id, action=ACTION).order_by("-issued_at")
