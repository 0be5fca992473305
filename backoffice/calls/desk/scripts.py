"""What to say, word for word, at each moment of a call: first who we are and what we know, then the way to be sure.
None of it names the matter before the customer has seen that it is us, and a voicemail never does."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.calls.desk.sheets import NOTICE, Script
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.trust.models import Direction


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a script may name. `half` is half B in its groups, or empty; `why` is told only to the customer."""

    agent: str
    reference: str
    half: str = ""
    why: str = ""
    needs_proof: bool = False


def greeting(told: Told) -> str:
    """Said first, before anything is asked: our name, the case, and how to see that it is us."""
    words = {"agent": told.agent, "company": settings.COMPANY_NAME}
    words["reference"] = told.reference.replace("-", "\u2011")  # It breaks at no hyphen.
    said = _("“This is %(agent)s of %(company)s. You need not believe a voice: please sign in to the portal.") % words
    if told.reference:
        said += " " + _("It says my name, and the case %(reference)s.") % words
    if told.half:
        said += " " + _("My digits are %(half)s: your page tells you whether they are right.") % {"half": told.half}
    return said + "”"


def ring_back() -> str:
    """Offered to everybody who is not sure; it costs them nothing."""
    sure = _("“If you are not sure, hang up and call us: our number is on your card and in your portal.")
    return f"{sure} {_('You keep your place.”')}"


def voicemail(told: Told) -> str:
    """For a voicemail. It names neither the case nor the matter: anybody may hear it."""
    words = {"agent": told.agent, "company": settings.COMPANY_NAME}
    return _("“This is %(agent)s of %(company)s. Please look at the first page of your portal. Goodbye.”") % words


def of_moment(call: Call, told: Told) -> Script:
    """What to do and to say in the state that the call is in."""
    if call.direction == Direction.IN and not call.is_over:
        return _to_us(call, told)
    match CallState(call.state):
        case CallState.ANNOUNCED:
            words = _("Read the sheet, then dial. What you say first is ready below.")
            return Script(title=_("Ready to dial"), words=words)
        case CallState.DIALLING | CallState.RINGING:
            words = _("As soon as somebody answers, press the key, and say: %(greeting)s")
            return Script(title=_("We are calling"), words=words % {"greeting": greeting(told)})
        case CallState.ANSWERED:
            words = f"{greeting(told)} {ring_back()}"
            return Script(title=_("First prove who we are"), words=words)
        case CallState.COMPANY_PROVEN if told.needs_proof:
            words = _("“So that I may speak about it: please read me the code that your page shows for this call.”")
            return Script(title=_("Now the customer proves who they are"), words=words)
        case CallState.COMPANY_PROVEN | CallState.CUSTOMER_PROVEN:
            words = _("“%(notice)s” Then say why we call: %(why)s")
            return Script(title=_("Talk about this, and nothing else"), words=words % _both(told))
        case _:
            return _over(call)


def _both(told: Told) -> dict[str, str]:
    return {"notice": str(NOTICE), "why": told.why or _("see the sheet.")}


def _to_us(call: Call, told: Told) -> Script:
    if call.state == CallState.CUSTOMER_PROVEN:
        words = _("Help with what the code was for, and with nothing else.")
        if told.why:
            words = _("“%(notice)s” Then say why we call: %(why)s") % _both(told)
        return Script(title=_("It is the customer"), words=words)
    if told.needs_proof:
        words = _(
            "“So that I may speak about it: please sign in to the portal, open “Is somebody calling you?”, have a code"
            " shown, and read it to me.” Say nothing of any record before it fits. Without it: “Then we call you, at"
            " the number that we have.”"
        )
        return Script(title=_("Now the caller proves that they are the customer"), words=words)
    words = _("“This is %(agent)s of %(company)s. %(notice)s About which case do you call?” Say nothing of any record.")
    told_words = {"agent": told.agent, "company": settings.COMPANY_NAME, "notice": NOTICE}
    return Script(title=_("Who is it? A number proves nothing"), words=words % told_words)


def _over(call: Call) -> Script:
    title = {
        CallOutcome.BUSY: _("Busy"),
        CallOutcome.VOICEMAIL: _("Voicemail"),
        CallOutcome.NO_ANSWER: _("Nobody answered"),
        CallOutcome.FAILED: _("The call could not be made"),
        CallOutcome.RINGS_BACK: _("The customer rings back"),
        CallOutcome.CALLED_OFF: _("Not dialled"),
    }.get(CallOutcome(call.outcome), _("The call is over"))
    if call.wrapped_at is not None:
        return Script(title=title, words=_("It is wrapped up. Nothing is left to do."))
    return Script(title=title, words=_("Write down what came of it. Then comes the next call."))
