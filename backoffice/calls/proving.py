"""What the agent types: the code that the caller reads out, or that the caller has none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.actors import Actor
from backoffice.calls import codes as call_codes
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of
from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.needed_fields import needed
from backoffice.references import characters_of
from backoffice.refusals import TryRefused
from backoffice.trust import codes
from backoffice.ui.page_forms import NOT_KEPT
from workflows.phone_authorisation.spec import TRIES


class TypeCodeForm(ItemForm):
    """The agent never sees the code that is expected."""

    intro = _("The caller opens the portal, where the case is on the first page, and reads the code to you.")
    submit = _("Check the code")
    code = needed(
        forms.CharField(
            label=_("The code that the caller reads out"),
            required=False,
            max_length=40,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "autocapitalize": "characters",
                    "spellcheck": "false",
                    "autofocus": True,
                    NOT_KEPT: True,
                }
            ),
        )
    )
    no_code = forms.BooleanField(
        label=_("The caller has no code"),
        required=False,
        help_text=_("Then nothing is done for the caller, and we tell the customer."),
    )

    def clean(self) -> dict[str, Any]:
        """A slip of the finger is no try."""
        cleaned = super().clean() or {}
        typed = characters_of(cleaned.get("code") or "")
        if typed and cleaned.get("no_code"):
            self.add_error("code", _t("You typed a code and ticked that there is none. Which is it?"))
        elif not typed and not cleaned.get("no_code") and "code" not in self.errors:
            self.add_error("code", _t("Type the code, or say that the caller has none."))
        elif typed and len(typed) != call_codes.LENGTH:
            said = ngettext(
                "The code has eight characters, and this is %(number)d. It was not counted as a try.",
                "The code has eight characters, and these are %(number)d. It was not counted as a try.",
                len(typed),
            )
            self.add_error("code", said % {"number": len(typed)})
        return cleaned


def typed(answer: Answer) -> Accepted:
    """Right: the caller is proven. Wrong: a try is counted and noted; the third ends it, and raises an alarm."""
    call = call_of(answer.case, lock=True)
    if answer.cleaned["no_code"]:
        _end(call, CallState.NO_CODE, by=answer.by, now=answer.now)
        return Accepted("no_code", keep={})
    right = codes.try_within(
        case_id=call.case_id,
        action=call_codes.action_of(call),
        target=answer.by.id,
        typed=answer.cleaned["code"],
        now=answer.now,
    )
    if right is not None:
        call.proven_at = answer.now
        _end(call, CallState.PROVEN, by=answer.by, now=answer.now)
        return Accepted("proven", keep={})
    call.wrong += 1
    call.save(update_fields=["wrong"])
    left = TRIES - call.wrong
    timeline.note(answer.case, "call.code_wrong", by=answer.by, data={"left": str(left)}, at=answer.now)
    if left > 0:
        return Accepted("", keep={}, refused=TryRefused("code_refused", _refusal(left), field="code"))
    _end(call, CallState.NOT_PROVEN, by=answer.by, now=answer.now)
    call_codes.suspect(call, by=answer.by, now=answer.now)
    return Accepted("not_proven", keep={})


def silent(call: Call, *, by: Actor, now: datetime) -> None:
    """Nobody typed a code in time; a call that ended otherwise meanwhile stays as it ended."""
    if call.state == CallState.ASKED:
        _end(call, CallState.SILENT, by=by, now=now)


def _end(call: Call, state: CallState, *, by: Actor, now: datetime) -> None:
    call.state = state
    call.save(update_fields=["state", "proven_at"])
    data = {"number": str(call.shown)} if state is CallState.PROVEN else {}
    timeline.note(call.case, f"call.{state.value}", by=by, data=data, at=now)


def _refusal(left: int) -> str:
    said = ngettext(
        "This code does not work here. Ask the caller to read it once more from the page of this case; "
        "%(left)d try is left.",
        "This code does not work here. Ask the caller to read it once more from the page of this case; "
        "%(left)d tries are left.",
        left,
    )
    return said % {"left": left}
