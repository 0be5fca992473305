"""Both prove themselves on the line, the company first.

**We** prove who we are by half B of a mutual code: it stands only on the screen of the agent of this call, who says it,
and the customer types it into the portal (`compare`). Nothing else is needed where the customer sees on their own page
that we are talking to them now; the half is for whoever wants to be sure.

**The customer**, only where the content needs it, shows that they are the customer by a code from the portal, which
says whom they give it to, in which call and for what (PSD2 RTS art. 5, dynamic linking). They read it out, and the
agent of this call types it (`type_code`). It is 8 characters, good for ten minutes, once, and for three tries. Whoever
relays it to another agent's call is refused there: a code is bound to its call, to the call's purpose and to its agent,
and it is shown only once we have proven who we are.

Neither is stored: `trust` keeps keyed hashes, and derives again what the right screen shows. A wrong try is counted:
these rules return a `Verdict` for it instead of raising, and commit. A slip of the finger (another length) is no try.

After the third wrong half somebody may be pretending to be us at that very moment: the customer is told to hang up, and
whoever listens (`listen`) raises the alarm.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.actors import Actor, ActorKind
from backoffice.customers.models import Customer
from backoffice.references import characters_of
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.telephony import rights, states
from backoffice.telephony.models import Call, CallState
from backoffice.trust import codes, mutual_codes
from backoffice.trust.models import Code, Direction
from backoffice.trust.mutual_codes import Stage, Verdict

TARGET = "call"
LENGTH, MINUTES, TRIES = 8, 10, 3
"""Of the customer's code."""
_BEFORE_US = frozenset({CallState.ANNOUNCED, CallState.DIALLING, CallState.RINGING, CallState.ANSWERED})
_ON_THE_LINE: Sequence[str | Promise] = (
    _("These digits do not fit. Ask to hear them again, and type them once more."),
    _("These digits do not fit. You have one more try. If you are not sure, hang up."),
    _("These digits do not fit. This is not us: hang up, say nothing, and call us on %(phone)s."),
)


@dataclass(frozen=True)
class Shown:
    """The customer's code as it stands on their own page: `7KQ4-MX2R`, until when (UTC) it is good, the first name of
    the agent whom they give it to, the reference of the call, and the code of its purpose."""

    code: str
    until: datetime
    agent: str
    reference: str
    purpose: str


Hears = Callable[[Call, datetime], None]
_listeners: list[Hears] = []


def listen(hears: Hears) -> None:
    """Calls `hears` with a call in which the digits were wrong three times, and the time (UTC), in the transaction that
    counts the third try, and again with each try after it. The row of the call is locked: `hears` must lock no case
    before the commit, because whoever works with a case locks it before its call."""
    if hears not in _listeners:
        _listeners.append(hears)


def call_with(customer: Customer) -> Call | None:
    """The call that this customer is in now, or that rings at theirs: one that somebody answered first."""
    calls = Call.objects.filter(customer=customer, ended_at=None).exclude(state=CallState.ANNOUNCED)
    on = calls.select_related("contact", "customer", "agent").order_by("-answered_at", "-announced_at")
    return on.filter(answered_at__isnull=False).first() or on.first()


# --- we ---------------------------------------------------------------------------------------------------------------


@needs(rights.PROVE_COMPANY)
def offer_half(*, call_id: uuid.UUID, by: Actor, now: datetime) -> Call:
    """Makes half B for the screen of the call's agent, good for ten minutes; while one is good it stays.

    Raises `NotFound`, `Forbidden` for another's call, and `Conflict` in a call to us (see `states.FOLLOWS_IN`), when we
    have proven who we are, the call is over, or the digits were wrong three times ("half_spent").
    """
    with transaction.atomic():
        call = states.locked(call_id)
        states.check_own(call, by)
        if call.direction == Direction.IN:
            raise Conflict("call_to_us", str(states.WE_PROVE_NOTHING_TO_CALLERS), field="state")
        if call.state not in _BEFORE_US or call.agent is None:
            raise Conflict("not_now", _t("There is nothing to prove in this call now."), field="state")
        if is_spent(call):
            sentence = _t("The digits were wrong three times, and the customer was told to hang up. End the call.")
            raise Conflict("half_spent", sentence, field="state")
        if mutual_codes.stage(case_id=call.pk, target=TARGET, now=now) is Stage.NONE:
            mutual_codes.issue(case_id=call.pk, target=TARGET, agent=call.agent, now=now)
        return call


