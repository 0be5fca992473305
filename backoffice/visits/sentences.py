"""What the events of a home visit say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence, Text

ALARMS: Mapping[str, Text] = {
    "nobody_expected": _("the customer expects nobody"),
    "half_different": _("the visitor's half was not ours"),
    "visitor_unsafe": _("the visitor does not feel safe"),
    "no_result": _("nothing was heard of the visitor"),
    "not_proven": _("the customer's half did not fit"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "code": ALARMS,
    "why": ALARMS,
    "reason": {"identity_mismatch": _("the identity did not match")},
    "called": {"visitor": _("the visitor")},
}
"""The words of the codes in events, work items and incidents."""
SENTENCES: Mapping[str, Sentence] = {
    "visit.booked": Sentence(_("A visit was agreed (attempt %(attempt)s)."), _("You chose a time for our visit.")),
    "visit.moved": Sentence(_("The visit was moved to another time."), _("The visit was moved to another time.")),
    "visit.assigned": Sentence(_("A visitor was assigned (badge %(badge)s).")),
    "visit.nobody_free": Sentence(_("No visitor is free for the agreed time.")),
    "visit.arrived": Sentence(_("The visitor checked in at the door."), _("Our visitor arrived.")),
    "visit.arrived_unlocated": Sentence(
        _("The visitor checked in without sharing the place."), _("Our visitor arrived.")
    ),
    "visit.handshake_begun": Sentence(_("The halves of the code were issued."), _("The visitor shows you six digits.")),
    "visit.visitor_proven": Sentence(_("The visitor's half fits."), _("The visitor proved to you that they are ours.")),
    "visit.half_b_wrong": Sentence(
        _("The visitor's half did not fit; tries left: %(left)s."), _("The digits did not fit.")
    ),
    "visit.customer_proven": Sentence(_("The customer's half fits."), _("You proved to the visitor who you are.")),
    "visit.half_a_wrong": Sentence(
        _("The customer's half did not fit; tries left: %(left)s."), _("The digits did not fit.")
    ),
    "visit.match": Sentence(_("The identity matches."), _("The visitor checked your document.")),
    "visit.mismatch": Sentence(_("The identity does not match."), _("The visitor checked your document.")),
    "visit.refused": Sentence(_("The customer refused the check."), _("You refused the check at the door.")),
    "visit.not_home": Sentence(_("Nobody was at home."), _("Our visitor found nobody at home.")),
    "visit.not_proven": Sentence(
        _("The customer's half did not fit three times; the visitor left."), _("The visit ended.")
    ),
    "visit.missed": Sentence(_("Our visitor did not come in the window."), _("We missed the visit, and we are sorry.")),
    "visit.cancelled": Sentence(
        _("The visit was cancelled for another way."), _("You chose another way than the visit.")
    ),
    "visit.nobody_expected": Sentence(_("Alarm: the customer expects nobody."), _("You said that you expect nobody.")),
    "visit.half_different": Sentence(
        _("Alarm: the visitor's half was not ours."),
        _("The visitor's digits were not ours. We called the visit off."),
    ),
    "visit.unsafe": Sentence(_("Alarm: the visitor does not feel safe."), _("The visit ended.")),
    "visit.no_result": Sentence(_("Alarm: nothing was heard of the visitor.")),
    "visit.withdrawn": Sentence(_("The visitor was called off: the case is stopped."), _("Nobody comes to you.")),
}
