"""How the voice gateway does now, in numbers and words. Nothing of any call is in it, and no digit ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.staff.rights import Text, needs
from backoffice.telephony import rights
from backoffice.telephony.adapters.voice_gateway import GatewayClient
from backoffice.telephony.ports import ProviderFailed
from backoffice.voice.contract import Counts, Failure

log = structlog.get_logger(__name__)
CONNECTS_IN, ANSWERS_IN = 1.0, 2.0
"""Seconds. A gateway that is well says it in a few milliseconds."""
MOST_LATE = 0.01
"""The share of late frames from which people hear it."""

COMMANDS: Mapping[str, Text] = {
    "signature": _("not signed, or not by us"),
    "replay": _("sent a second time"),
    "stale": _("signed too long ago"),
    "unreadable": _("not to be read"),
    "out_of_range": _("with values that make no sense"),
    "too_large": _("too large"),
    "not_ready": _("while it was starting"),
}
_SIP: Mapping[str, Text] = {
    "stranger": _("messages of unknown peers"),
    "connection": _("connections of unknown peers, or too many at once"),
    "connect": _("connections that could not be made"),
    "connection_lost": _("connections that broke"),
    "stray_response": _("answers to nothing that was asked"),
    "forked": _("second answers to one call"),
}
SOUND: Mapping[str, Text] = {
    "not_agreed": _("before anything was agreed"),
    "foreign_address": _("from another address"),
    "unauthenticated": _("with a wrong key"),
    "replayed": _("sent a second time"),
    "malformed": _("not to be read"),
    "wrong_type": _("of another kind of sound"),
    "foreign_source": _("of another source"),
    "on_hold": _("while the call was on hold"),
}
FAILURES: Mapping[str, Text] = {
    Failure.PROVIDER: _("the payment provider did not answer"),
    Failure.VOICE: _("a text could not be spoken"),
    Failure.LEG: _("a telephone's sound was given up"),
    Failure.RECORDING: _("frames of a recording are missing"),
    Failure.CALL: _("somebody rang, and there was no room"),
    Failure.EVENT: _("we did not take what it told us"),
}
_OTHERS = _("not to be read, or of another kind")
"""Of a code without words of its own."""


@dataclass(frozen=True)
class Health:
    """`counts` is None where nothing can be said; `why_not` says why. `late` is the share of late frames, 0 to 1."""

    counts: Counts | None
    why_not: Text = ""

    @property
    def late(self) -> float:
        return self.counts.late_frames / self.counts.frames if self.counts and self.counts.frames else 0.0

    @property
    def is_late(self) -> bool:
        return self.late > MOST_LATE

    @property
    def groups(self) -> Sequence[tuple[Text, Sequence[tuple[Text, int]]]]:
        """What was refused and what failed: a title each, and how often in words."""
        if self.counts is None:
            return ()
        return (
            (_("Commands that were refused"), _in_words(self.counts.refused, COMMANDS)),
            (_("On the way of calls (SIP)"), _in_words(self.counts.sip_refused, _SIP)),
            (_("Datagrams of sound that were not taken"), _in_words(self.counts.sound_refused, SOUND)),
            (_("What failed"), _in_words(self.counts.failures, FAILURES)),
        )


@needs(rights.SEE_GATEWAY)
def look(*, by: Actor) -> Health:
    """Asks the gateway, and gives up after `CONNECTS_IN` and `ANSWERS_IN`."""
    if not settings.VOICE_CONTROL_URL:
        return Health(None, _("No voice gateway is set up here."))
    url, secret = settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET
    try:
        return Health(GatewayClient(url=url, secret=secret, connect=CONNECTS_IN, read=ANSWERS_IN).count())
    except ProviderFailed as failed:
        log.warning("the voice gateway does not say how it does", why=str(failed))
        return Health(None, _("The voice gateway does not answer. Calls that go on may be lost, and none begins."))


def _in_words(counted: Mapping[str, int], words: Mapping[str, Text]) -> Sequence[tuple[Text, int]]:
    """The most frequent first. Codes without words are counted together."""
    found: Counter[Text] = Counter()
    for code, number in counted.items():
        if number:
            found[str(words.get(code, _OTHERS))] += number
    return found.most_common()
