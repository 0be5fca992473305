"""The words of a call for its customer and for staff, and the lines of its evidence."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of, login_of, wanted, wanted_by_customer
from backoffice.calls.sentences import LOGINS
from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, CaseState, WorkItem


def headline(case: Case) -> Headline:
    """What the call is for, and what came of it."""
    call = call_of(case)
    title = _("Code for us: %(what)s") % {"what": wanted_by_customer(call)}
    return Headline(title, _lead(call))


def _lead(call: Call) -> str:
    if call.state == CallState.ASKED and call.case.state == CaseState.OPEN:
        return _("One of us asks you for a code. Give it only if you called us, or wrote to us in the chat.")
    return {
        CallState.PROVEN: _("A code from your portal was read out to us, and it was right."),
        CallState.DENIED: _("You told us that it was not you who talked to us. Nothing was done for the caller."),
    }.get(CallState(call.state), _("Nobody gave us the right code, so nothing was done for the caller."))


def summary(case: Case) -> str:
    """What the caller wants, and how they talk to us."""
    call = call_of(case)
    return f"{wanted(call)}, {call.get_through_display()}"


def why_not_stop(case: Case, by: Actor) -> str:
    """A call ends with its wrap-up, which nobody skips; its customer ends it on its own page."""
    if by.kind is ActorKind.CUSTOMER:
        return _("Say on the page of the call that you are not talking to us; then it ends at once.")
    if by.kind is ActorKind.STAFF:
        return _("A call cannot be stopped: it ends when somebody has written down what came of it.")
    return ""


def the_call(case: Case, item: WorkItem) -> Lines:
    """What the call itself knows: who talked to whom about what, which login and which code."""
    call = call_of(case)
    lines = [
        (_("Agent"), call.agent.get_full_name()),
        (_("Through"), str(call.get_through_display())),
        (_("Found by"), str(call.get_known_by_display())),
        (_("The caller wanted"), wanted(call)),
        (_("What came of it"), str(call.get_state_display())),
        (_("Which login"), str(LOGINS.get(login_of(call), login_of(call)))),
        (_("Which code"), _("no. %(number)d") % {"number": call.shown} if call.shown else _("none")),
        (_("Wrong codes"), str(call.wrong)),
    ]
    return [*lines, *([(_("Opened for the caller"), call.opened.reference)] if call.opened else [])]
