"""The particulars of a call-back: by what it counts in the contact budget, what it is about, who calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.calls.back.models import CallBack, CallBackState, Topic
from backoffice.cases import catalogue
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.customers.models import ContactPoint
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.models import Role, User
from backoffice.telephony import numbers, states
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Direction

TEAMS: Mapping[str, str | Promise] = {
    Topic.CARDS: _("the cards team"),
    Topic.PAYMENTS: _("the payments team"),
    Topic.DOMAINS: _("the domains team"),
}


def call_back_of(case: Case, *, lock: bool = False) -> CallBack:
    """The particulars of a call-back's case. Raises `NotFound` for a case of another process."""
    found = CallBack.objects.select_for_update(of=("self",)) if lock else CallBack.objects.all()
    call_back = found.filter(case_id=case.id).select_related("about", "point", "call__agent").first()
    if call_back is None:
        raise NotFound("unknown_call_back", _t("There is no such call-back."))
    call_back.case = case
    return call_back


def check_whose(case: Case, *, by: Actor) -> None:
    """Raises `NotFound` when a customer asks for somebody else's case."""
    if by.kind is ActorKind.CUSTOMER and str(case.customer.public_id) != by.id:
        raise NotFound("unknown_case", _t("There is no such case."))


def check_open(case: Case) -> None:
    """Raises `Conflict` for a case that is paused, closed or being stopped."""
    if case.state != CaseState.OPEN:
        raise Conflict("not_open", _t("This case is paused, closed or being stopped. Nobody calls about it now."))


def user_of(by: Actor) -> User:
    """The member of staff who acts. Raises `NotFound` for anybody else."""
    user = User.objects.filter(public_id=by.id).first() if by.kind is ActorKind.STAFF else None
    if user is None:
        raise NotFound("unknown_user", _t("There is no such member of staff."))
    return user


def matter_of(call_back: CallBack) -> str:
    """By what the contact budget counts: the topmost case that the call is about, or else the topic."""
    if call_back.about is not None:
        return call_back.about.root_id_or_own.hex
    return call_back.topic or call_back.case.root_id_or_own.hex


def sheet_of(call_back: CallBack) -> CallSheet:
    """What whoever calls must know. The process of the case that it is about says it, else it is what the customer
    wants to talk about."""
    about = call_back.about
    told = catalogue.process(about.process).call_sheet(about) if about is not None else None
    if call_back.case.parent_id is not None and told is not None:
        return told
    if call_back.role != Role.SUPPORT:
        return _after_a_bad_call()
    return _as_somebody_asked(call_back, team=told.team if told is not None else TEAMS.get(call_back.topic, ""))


def needs_customer_proof(call_back: CallBack) -> bool:
    """Whether the customer must prove who they are before we talk. Whoever rings us always must: we have not dialled a
    number on file, and the reference of a case is no secret."""
    call = call_back.call
    rang = call is not None and call.direction == Direction.IN
    return rang or sheet_of(call_back).needs_customer_proof


def _after_a_bad_call() -> CallSheet:
    return CallSheet(
        why=_("The customer was not content with a call of ours. Hear why, and put right what can be."),
        for_customer=_("You were not content with our last call."),
        may_ask=(_("what went wrong in the call"), _("what would put it right")),
        offers=(_("to look into it and to answer in the portal"), _("a complaint, which gets its own number")),
        team=_("the team that looks into complaints about calls"),
    )


def _as_somebody_asked(call_back: CallBack, *, team: str | Promise) -> CallSheet:
    """The customer, or one of us; or somebody on the public page, of whom nobody knows who it was."""
    asked = call_back.asked_by_customer
    by_others = _("One of us asked for this call, or somebody on the public page who knew the reference.")
    return CallSheet(
        why=_("The customer asked for this call.") if asked else by_others,
        for_customer=_("You asked for this call.") if asked else "",
        may_ask=(_("what they want to know"),),
        needs_customer_proof=call_back.about is not None or call_back.topic not in ("", Topic.OTHER),
        offers=(_("to go on in the portal"), _("a letter or a mail instead")),
        team=team,
    )


def what_in_words(call_back: CallBack) -> str:
    """ "Your new card" or "My cards", for the customer and for staff."""
    if call_back.about is not None:
        return _t(catalogue.spec(call_back.about.process).customer_title)
    return str(Topic(call_back.topic).label) if call_back.topic else _t("Something else")


def number_for(call_back: CallBack, *, now: datetime) -> ContactPoint | None:
    """The number that the customer chose, or the one that is longest on file; None where none may be called."""
    if call_back.point is not None and not numbers.why_not(call_back.point, now=now):
        return call_back.point
    return next(iter(numbers.callable_numbers(customer=call_back.case.customer, now=now)), None)


def is_on_the_line(call_back: CallBack) -> bool:
    """Whether it is dialled, or somebody talks."""
    call = call_back.call
    return call is not None and not call.is_over and call.state != CallState.ANNOUNCED


def is_unwritten(call_back: CallBack) -> bool:
    """Whether a call was made of which nobody has written down what came of it."""
    call = call_back.call
    return call is not None and call.wrapped_at is None and call.state != CallState.ANNOUNCED


def place_is_kept(call_back: CallBack, *, now: datetime) -> bool:
    """Whether we wait for the customer, who rings us to be sure."""
    kept = call_back.place_kept_until
    return call_back.state == CallBackState.RING_BACK and kept is not None and kept > now


def drop_prepared(call_back: CallBack, *, now: datetime) -> None:
    """Nobody dials what was only prepared: its agent is free for other calls, whoever made it needless."""
    if call_back.call is not None and call_back.call.state == CallState.ANNOUNCED:
        call_back.call = ended(call_back.call, by=system(), now=now)


def ended(call: Call, *, by: Actor, now: datetime) -> Call:
    return states.move(call_id=call.id, to=CallState.ENDED, by=by, now=now)


def withdraw_open_items(case: Case, *, by: Actor, now: datetime) -> None:
    """The process withdraws them too, a moment later; until then nobody shall answer them."""
    steps = WorkItem.objects.filter(case=case, state=ItemState.OPEN).exclude(kind__startswith="look_into")
    withdraw_items(case, steps=list(steps.values_list("step", flat=True)), by=by, now=now)


def may_still_change(call_back: CallBack) -> bool:
    """Whether a call is ahead that can be moved or called off."""
    return may_be_called(call_back) and not is_unwritten(call_back)


def why_not_change(call_back: CallBack, *, otherwise: str) -> str:
    """The sentence that says why the call that is ahead cannot be moved or called off now; empty when it can.
    `otherwise` says that there is none."""
    if call_back.case.state != CaseState.OPEN:
        return _t("This case is paused, closed or being stopped.")
    if may_still_change(call_back):
        return ""
    if may_be_called(call_back):
        return _t("A call about this goes on, or has just ended. Wait until we have written down what came of it.")
    return otherwise


def may_be_called(call_back: CallBack) -> bool:
    """Whether a call is still to be made. In a case of two questions about a call there is none."""
    return call_back.state != CallBackState.OVER and call_back.survey_of_id is None
