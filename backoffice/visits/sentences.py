"""What the events of a home visit say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence, Text

ALARMS: Mapping[str, Text] = {
    "nobody_expected": _("the customer expects nobody"),
    "half_different": _("the visitor's digits did not fit, or something at the door was wrong"),
    "visitor_unsafe": _("the visitor does not feel safe"),
    "no_result": _("nothing was heard of the visitor"),
    "not_proven": _("the customer's digits did not fit three times"),
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
    "visit.handshake_begun": Sentence(
        _("The halves of the code were issued."), _("Our visitor got six digits to show you.")
    ),
    "visit.visitor_proven": Sentence(
        _("The visitor's digits fit."), _("The visitor's digits were right: they are ours.")
    ),
    "visit.half_b_wrong": Sentence(
        _("The visitor's digits did not fit; tries left: %(left)s."), _("The visitor's digits did not fit.")
    ),
    "visit.customer_proven": Sentence(
        _("The customer's digits fit."), _("Your digits were right: the visitor knows that it is you.")
    ),
    "visit.half_a_wrong": Sentence(
        _("The customer's digits did not fit; tries left: %(left)s."), _("Your digits did not fit.")
    ),
    "visit.match": Sentence(_("The identity matches."), _("The visitor checked your document.")),
    "visit.mismatch": Sentence(_("The identity does not match."), _("The visitor checked your document.")),
    "visit.refused": Sentence(
        _("The customer did not want the visit or the check."), _("Our visitor noted that you did not want to go on.")
    ),
    "visit.not_home": Sentence(_("Nobody was at home."), _("Our visitor found nobody at home.")),
    "visit.not_proven": Sentence(
        _("The customer's digits did not fit three times; the visit ended."),
        _("Your digits did not fit three times, so the visit ended."),
    ),
    "visit.missed": Sentence(
        _("The visit was not made: nobody could go, or nobody came in time."),
        _("We could not make the visit, and we are sorry."),
    ),
    "visit.cancelled": Sentence(
        _("The visit was cancelled for another way."), _("The visit was cancelled for another way.")
    ),
    "visit.nobody_expected": Sentence(
        _("Alarm: the customer expects nobody."), _("You told us that you expect nobody.")
    ),
    "visit.half_different": Sentence(
        _("Alarm: the visitor's digits did not fit, or something at the door was wrong."),
        _("The visitor's digits did not fit, or something was wrong. We called the visit off."),
    ),
    "visit.unsafe": Sentence(_("Alarm: the visitor does not feel safe."), _("Our visitor ended the visit.")),
    "visit.no_result": Sentence(_("Alarm: nothing was heard of the visitor."), _("We heard nothing of our visitor.")),
    "visit.withdrawn": Sentence(_("The visitor was called off: the case is stopped."), _("The visit was called off.")),
}
