"""What the events of a call say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.calls.models import Through
from backoffice.calls.wrapping_up import ON_WHOSE_ORDER
from backoffice.cases.sentences import Sentence, Text
from backoffice.cases.timeline_view import PROOFS

ALARMS: Mapping[str, Text] = {
    "denied": _("the customer says that they are not talking to us"),
    "not_proven": _("three codes of a caller did not fit"),
}
LOGINS: Mapping[str, Text] = {
    **PROOFS,
    "nobody": _("nobody had a code shown"),
    "unknown": _("how is not known"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "code": ALARMS,
    "reason": {one.value: one.label for one in Through},
    "ordered_by": ON_WHOSE_ORDER,
    "login": LOGINS,
}
"""The words of the codes in events, work items and incidents."""
SENTENCES: Mapping[str, Sentence] = {
    "call.code_shown": Sentence(
        _("The customer had code no. %(number)s shown in the portal."), _("You had a code for us shown.")
    ),
    "call.code_wrong": Sentence(
        _("The caller's code did not fit; tries left: %(left)s."), _("A code that was read out to us did not fit.")
    ),
    "call.proven": Sentence(
        _("The caller's code fitted: code no. %(number)s."), _("The code that was read out to us was right.")
    ),
    "call.no_code": Sentence(
        _("The caller had no code. Nothing was done for the caller."),
        _("Somebody talked to us in your name without a code. We did nothing for them."),
    ),
    "call.not_proven": Sentence(
        _("Three codes of the caller did not fit. Nothing was done for the caller."),
        _("Somebody talked to us in your name, and three codes did not fit. We did nothing for them."),
    ),
    "call.denied": Sentence(
        _("Alarm: the customer is not talking to us."),
        _("You told us that you are not talking to us."),
    ),
    "call.silent": Sentence(
        _("Nobody typed a code in time. Nothing was done for the caller."),
        _("Somebody talked to us in your name, and we got no code. We did nothing for them."),
    ),
    "call.opened": Sentence(
        _("Opened on the order of the caller: case %(reference)s."),
        _("We opened case %(reference)s, as it was ordered."),
    ),
    "call.ordered_in": Sentence(
        _("Ordered by a caller with the right code, in call %(reference)s."),
        _("This was ordered in a call or chat with us, with a code from your portal (%(reference)s)."),
    ),
    "call.wrapped_up": Sentence(
        _("Wrapped up: on the order %(ordered_by)s; login: %(login)s; codes shown: %(number)s."),
        _("We wrote down what came of it."),
    ),
    "call.harmless": Sentence(_("Looked into the caller: all is well."), _("We looked into it: all is well.")),
    "call.suspect": Sentence(
        _("Looked into the caller: somebody pretended to be the customer."),
        _("We looked into it: somebody pretended to be you."),
    ),
}