def half_b(call: Call, *, agent: User, now: datetime) -> str:
    """Half B for this agent's screen, as `123 456`; empty before it is offered, once it is compared, late or spent,
    when the call is over, and for all but the agent of the call."""
    if call.state not in _BEFORE_US or call.agent_id != agent.pk:
        return ""
    return mutual_codes.show_b(case_id=call.pk, target=TARGET, agent=agent, now=now) or ""


def is_spent(call: Call) -> bool:
    """Whether the digits were wrong three times: then it is not us who talks to the customer."""
    return mutual_codes.is_spent(case_id=call.pk, target=TARGET)


def can_compare(call: Call, *, by: Actor, now: datetime) -> bool:
    """Whether the customer may type half B now: it is their call, somebody answered it, and a half was offered."""
    if not _is_theirs(call, by) or call.state != CallState.ANSWERED:
        return False
    return mutual_codes.stage(case_id=call.pk, target=TARGET, now=now) is Stage.AGENT_SHOWS_B


@needs(rights.COMPARE_HALF)
def compare(*, call_id: uuid.UUID, typed: str, by: Actor, now: datetime) -> Verdict:
    """Checks what the agent said, as the customer types it. If it is right, we have proven who we are, and the call is
    so far. Commits also a wrong try.

    Raises `NotFound` for another's call, `Invalid` on `half` unless it is six digits, and `Conflict` when nobody of us
    is on the line with them.
    """
    with transaction.atomic():
        call = _of_customer(call_id, by)
        if call.state != CallState.ANSWERED:
            sentence = _t("Nobody of us waits for this now. If somebody on the telephone says so, hang up.")
            raise Conflict("not_now", sentence)
        verdict = mutual_codes.compare_b(case_id=call.pk, target=TARGET, typed=typed, now=now, sentences=_ON_THE_LINE)
        if verdict.right:
            states.move(call_id=call.pk, to=CallState.COMPANY_PROVEN, by=by, now=now)
        elif is_spent(call):
            for hears in _listeners:
                hears(call, now)
    return verdict


# --- the customer -----------------------------------------------------------------------------------------------------


@needs(rights.SHOW_CALL_CODE)
def show_code(*, call_id: uuid.UUID, by: Actor, now: datetime) -> Shown:
    """Makes the customer's code for their page; the one before it is void.

    Raises `NotFound` for another's call, `Conflict` when we do not wait for one ("not_now"), and `codes.NoMoreCodes`.
    """
    with transaction.atomic():
        call = _of_customer(call_id, by)
        if not _waits_for_code(call):
            raise Conflict("not_now", _t("Nobody of us waits for a code now. Give no code to anybody."))
        codes.issue(
            case_id=call.pk,
            action=action_of(call),
            target=_target_of(call),
            minutes=MINUTES,
            tries=TRIES,
            clear=_clear(call, now),
            now=now,
        )
    shown = code_of(call, by=by, now=now)
    assert shown is not None
    return shown


def code_of(call: Call, *, by: Actor, now: datetime) -> Shown | None:
    """The code that stands on the customer's page now, with what it is for. None for everybody else, before it is made,
    and once it is used, void, late, or nobody waits for it."""
    if not _is_theirs(call, by) or not _waits_for_code(call):
        return None
    live = Code.objects.filter(used_at=None, void_at=None, expires_at__gt=now)
    code = live.filter(case_id=call.pk, action=action_of(call), target=_target_of(call)).first()
    if code is None or code.failures >= code.allowed_failures:
        return None
    assert call.agent is not None
    return Shown(
        codes.in_groups(_clear(call, code.issued_at)),
        code.expires_at,
        call.agent.first_name,
        call.contact.reference,
        call.purpose,
    )


