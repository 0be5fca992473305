"""The words of a home visit for its customer."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit, VisitState
from workflows.home_visit.spec import VisitStage


def headline(case: Case) -> Headline:
    """What the visit is, as it is now: agreed for a time, at the door, over, or not agreed at all."""
    return Headline(_("Our visit to you"), _lead(case, visit_of(case), timezone.now()))


def _lead(case: Case, visit: Visit, now: datetime) -> str:
    if case.state == CaseState.CLOSED:
        if case.stage == VisitStage.PASSED:
            return _("Our visitor was with you, and we know now that it is you. Nobody comes again.")
        return _("There is no visit any more: nobody comes to you.")
    if case.state == CaseState.FROZEN:
        return _("This is paused while we look into something. Meanwhile nobody comes to you.")
    if case.state == CaseState.STOPPING:
        return _("This is being stopped: nobody comes to you.")
    if visit.is_ahead:
        return _of_agreed(visit, now)
    return {
        "": _("We would like to visit you, to be sure that it is you. Nobody comes before you have chosen a time."),
        VisitStage.PROPOSED: _(
            "We would like to visit you, to be sure that it is you. Nobody comes before you have chosen a time."
        ),
        VisitStage.REVIEW: _("The visit is over. A second person looks at what our visitor noted."),
        VisitStage.SUSPICION: _("The visit is over, and we look into how it went. Nobody comes to you now."),
        VisitStage.ALTERNATIVE: _("There is no visit any more. You can show in another way who you are."),
        VisitStage.PASSED: _("Our visitor was with you, and we know now that it is you. Nobody comes again."),
    }.get(case.stage, _("There is no visit now: nobody comes to you. We look into what happened, or what is next."))


def _of_agreed(visit: Visit, now: datetime) -> str:
    if visit.state == VisitState.AT_DOOR:
        return _("Our visitor checked in at your door. The page of the visit tells you whether somebody is ours.")
    if visit.ends is not None and visit.ends < now:
        return _("The agreed time has passed. We find out what happened, and write to you or call you.")
    words = _(
        "Our visitor comes on %(window)s, proves to you who they are, and looks at your identity document."
        " They take nothing with them."
    )
    return words % {"window": visit.window_in_words}
