"""A call to us that one of us has on the line: about which case it is, a call-back that it goes on with, and what the
code of a caller proves. The number that a display shows proves nothing (`telephony.taking`)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls import rights
from backoffice.calls.back import ringing_back
from backoffice.calls.back.models import CallBack
from backoffice.calls.models import CallState as CodeState
from backoffice.calls.records import call_of
from backoffice.cases import keeping_from
from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.telephony import states, taking
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Direction

MOST = 10
"""Cases that are offered at once; any other is found by its reference."""


@dataclass(frozen=True)
class MayBe:
    """Whom a call to us may be from: `customers` by the number that it shows, `rang` is our call of the last day to
    them, `waiting` are the call-backs that go on with it, `cases` their open cases."""

    customers: Sequence[Customer]
    rang: Call | None
    waiting: Sequence[CallBack]
    cases: Sequence[Case]


def may_be(call: Call, *, now: datetime) -> MayBe:
    """What the number, or the case that the caller named, lets us guess of a call to us. `now` is aware."""
    customers = [call.customer] if call.customer else _by_number(call)
    rang = taking.whom_we_rang(call=call, now=now)
    if rang is not None and rang.customer is not None and rang.customer not in customers:
        customers = [*customers, rang.customer]
    waiting = [one for customer in customers for one in ringing_back.waiting(customer)]
    named = {one.case.pk for one in waiting}
    cases = Case.objects.filter(customer__in=customers, state__in=(CaseState.OPEN, CaseState.FROZEN))
    if call.agent is not None:
        cases = cases.filter(keeping_from.visible(call.agent))
        waiting = [one for one in waiting if not keeping_from.is_kept_from(one.case, call.agent)]
    cases = cases.exclude(pk__in=named).select_related("customer").order_by("-opened_at")[:MOST]
    return MayBe(customers, rang, waiting[:MOST], list(cases))


@needs(rights.TAKE_CALLS)
def is_about(*, call_id: uuid.UUID, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call:
    """Notes which case a call to us is about, as the caller said; where a call of ours is waited for in it, goes on
    with that. Saying it again changes nothing.

    Raises what `taking.say_about` and `ringing_back.take` raise, and `Invalid` on `reference` for a case that is over
    or that this agent is kept from.
    """
    now, case = now or timezone.now(), _case(case_id)
    if refusal := keeping_from.why_not(case, by=by):
        raise Invalid({"reference": [refusal]})
    if case.state == CaseState.CLOSED:
        raise Invalid({"reference": [_("This case is closed. Ask which other case it is about.")]})
    call = taking.say_about(
        call_id=call_id, customer=case.customer, case_id=case.id, case_reference=case.reference, by=by, now=now
    )
    # In a transaction of its own: whoever changes a call-back locks its case before its call.
    if any(one.case.pk == case.pk for one in ringing_back.waiting(case.customer)):
        ringing_back.take(case_id=case.id, call_id=call.id, by=by, now=now)
    return call


@needs(rights.TAKE_CALLS)
def proven_by_code(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call | None:
    """The caller's code fitted in this phone authorisation while its agent has a call to us on the line: so it is that
    customer who calls. None where there is no such call, or it is known to be another customer's.

    Raises `NotFound` for no phone authorisation of this agent, `Conflict` for a code that did not fit.
    """
    now, code_call = now or timezone.now(), call_of(_case(case_id))
    if by.id != str(code_call.agent.public_id):
        raise NotFound("unknown_call", _("There is no such call."))
    if code_call.state != CodeState.PROVEN:
        raise Conflict("not_proven", _("No code fitted in this call."))
    on_the_line = Call.objects.filter(direction=Direction.IN, agent__public_id=by.id, ended_at=None).first()
    if on_the_line is None or on_the_line.customer not in (None, code_call.case.customer):
        return None
    with transaction.atomic():
        if on_the_line.customer is None:
            taking.say_about(
                call_id=on_the_line.id,
                customer=code_call.case.customer,
                case_id=code_call.case.id,
                case_reference=code_call.case.reference,
                by=by,
                now=now,
            )
        return states.move(call_id=on_the_line.id, to=CallState.CUSTOMER_PROVEN, by=by, now=now)


def _case(case_id: uuid.UUID) -> Case:
    case = Case.objects.select_related("customer").filter(id=case_id).first()
    if case is None:
        raise NotFound("unknown_case", _("There is no such case."))
    return case


def _by_number(call: Call) -> list[Customer]:
    index = call.contact.address_index
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=index, superseded_at=None)
    return [point.customer for point in points.select_related("customer")[:MOST]] if index else []
