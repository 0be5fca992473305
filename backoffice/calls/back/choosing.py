"""The forms by which a window is chosen: by the customer, or by a supervisor where nobody is staffed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.calls.back import booking, offering, staffing
from backoffice.calls.back.records import call_back_of, what_in_words
from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.cases.windows import Window, key_in_words
from backoffice.needed_fields import needed
from backoffice.refusals import Invalid
from workflows.call_back.facts import Booked
from workflows.call_back.spec import PERIODS


class ChooseWindowForm(ItemForm):
    """When we call, or that we shall not. The times are those that are free when the form is made."""

    how_we_call = _(
        "We prove first that it is us: while the telephone rings, your page here shows who calls. If you choose"
        " nothing, we call at the next time that is free, and write to you before."
    )
    submit = _("Confirm")

    how = forms.ChoiceField(
        label=_("Shall we call you?"),
        choices=[("call", _("Yes, at the time that I choose")), ("no_call", _("No, do not call me about this"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether we shall call.")},
    )
    window = needed(
        forms.ChoiceField(
            label=_("When do we call?"),
            required=False,
            error_messages={"invalid_choice": _("This time is no longer free. Choose another one.")},
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_zone, call_back = self.item.case.customer.time_zone, call_back_of(self.item.case)
        about = _t("We would like to call you about this: %(what)s.") % {"what": what_in_words(call_back)}
        self.intro = f"{about} {self.how_we_call}"
        found = offering.windows_for(call_back, now=timezone.now(), asked=True)
        field = self.fields["window"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _t("Choose a time")), *offering.by_day(found, self.time_zone)]
        field.help_text = offering.earliest_in_words(found, self.time_zone, to_customer=True)

    def kept_in_words(self, name: str, kept: Any) -> str:
        return key_in_words(str(kept), self.time_zone) if name == "window" else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("how") == "no_call":
            self.errors.pop("window", None)
            cleaned.pop("window", None)
        elif cleaned.get("how") and not cleaned.get("window") and "window" not in self.errors:
            self.add_error("window", _t("Choose a time."))
        return cleaned


def window_chosen(answer: Answer) -> Accepted:
    if answer.cleaned["how"] == "no_call":
        timeline.note(answer.case, "call_back.declined", by=answer.by, at=answer.now)
        return Accepted("declined")
    call_back = call_back_of(answer.case, lock=True)
    call_back.asked_by_customer = True
    offered = offering.windows_for(call_back, now=answer.now, asked=True)
    window = offering.of_choice(answer.cleaned["window"], offered)
    booking.agree(call_back, window, by=answer.by, now=answer.now)
    return Accepted("booked", facts=Booked(starts=window.starts, ends=window.ends))


class FindTimeForm(ItemForm):
    """A supervisor staffs one call, or says that nobody can."""

    intro = _("Nobody is staffed at a time when this customer may be called. Find somebody, and say when.")
    submit = _("Confirm")

    how = forms.ChoiceField(
        label=_("Can somebody call?"),
        choices=[("found", _("Yes, at this time")), ("nobody", _("No: nobody calls, and the customer is told"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether somebody can call.")},
    )
    starts = needed(
        forms.DateTimeField(
            label=_("From when? We call within a quarter of an hour."),
            required=False,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "900"}, format="%Y-%m-%dT%H:%M"),
            error_messages={"invalid": _("Choose a day and a time, such as 2026-11-29 14:15.")},
        )
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("how") == "found" and not cleaned.get("starts") and "starts" not in self.errors:
            self.add_error("starts", _t("Choose when."))
        return cleaned


def time_found(answer: Answer) -> Accepted:
    """Raises `Invalid` on `starts` outside the customer's hours, and where the contact budget is spent."""
    if answer.cleaned["how"] == "nobody":
        return Accepted("nobody")
    call_back = call_back_of(answer.case, lock=True)
    starts = answer.cleaned["starts"]
    window = Window(starts, starts + PERIODS.window)
    since = offering.earliest(call_back, now=answer.now, asked=call_back.asked_by_customer)
    if starts.minute % 15 or starts.second:
        raise Invalid({"starts": [_t("Choose a full quarter of an hour: 14:00, 14:15, 14:30 or 14:45.")]})
    if not since <= starts <= answer.now + timedelta(days=30):
        raise Invalid({"starts": [_t("We may call only later than that, and within thirty days.")]})
    if not offering.is_awake(window, answer.case.customer.time_zone):
        raise Invalid({"starts": [_t("By the customer's clock that is before 08:00 or after 21:00.")]})
    staffing.make_room(call_back.role, starts, by=answer.by, now=answer.now)
    call_back.first_in_line = True
    booking.agree(call_back, window, by=answer.by, now=answer.now)
    return Accepted("found", facts=Booked(starts=window.starts, ends=window.ends))
