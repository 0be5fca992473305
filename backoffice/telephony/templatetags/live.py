"""The block "who is on the telephone with you now", for every page of a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from backoffice.telephony import live
from backoffice.telephony.live import states, words
from backoffice.telephony.live.states import Live, LiveState

register = template.Library()
_TONES = {
    LiveState.NOBODY: "stopped",
    LiveState.CALLING: "others",
    LiveState.TALKING: "done",
    LiveState.NOT_US: "attention",
    LiveState.CANNOT_CHECK: "attention",
}


@register.inclusion_tag("telephony/live.html", takes_context=True)
def live_calls(context: template.Context) -> dict[str, Any]:
    """The block on any page of the portal: hidden while no call of ours is on. Nothing for those who are no customers,
    and on the page that says it anyway (`live_page`)."""
    request = context.get("request")
    customer = getattr(request, "customer", None)
    if customer is None or context.get("live_page"):
        return {"live": None}
    found = live.state_of(customer)
    return {**shown(found), "quiet": True, "hidden": not found.is_on, "customer": customer, "request": request}


@register.filter
def with_our_number(sentence: str) -> SafeString:
    """The sentence, in which our number is a link that stays on one line."""
    phone = settings.COMPANY_PHONE
    link = format_html('<a class="nowrap" href="tel:{}">{}</a>', phone.replace(" ", ""), phone)
    return SafeString(link.join(escape(part) for part in sentence.split(phone)))


def tone_of(state: LiveState) -> str:
    """The colour and the shape of a state, by their name."""
    return _TONES[state]


def shown(found: Live) -> dict[str, Any]:
    """What the block's template needs."""
    return {
        "live": found,
        "states": [says(Live(state)) for state in LiveState],
        "now": says(found),
        "places": words.PLACES,
        "denied_within": states.DENIED_WITHIN,
        "streams": f"{settings.LIVE_URL}/live/stream",
        "as_of": timezone.localtime(timezone.now() - timedelta(seconds=found.age)),
    }


def says(found: Live) -> dict[str, Any]:
    """One state, with its words and its colour."""
    titles = [] if found.state == LiveState.TALKING and not found.calls else words.titles_of(found)
    return {
        "state": found.state.value,
        "tone": _TONES[found.state],
        "titles": titles,
        "lines": words.lines_of(found),
    }
