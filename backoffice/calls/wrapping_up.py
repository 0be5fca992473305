"""The wrap-up of a call: what changed, on whose order, with which login and which code. Nobody can skip it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of, login_of, wanted
from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.cases.models import Case

ON_WHOSE_ORDER = {
    "holder": _("of the customer"),
    "representative": _("of somebody who acts for the customer"),
    "nobody": _("of nobody: nothing was ordered"),
}


class WrapUpForm(ItemForm):
    """The login and the code are known to the call itself; the agent sees them beside the form."""

    submit = _("Write it down, and end the call")
    ordered_by = forms.ChoiceField(
        label=_("On whose order?"),
        choices=list(ON_WHOSE_ORDER.items()),
        widget=forms.RadioSelect(attrs={"autofocus": True}),
    )
    changed = forms.CharField(
        label=_("What changed?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes to the timeline. Write no name, number, address or code."),
        error_messages={"required": _("Say what changed, or that nothing did.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call_of(self.item.case)
        self.fields["changed"].initial = suggestion(self.call)

    def clean_ordered_by(self) -> str:
        chosen = str(self.cleaned_data["ordered_by"])
        if chosen != "nobody" and self.call.state != CallState.PROVEN:
            raise forms.ValidationError(_t("No code fitted in this call, so nobody could order anything."))
        if chosen == "nobody" and self.call.opened_id is not None:
            raise forms.ValidationError(_t("Something was opened in this call. Say on whose order."))
        return chosen


def suggestion(call: Call) -> str:
    """What changed, as far as the call knows it."""
    if call.opened is not None:
        told = {"what": wanted(call), "reference": call.opened.reference}
        return _t("Opened for the caller: %(what)s, case %(reference)s.") % told
    return _t("Nothing was changed.")


def wrapped_up(answer: Answer) -> Accepted:
    call = call_of(answer.case, lock=True)
    call.wrapped_at = answer.now
    call.save(update_fields=["wrapped_at"])
    data = {
        "ordered_by": answer.cleaned["ordered_by"],
        "login": login_of(call),
        "number": str(call.shown),
    }
    changed = answer.cleaned["changed"]
    timeline.note(answer.case, "call.wrapped_up", by=answer.by, data=data, reason=changed, at=answer.now)
    return Accepted("written", keep=dict(answer.cleaned))


def end(case: Case) -> None:
    """When the case closes, also early by an operator, its agent is free for other calls."""
    Call.objects.filter(case=case, wrapped_at=None).update(wrapped_at=case.closed_at)
