"""The wrap-up of a call-back: what came of it, in words and as the process must know it. Nobody can skip it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.calls.back import offering, rights
from backoffice.calls.back.following import follow
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.preparing import item_of
from backoffice.calls.back.records import call_back_of
from backoffice.cases import answering, timeline
from backoffice.cases.answering import Receipt, Session
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.telephony import states
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.trust.models import Direction
from workflows.call_back.facts import LEAVES_AS_IT_WAS, CallMade, Progress, Reached
from workflows.call_back.spec import CALL_PROGRESS, PERIODS

_ANSWERED = (CallMade.SPOKEN, CallMade.RINGS_BACK, CallMade.OTHER_PERSON, CallMade.BROKEN_OFF, CallMade.DECLINED)
_AS_A_CALL: Mapping[CallMade, CallOutcome] = {
    CallMade.SPOKEN: CallOutcome.SPOKEN,
    CallMade.DECLINED: CallOutcome.SPOKEN,
    CallMade.RINGS_BACK: CallOutcome.RINGS_BACK,
    CallMade.OTHER_PERSON: CallOutcome.NOT_THE_CUSTOMER,
    CallMade.BROKEN_OFF: CallOutcome.BROKEN_OFF,
}


class WrapUpForm(ItemForm):
    """Which outcomes are possible depends on how the call ended. The words are kept sealed with the call."""

    intro = _("Dial from the page of the call. Once the call is over, say what came of it.")
    submit = _("Write it down")

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what came of the call.")},
    )
    text = forms.CharField(
        label=_("What was said, and what was agreed?"),
        max_length=states.LONGEST_WRAP_UP,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is kept with the call; colleagues read it before the next one."),
        error_messages={"required": _("Write down what came of the call.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        call = call_back_of(self.item.case).call
        choice.choices = [(one.value, in_words(call, one)) for one in CallMade]
        if call is not None and call.is_over and call.answered_at is None:
            self.fields["text"].label = _t("What should colleagues know before the next call?")
            self.fields["text"].help_text = _t("Such as: busy twice; a voicemail with another name.")

    def clean_outcome(self) -> str:
        made = _made(self.cleaned_data["outcome"])
        if refusal := why_not(call_back_of(self.item.case).call, made):
            raise forms.ValidationError(refusal)
        return made.value


def in_words(call: Call | None, made: CallMade) -> str:
    """What came of the call, as its agent says it."""
    if made is CallMade.OTHER_PERSON and call is not None and call.direction == Direction.IN:
        return _t("The caller did not prove who they are; I told them nothing")
    return _t(made.words)


def why_not(call: Call | None, made: CallMade) -> str:
    """Why this cannot have come of the call; empty when it can. Whoever rings us and names the reference of a case has
    proven nothing: without the customer's code nothing that is theirs is used up by it."""
    if call is None or call.state == CallState.ANNOUNCED or call.wrapped_at is not None:
        return _t("Nobody has dialled yet. Open the sheet and dial first.")
    if not call.is_over:
        return _t("This call is not over yet. Say first how it ended.")
    if made not in _ANSWERED:
        return _t("Somebody answered this call. Say what came of it.") if call.state == CallState.ENDED else ""
    if call.answered_at is None or call.state != CallState.ENDED:
        return _t("Nobody answered this call. Say that nobody answered.")
    if call.direction == Direction.IN and made not in LEAVES_AS_IT_WAS and not _is_proven(call):
        return _t(
            "The caller did not prove that they are the customer: no code from the portal fitted. So nothing may have "
            "been told, and what was agreed stays. Choose what else came of it."
        )
    if made is CallMade.SPOKEN and not {CallState.COMPANY_PROVEN, CallState.CUSTOMER_PROVEN} & call.times.keys():
        return _t(
            "We did not prove who we are in this call, so nothing may have been told. Choose what else came of it."
        )
    return ""


def wrapped_up(answer: Answer) -> Accepted:
    """The rule of the work item: writes the call, its case and the process's news in one transaction."""
    call_back = call_back_of(answer.case, lock=True)
    made, call = _made(answer.cleaned["outcome"]), call_back.call
    if call is None or (refusal := why_not(call, made)):
        raise Invalid({"outcome": [refusal if call else why_not(None, made)]})
    try:
        outcome = str(_AS_A_CALL.get(made, ""))
        call = states.wrap_up(
            call_id=call.id, text=answer.cleaned["text"], by=answer.by, now=answer.now, outcome=outcome
        )
    except Conflict as refused:
        raise Invalid({"outcome" if refused.field == "state" else "text": [refused.sentence]}) from refused
    follow(call_back, call, by=answer.by, now=answer.now)
    _remember(call_back, made, now=answer.now)
    data = {"outcome": made.value, "proof": _proof(call)}
    timeline.note(answer.case, "call_back.wrapped_up", by=answer.by, data=data, at=answer.now)
    signal(answer.case, CALL_PROGRESS, Progress(to=Reached.WRAPPED_UP, outcome=made))
    return Accepted(made.value, keep={"outcome": made.value})


@needs(rights.CALL_BACK)
def wrap_up(
    *,
    case_id: uuid.UUID,
    by: Actor,
    data: Mapping[str, Any],
    session: Session | None = None,
    now: datetime | None = None,
) -> Receipt:
    """Answers the work item of the call (`WrapUpForm`: `outcome`, `text`). Raises `NotFound` where there is none, and
    what `answering.answer` raises: `Invalid` with everything that is wrong; then the call stays open."""
    case = Case.objects.filter(id=case_id).first()
    item = item_of(case) if case else None
    if item is None:
        raise NotFound("unknown_item", _t("There is no call here that could be wrapped up."))
    return answering.answer(item_id=item.id, by=by, data=data, session=session, now=now or timezone.now())


def _made(value: str) -> CallMade:
    return next(one for one in CallMade if one.value == value)


def _remember(call_back: CallBack, made: CallMade, *, now: datetime) -> None:
    call = call_back.call
    if call is not None and call.direction == Direction.IN and made in LEAVES_AS_IT_WAS:
        call_back.state = _as_it_was(call_back, now=now)
        call_back.save(update_fields=["state"])
        return
    offering.give_back(call_back, now=now)
    call_back.starts = call_back.ends = call_back.not_before = call_back.place_kept_until = None
    match made:
        case CallMade.SPOKEN:
            call_back.state, call_back.spoken_at = CallBackState.OVER, now
        case CallMade.DECLINED:
            call_back.state = CallBackState.OVER
        case CallMade.RINGS_BACK:
            call_back.state, call_back.place_kept_until = CallBackState.RING_BACK, now + PERIODS.place_kept
        case _:
            call_back.state, call_back.not_before = CallBackState.OPEN, now + PERIODS.between_tries
    call_back.save()


def _as_it_was(call_back: CallBack, *, now: datetime) -> CallBackState:
    if call_back.window is not None:
        return CallBackState.AGREED
    kept = call_back.place_kept_until
    return CallBackState.RING_BACK if kept is not None and kept > now else CallBackState.OPEN


def _is_proven(call: Call) -> bool:
    return CallState.CUSTOMER_PROVEN in call.times


def _proof(call: Call) -> str:
    """How far both had proven themselves: "both", "company" or "nobody"."""
    if _is_proven(call):
        return "both"
    return "company" if CallState.COMPANY_PROVEN in call.times else "nobody"
