"""What the events of a call-back say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.calls.back.models import Topic
from backoffice.calls.back.surveying import RATED, SOLVED
from backoffice.cases.sentences import Sentence, Text
from backoffice.telephony.budget import WaitReason
from backoffice.telephony.models import CallOutcome
from backoffice.trust.models import Direction
from workflows.call_back.facts import CallMade
from workflows.call_back.spec import CallBackEnding

WAITS: Mapping[str, Text] = {
    WaitReason.QUIET_HOURS: _("it is before 08:00 or after 21:00 where the customer is"),
    WaitReason.DAY_SPENT: _("we have called three times today"),
    WaitReason.WEEK_SPENT: _("we have called seven times in seven days"),
    WaitReason.SPOKEN: _("we have spoken about it within seven days"),
    WaitReason.ON_THE_LINE: _("one of us is on the line with the customer"),
}
WAITS_OF_CUSTOMER: Mapping[str, Text] = {
    WaitReason.QUIET_HOURS: _("We do not call before 08:00 or after 21:00 by your clock."),
    WaitReason.DAY_SPENT: _("We do not call you more than three times a day about this."),
    WaitReason.WEEK_SPENT: _("We do not call you more than seven times in seven days about this."),
    WaitReason.SPOKEN: _("We have spoken about this lately, so that we leave you alone for seven days."),
    WaitReason.ON_THE_LINE: _("One of us is on the telephone with you already."),
}
MADE: Mapping[str, Text] = {one.value: _(one.words) for one in CallMade}
OUTCOMES: Mapping[str, Text] = {**{one.value: one.label for one in CallOutcome}, **MADE}
PROOFS: Mapping[str, Text] = {
    "both": _("both have proven who they are"),
    "company": _("we have proven who we are"),
    "nobody": _("nobody had proven anything"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "alarm": {
        "call_minutes": _(
            "Our calls have taken nearly as many minutes as we allow within a day. Find out what rings so much before"
            " it stops."
        ),
    },
    "reason": {
        "case": _("about a case"),
        "asked_publicly": _("asked for on the public page"),
        **{one.value: one.label for one in Topic},
    },
    "waits": WAITS,
    "outcome": OUTCOMES,
    "proof": PROOFS,
    "direction": {Direction.OUT.value: _("our call"), Direction.IN.value: _("the customer's call")},
    "solved": SOLVED,
    "rated": RATED,
}
"""The words of the codes in events and work items."""
ENDED_OF_CUSTOMER: Mapping[str, Text] = {
    CallBackEnding.DECLINED.value: _("You do not want to be called about this, so nobody calls you."),
    CallBackEnding.CALLED_OFF.value: _("The call was called off, so nobody calls you."),
    CallBackEnding.NOT_REACHED.value: _("We called several times and did not reach you. We do not try again."),
    CallBackEnding.NO_NUMBER.value: _("We have no telephone number of you that we may call, so nobody calls you."),
    CallBackEnding.NOBODY_CAN_CALL.value: _("None of us could call you. That is our fault, and we are sorry."),
}
"""How it ended, for its customer, in the words of the message about it."""
SENTENCES: Mapping[str, Sentence] = {
    "call_back.no_number": Sentence(
        _("There is no number that may be called."), _("We have no number of you that we may call.")
    ),
    "call_back.waits": Sentence(
        _("We may not call yet, because %(waits)s. It goes on at %(until)s."), _("We wait before we call you.")
    ),
    "call_back.nobody_staffed": Sentence(_("Nobody is staffed at a time when the customer may be called.")),
    "call_back.booked": Sentence(_("A time for the call was chosen."), _("A time for our call was chosen.")),
    "call_back.moved": Sentence(_("The call was moved to another time."), _("Our call was moved to another time.")),
    "call_back.agreed": Sentence(_("The call was announced."), _("We announced our call to you.")),
    "call_back.called_off": Sentence(_("The call was called off."), _("The call was called off: nobody calls you.")),
    "call_back.declined": Sentence(
        _("The customer does not want to be called about this."), _("You do not want to be called about this.")
    ),
    "call_back.prepared": Sentence(_("The sheet of the call was opened."), _("One of us is preparing to call you.")),
    "call_back.put_back": Sentence(_("The agent did not dial, and put the call back for a colleague.")),
    "call_back.nobody_dials": Sentence(_("The window has begun and nobody dials: raised to the supervisors.")),
    "call_back.missed": Sentence(
        _("Nobody dialled in the agreed window: we broke our promise."),
        _("We did not call you at the agreed time, and we are sorry."),
    ),
    "call_back.dialling": Sentence(_("The number was dialled."), _("We dialled your number.")),
    "call_back.ringing": Sentence(_("The telephone rang."), _("Your telephone rang.")),
    "call_back.answered": Sentence(_("Answered (%(direction)s)."), _("The call was answered (by telephone).")),
    "call_back.company_proven": Sentence(_("We have proven who we are."), _("We have proven to you that it is us.")),
    "call_back.customer_proven": Sentence(
        _("The customer has proven who they are."), _("You have shown us that it is you.")
    ),
    "call_back.ended": Sentence(_("The call ended."), _("The call ended.")),
    "call_back.not_answered": Sentence(
        _("Nobody answered the call (%(outcome)s)."), _("We called, and nobody answered.")
    ),
    "call_back.voicemail": Sentence(
        _("It reached a voicemail. Nothing of the matter was said."),
        _("We reached your voicemail, and said nothing there of what it is about."),
    ),
    "call_back.place_kept": Sentence(
        _("The customer rings back to be sure; their place is kept until %(until)s."),
        _("You ring us back. Your place is kept until %(until)s."),
    ),
    "call_back.rang_back": Sentence(
        _("The customer rang our number, and the call goes on."), _("You rang us, and we went on.")
    ),
    "call_back.wrapped_up": Sentence(
        _("Written down: %(outcome)s (%(proof)s)."), _("What came of the call was written down.")
    ),
    "call_back.nobody_writes": Sentence(_("Nobody wrote down what came of the call: raised to the supervisors.")),
    "call_back.surveyed": Sentence(
        _("The customer answered about the call: solved: %(solved)s; the call: %(rated)s."),
        _("You answered two questions about our call."),
    ),
    "call_back.supervisor_calls": Sentence(
        _("The customer was not content: a supervisor calls."), _("One of us with more experience calls you about it.")
    ),
}


def why_we_wait(code: str, *, to_customer: bool = False) -> str:
    """The reason in words; empty for none."""
    words = (WAITS_OF_CUSTOMER if to_customer else WAITS).get(code, "")
    return str(words)
