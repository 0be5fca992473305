"""The words of a call-back for its customer and for staff: what it is now, and what its sheet says."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.calls.back.calling_off import why_not_call_off
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import (
    call_back_of,
    is_on_the_line,
    is_unwritten,
    place_is_kept,
    sheet_of,
    what_in_words,
)
from backoffice.calls.back.sentences import ENDED_OF_CUSTOMER, why_we_wait
from backoffice.calls.back.surveying import spoken_in, which_call
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.cases.shown_to_customers import Stands
from backoffice.telephony.models import CallState
from backoffice.ui.times import relative
from workflows.call_back.spec import SURVEY


def headline(case: Case) -> Headline:
    """What the call is, as it is now: agreed for a time, being made, over, or not agreed at all."""
    call_back = call_back_of(case)
    if call_back.survey_of_id is not None:
        return Headline(_("Two questions about our call"), _of_survey(case, call_back))
    title = _("Our call to you: %(what)s") % {"what": what_in_words(call_back)}
    return Headline(title, _lead(case, call_back))


def _of_survey(case: Case, call_back: CallBack) -> str:
    if spoken_in(call_back).surveyed_at is not None:
        return _("Thank you for your answer.")
    if case.state == CaseState.CLOSED:
        return _("You need not answer any more. Nothing is left to do.")
    told = which_call(call_back)
    if WorkItem.objects.filter(case=case, kind=SURVEY.name).exists():
        return _("%(told)s We would like to know how it was.") % {"told": told}
    return _("%(told)s Two days after it we ask how it was. You need do nothing now.") % {"told": told}


def stands(case: Case) -> Stands | None:
    """Where it stands for its customer: we wait until they ring us, somebody is on the line, or how it ended."""
    call_back, now = call_back_of(case), timezone.now()
    if case.state == CaseState.CLOSED:
        says = ENDED_OF_CUSTOMER.get(case.outcome_reason, "")
        return Stands(str(says)) if says else None
    if case.state != CaseState.OPEN or call_back.survey_of_id is not None:
        return None
    if is_on_the_line(call_back):
        return Stands(_("Look at the page of the call before you say anything to anybody on the telephone."))
    if not place_is_kept(call_back, now=now) or is_unwritten(call_back):
        return None
    told = {"phone": settings.COMPANY_PHONE, "reference": case.reference}
    says = _("Ring us on %(phone)s and name the case %(reference)s. Then we go on where we were.") % told
    return Stands(says, asks=True, until=call_back.place_kept_until)


def _lead(case: Case, call_back: CallBack) -> str:
    if case.state == CaseState.FROZEN:
        return _("This is paused while we look into something. Meanwhile nobody calls you about it.")
    if call_back.spoken_at is not None:
        return _("We have spoken. Nobody calls you about this now.")
    if case.state != CaseState.OPEN or call_back.state == CallBackState.OVER:
        return _("There is no call any more: nobody calls you about this.")
    if is_on_the_line(call_back):
        # This stands on pages that do not look again, and a call to us may be anybody's: so it vouches for nobody.
        return _("Is somebody on the telephone with you? The page of the call says whether it is us.")
    if is_unwritten(call_back):
        return _("%(over)s. Nobody calls you about this now.") % {"over": how_it_ended(call_back)}
    if place_is_kept(call_back, now=timezone.now()):
        return _("You wanted to be sure that it is us who calls. So you ring us, and we keep your place.")
    if call_back.window is not None and call_back.state in (CallBackState.AGREED, CallBackState.CALLING):
        told = {"window": call_back.window_in_words, "phone": settings.COMPANY_PHONE}
        if call_back.window.ends < timezone.now():
            return _("The agreed time has passed. If somebody calls now, look at the page of the call first.")
        return _("We call you on %(window)s, from %(phone)s.") % told
    if call_back.waits_until is not None:
        return why_we_wait(call_back.why_waits, to_customer=True)
    return _("No time is agreed yet. Nobody calls you before we have written to you when.")


def how_it_ended(call_back: CallBack) -> str:
    """How the last call ended, before anybody has written down what came of it: a title."""
    call = call_back.call
    if call is not None and call.state == CallState.VOICEMAIL:
        return _("We called you and reached your voicemail")
    if call is not None and call.state == CallState.NOT_ANSWERED:
        return _("We called you and did not reach you")
    return _("The call has ended")


def about(case: Case) -> str:
    """For a confirmation by its customer."""
    return what_in_words(call_back_of(case))


def why_not_stop(case: Case, by: Actor) -> str:
    """While somebody is on the line, and after it, there is nothing to stop."""
    call_back = call_back_of(case)
    if call_back.survey_of_id is not None or call_back.spoken_at is not None:
        return _("We have spoken already. You need not answer the two questions; they end by themselves.")
    return why_not_call_off(call_back, by=by) if by.kind is ActorKind.CUSTOMER else ""


def sheet(case: Case, item: WorkItem) -> Sequence[tuple[str, str]]:
    """The evidence of whoever calls: why, what may be asked and offered, what was tried before."""
    call_back, now = call_back_of(case), timezone.now()
    told = sheet_of(call_back)
    lines = [
        (_("About"), what_in_words(call_back)),
        (_("Why"), str(told.why)),
        *((_("You may ask"), str(one)) for one in told.may_ask),
    ]
    lines += [(_("You may offer"), str(one)) for one in told.offers]
    if told.needs_customer_proof:
        lines.append((_("Before you say what it is about"), _("The customer proves who they are, by a code.")))
    if call_back.window is not None:
        lines.append((_("Agreed for"), call_back.window_in_words))
    if call_back.point is not None:
        lines.append((_("Number"), call_back.point.masked))
    if call_back.calls > 1:
        lines.append((_("Calls so far"), str(call_back.calls)))
    if call_back.missed:
        lines.append((_("Missed by us"), str(call_back.missed)))
    if call_back.call is not None and call_back.call.wrapped_at is not None:
        lines.append(
            (_("The last one"), f"{call_back.call.get_outcome_display()}, {relative(call_back.call.wrapped_at, now)}")
        )
        if call_back.call.wrap_up:
            lines.append((_("What was written down"), call_back.call.wrap_up))
    return lines


def summary(case: Case) -> str:
    """What the title leaves open, for staff."""
    call_back = call_back_of(case)
    return _("questions") if call_back.survey_of_id is not None else what_in_words(call_back)
