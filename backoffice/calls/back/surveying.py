"""Two questions, 48 hours after a call. Who is not content is called by a supervisor."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.calls.back.models import CallBack
from backoffice.calls.back.records import call_back_of, what_in_words
from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm

SOLVED = {"yes": _("Yes"), "partly": _("In part"), "no": _("No")}
RATED = {"5": _("Very good"), "4": _("Good"), "3": _("Fair"), "2": _("Bad"), "1": _("Very bad")}
BAD = 2
"""A call that is rated so, or lower, is called about by a supervisor; so is one that solved nothing."""


class SurveyForm(ItemForm):
    after_a_bad_call = _(
        "You need not answer. If your answer is “No”, “Bad” or “Very bad”, somebody with more experience calls you"
        " about it; you choose when, or say that you want no call."
    )
    submit = _("Send")

    solved = forms.ChoiceField(
        label=_("Is what we talked about solved?"),
        choices=list(SOLVED.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether it is solved.")},
    )
    rated = forms.ChoiceField(
        label=_("How was the call?"),
        choices=list(RATED.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how the call was.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intro = f"{which_call(call_back_of(self.item.case))} {self.after_a_bad_call}"


def surveyed(answer: Answer) -> Accepted:
    call_back = spoken_in(call_back_of(answer.case, lock=True))
    given: dict[str, Any] = answer.cleaned
    call_back.solved, call_back.rated, call_back.surveyed_at = given["solved"], int(given["rated"]), answer.now
    call_back.save(update_fields=["solved", "rated", "surveyed_at"])
    data = {"solved": given["solved"], "rated": given["rated"]}
    timeline.note(answer.case, "call_back.surveyed", by=answer.by, data=data, at=answer.now)
    return Accepted("discontent" if given["solved"] == "no" or int(given["rated"]) <= BAD else "content")


def spoken_in(call_back: CallBack) -> CallBack:
    """The call-back in which the call was made that the questions are about."""
    return call_back.survey_of or call_back


def which_call(call_back: CallBack) -> str:
    """Which call the questions are about, for its customer and by their clock; nobody answers for a call that they do
    not remember."""
    spoken = spoken_in(call_back)
    if spoken.spoken_at is None:
        return ""
    zone, what = ZoneInfo(call_back.case.customer.time_zone), what_in_words(spoken)
    told = {"day": date_format(spoken.spoken_at.astimezone(zone), "l j F"), "what": what}
    return _t("On %(day)s we talked on the telephone about this: %(what)s.") % told
