"""The transfer code (authInfo): made here, set at the registry, shown to the holder once, and then forgotten.

The code is sealed in the row of its case from when it is made until it is shown, and in no event, fact, message or log.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, Level, system
from backoffice.cases import timeline
from backoffice.cases.answering import Session
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case, CaseState
from backoffice.cases.opening import check_whose
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.domains.policies import policy_of
from backoffice.domains.transfer_out import rights
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case, of_id
from backoffice.refusals import Conflict, NeedsProof
from backoffice.staff.rights import needs
from backoffice.trust import assurance
from workflows.domain_transfer_out.facts import CodeIssued, CodeWanted
from workflows.domain_transfer_out.spec import CODE_WANTED

UPPER, LOWER, DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"
"""Without those that are read for one another."""
GROUPS, GROUP = 4, 6
OPEN_FOR = timedelta(minutes=10)
"""How long after the proof the holder may look at the code."""


def new_code() -> str:
    """27 characters: 139 random bits (RFC 9154 asks for 128) in four groups. Registries ask for a large letter, a small
    one, a digit and another character, and take up to 32."""
    while True:
        groups = ["".join(secrets.choice(UPPER + LOWER + DIGITS) for _ in range(GROUP)) for _ in range(GROUPS)]
        code = "-".join(groups)
        if all(any(one in kind for one in code) for kind in (UPPER, LOWER, DIGITS)):
            return code


def made_for(case_id: uuid.UUID, *, key: str) -> str:
    """The code that the call with this key sets. It is written down before the registry is asked, so that the call sets
    the same code when it has to be repeated."""
    with transaction.atomic():
        out = of_id(case_id, lock=True)
        if out.code_key != key or not out.code:
            out.code, out.code_key, out.code_set_at = new_code(), key, None
            out.save(update_fields=["code", "code_key", "code_set_at"])
        return str(out.code)


def was_set(case: Case, *, now: datetime) -> CodeIssued:
    """The registry has the code. The first one says until when this code and those after it are good."""
    out = of_case(case, lock=True)
    out.code_set_at = now
    out.code_until = out.code_until or now + policy_of(out.domain.name).authinfo_valid
    out.save(update_fields=["code_set_at", "code_until"])
    out.domain.authinfo_set_at = now
    out.domain.save(update_fields=["authinfo_set_at"])
    timeline.note(case, "transfer_out.code_set", by=system(), at=now)
    return CodeIssued(until=out.code_until)


def was_not_set(case: Case, *, until: datetime) -> CodeIssued:
    """The registry took no other code, because a transfer is under way."""
    forget(of_case(case, lock=True))
    return CodeIssued(until=until)


def forget(out: TransferOut) -> None:
    """Nobody sees the code any more."""
    out.code, out.code_key, out.code_set_at = None, "", None
    out.save(update_fields=["code", "code_key", "code_set_at"])


def wanted(answer: Answer) -> Accepted:
    """The holder has proven who they are, and may look at the code for ten minutes. Who has seen it gets another one.
    Nothing of the code is in the answer."""
    out = of_case(answer.case, lock=True)
    out.wanted_in_step, out.wanted_at = answer.item.step, answer.now
    out.save(update_fields=["wanted_in_step", "wanted_at"])
    signal(answer.case, CODE_WANTED, CodeWanted(again=not out.code))
    return Accepted("taken", keep={})


def may_look(out: TransferOut, *, session: Session, now: datetime) -> bool:
    """Whether this session proved, within the last ten minutes, who they are for the newest step that shows the
    code."""
    if out.wanted_at is None or now - out.wanted_at > OPEN_FOR:
        return False
    return assurance.was_spent(
        user=session.user,
        session_key=session.key,
        case_id=out.case_id,
        action=out.wanted_in_step,
        level=Level.CONFIRMED,
        since=now - OPEN_FOR - assurance.GOOD_FOR,
    )


@needs(rights.SEE_CODE)
def reveal(*, case_id: uuid.UUID, by: Actor, session: Session, now: datetime | None = None) -> str:
    """The code, once: nobody gets it a second time. Raises `NotFound` for another customer's case, `NeedsProof` for a
    session that did not prove itself, `Conflict` when the code was shown already or the case is not going on."""
    now = now or timezone.now()
    with changing(case_id) as case:
        check_whose(case.customer, by=by)
        if case.state != CaseState.OPEN:
            raise Conflict("not_open", _("This case is paused, closed or being stopped. The code is not shown."))
        out = of_case(case, lock=True)
        if not may_look(out, session=session, now=now):
            raise NeedsProof(_("First confirm that it is you, for this step of this case."), level=Level.CONFIRMED)
        if out.guarded_at is not None:
            raise Conflict("another_comes", _("Another code is being set, because the case was paused. Look again."))
        if not out.code or out.code_set_at is None:
            raise Conflict("shown_already", _("This code was shown already. You can get another one."))
        code = str(out.code)
        out.code, out.code_shown_at = None, now
        out.save(update_fields=["code", "code_shown_at"])
        timeline.note(case, "transfer_out.code_shown", by=by, at=now)
    return code