@needs(rights.TYPE_CALL_CODE)
def type_code(*, call_id: uuid.UUID, typed: str, by: Actor, now: datetime) -> Verdict:
    """Checks what the customer read out, as the agent of this call types it. If it is right, the customer has proven
    who they are, and the call is so far. Commits also a wrong try.

    Raises `NotFound`, `Forbidden` for another's call, `Invalid` on `code` for another length than eight characters, and
    `Conflict` before we have proven who we are, when it was typed already, and when the call is over.
    """
    _check_length(typed)
    with transaction.atomic():
        call = states.locked(call_id)
        states.check_own(call, by)
        if by.kind is not ActorKind.STAFF or call.agent is None or by.id != str(call.agent.public_id):
            raise Forbidden("not_your_call", _t("This is another agent's call."))
        if not _waits_for_code(call):
            raise Conflict("impossible_order", _why_no_code(call), field="code")
        right = codes.try_within(case_id=call.pk, action=action_of(call), target=_target_of(call), typed=typed, now=now)
        if right is not None:
            states.move(call_id=call.pk, to=CallState.CUSTOMER_PROVEN, by=by, now=now)
            return Verdict(right=True, tries_left=TRIES - right.failures)
        left = _tries_left(call)
    return Verdict(right=False, tries_left=left, sentence=_refusal(left))


def action_of(call: Call) -> str:
    """What the code is good for."""
    return f"call:{call.purpose}"[:60]


def _target_of(call: Call) -> str:
    """Whom it may be typed by."""
    return str(call.agent.public_id) if call.agent else ""


def _clear(call: Call, issued_at: datetime) -> str:
    """Made anew from what is on file and the key of the settings: the time keeps two codes of one call apart."""
    nonce = issued_at.astimezone(UTC).isoformat(timespec="microseconds")
    return codes.derived(nonce=nonce, length=LENGTH, call=str(call.pk), action=action_of(call), target=_target_of(call))


def _waits_for_code(call: Call) -> bool:
    """Whoever dialled our number themselves need not wait until we have proven who we are."""
    if call.agent is None or call.customer is None:
        return False
    incoming = call.direction == Direction.IN and call.state == CallState.ANSWERED
    return incoming or call.state == CallState.COMPANY_PROVEN


def _why_no_code(call: Call) -> str:
    if call.state == CallState.CUSTOMER_PROVEN:
        return _t("The customer has proven who they are already.")
    return _t("The customer proves who they are only after we have proven who we are, and while the call goes on.")


def _tries_left(call: Call) -> int:
    live = Code.objects.filter(case_id=call.pk, action=action_of(call), target=_target_of(call), void_at=None)
    code = live.order_by("-issued_at").first()
    return max(0, code.allowed_failures - code.failures) if code else 0


def _refusal(left: int) -> str:
    if not left:
        return _t("This code does not work here. Ask the customer to have a new one shown in the portal.")
    said = ngettext(
        "This code does not work here. Ask the customer to read it once more; %(left)d try is left.",
        "This code does not work here. Ask the customer to read it once more; %(left)d tries are left.",
        left,
    )
    return said % {"left": left}


def _check_length(typed: str) -> None:
    number = len(characters_of(typed[:100]))
    if not number:
        raise Invalid({"code": [_t("Type the code that the customer reads out.")]})
    if number != LENGTH:
        said = ngettext(
            "The code has eight characters, and this is %(number)d. It was not counted as a try.",
            "The code has eight characters, and these are %(number)d. It was not counted as a try.",
            number,
        )
        raise Invalid({"code": [said % {"number": number}]})


def _of_customer(call_id: uuid.UUID, by: Actor) -> Call:
    call = states.locked(call_id)
    if not _is_theirs(call, by):
        raise NotFound("unknown_call", _t("There is no such call."))
    return call


def _is_theirs(call: Call, by: Actor) -> bool:
    if by.kind is not ActorKind.CUSTOMER or call.customer is None:
        return False
    return by.id == str(call.customer.public_id)
