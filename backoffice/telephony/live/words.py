"""The sentences that name a call, for templates and for the script of the pages, which fills in the same places."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.telephony.live.states import Live, LiveState, OnCall

TALKING = _("{agent} of {team} is talking to you now, about case {case}, since {since}.")
TALKING_WITHOUT_CASE = _("{agent} of {team} is talking to you now, since {since}.")
TALKING_BY_VOICE = _("A voice of {team} is talking to you now, about case {case}, since {since}.")
CALLING = _("We are calling you now.")
CALLING_ABOUT = _("It is {agent} of {team}, about case {case}.")
CALLING_WITHOUT_CASE = _("It is {agent} of {team}.")
CALLING_BY_VOICE = _("It is a voice of {team}, about case {case}.")
ON_NUMBER = _("On your number {number}.")
TITLES: dict[LiveState, str | Promise] = {
    LiveState.NOBODY: _("Nobody of us is calling you."),
    LiveState.CALLING: CALLING,
    LiveState.NOT_US: _("This is not us: hang up."),
    LiveState.CANNOT_CHECK: _("We cannot check now: do not talk."),
}
"""Of `TALKING` the title names the agent."""
PLACES = {
    "talking": TALKING,
    "talking-without-case": TALKING_WITHOUT_CASE,
    "talking-voice": TALKING_BY_VOICE,
    "calling": CALLING_ABOUT,
    "calling-without-case": CALLING_WITHOUT_CASE,
    "calling-voice": CALLING_BY_VOICE,
    "number": ON_NUMBER,
}
"""For the script, by the names of the page's data."""


TOGETHER = ("case", "number")


def titles_of(live: Live) -> Sequence[str]:
    """The sentence of a state; one for each call in which somebody talks."""
    if live.state == LiveState.TALKING:
        return [_filled(_sentence("talking", call), call) for call in live.calls if call.talking]
    return [str(TITLES[live.state])]


def lines_of(live: Live) -> Sequence[str]:
    """What else is told of the calls that are on: who rings, and on which number."""
    if live.state not in (LiveState.CALLING, LiveState.TALKING):
        return []
    ringing = [_filled(_sentence("calling", call), call) for call in live.calls if not call.talking]
    return [*ringing, *(_filled(ON_NUMBER, call) for call in live.calls if call.number)]


def _sentence(name: str, call: OnCall) -> str | Promise:
    """A call without an agent is one in which a voice speaks; it is always about a case."""
    if not call.agent:
        return PLACES[f"{name}-voice"]
    return PLACES[name if call.case else f"{name}-without-case"]


def _filled(sentence: str | Promise, call: OnCall) -> SafeString:
    """What is read out stays on one line: a case's reference, a number."""
    since = timezone.localtime(call.began).strftime("%H:%M")
    together = {name: format_html('<span class="nowrap">{}</span>', getattr(call, name)) for name in TOGETHER}
    return format_html(str(sentence), agent=call.agent, team=call.team, since=since, **together)
