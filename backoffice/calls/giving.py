"""What the customer answers in the portal: that they talk to us and want the code, or that they do not."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.calls import codes
from backoffice.calls.records import call_of
from backoffice.cases.forms import Accepted, Answer, ItemForm


class GiveCodeForm(ItemForm):
    intro = _("One of us asks for a code, for somebody who called us or writes to us in your name.")
    submit = _("Continue")
    answer = forms.ChoiceField(
        label=_("Did you call us, or write to us in the chat, just now?"),
        choices=[
            ("shown", _("Yes: show me the code")),
            ("denied", _("No, I am not talking to you")),
        ],
        widget=forms.RadioSelect,
    )


def answered(answer: Answer) -> Accepted:
    chosen = answer.cleaned["answer"]
    call = call_of(answer.case, lock=True)
    if chosen == "denied":
        codes.denied(call, by=answer.by, now=answer.now, answering=answer.item.step)
    else:
        codes.show(call, by=answer.by, now=answer.now)
    return Accepted(chosen, keep={})
