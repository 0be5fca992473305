"""The form that opens a case of a strange contact, and those of its work items, each with its rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OpeningForm, OutcomeForm, whom_called
from backoffice.suspicions import pausing, telling_more
from backoffice.suspicions.receiving import LONGEST_SENDER
from backoffice.trust.extracting import LONGEST
from backoffice.trust.models import ContactChannel
from workflows.suspicious_contact.facts import MadeSafe, Rematched, ToldMore, WasItYou

HOW = [
    (ContactChannel.CALL.value, _("A telephone call")),
    (ContactChannel.SMS.value, _("A text message, or a chat")),
    (ContactChannel.MAIL.value, _("An e-mail")),
    (ContactChannel.LETTER.value, _("A letter")),
    (ContactChannel.IN_PERSON.value, _("Somebody came")),
    (ContactChannel.OTHER.value, _("In another way")),
]
TOO_LONG = _("This is too long. Paste the first pages: %(most)s characters are enough.") % {"most": f"{LONGEST:,}"}


def text_field(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": TOO_LONG},
        **more,
    )


def sender_field() -> forms.CharField:
    return forms.CharField(
        label=_("The number, address or link that they use, if you have it"),
        required=False,
        max_length=LONGEST_SENDER,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def how_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How did they reach you?"),
        choices=HOW,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they reached you.")},
    )


class ReportForm(OpeningForm):
    """Everything but the way is optional: who is rung by a stranger has no time to type."""

    intro = _("Whatever it was: report it. It costs nothing, and nobody minds if it turns out to be from us.")
    submit = _("Report it")

    how = how_field()
    text = text_field(
        _("What does it say, or what did they say?"), help_text=_("Paste the whole message, or write a few words.")
    )
    sender = sender_field()
    is_on_now = forms.BooleanField(label=_("Somebody is on the telephone with me now"), required=False)


class SayMoreForm(ItemForm):
    """What is needed to tell whether it is ours."""

    intro = _(
        "We cannot tell yet whether it was from us. Copy the whole message here, from its first line to its last. Of a"
        " call, write who they said they were, from which number they rang, and what they wanted."
    )
    submit = _("Send it")
    text = text_field(_("What it says, or what they said"))
    sender = sender_field()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("text") and not given.get("sender"):
            self.add_error("text", _t("Write something: a few words, a number or an address are enough."))
        return given


def said_more(answer: Answer) -> Accepted:
    """Matched again in the same transaction; what was not ours pauses what is sensitive."""
    match = telling_more.say_more(answer.case, text=answer.cleaned["text"], sender=answer.cleaned["sender"], at=answer)
    return Accepted(ToldMore.TOLD, facts=Rematched(match=match), keep={})


class WasItYouForm(ItemForm):
    """For whoever is told of a report that somebody made for them without proving who they are."""

    intro = _(
        "Somebody told us of a strange contact and named you, without signing in. To be safe we paused your open"
        " changes. If that was not you, they go on as soon as you say so."
    )
    submit = _("Send my answer")
    decision = forms.ChoiceField(
        label=_("Did you report it?"),
        choices=[
            (WasItYou.NOT_MINE.value, _("No. Let my cases go on")),
            (WasItYou.MINE.value, _("Yes. Leave them paused until you have looked into it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the report was yours.")},
    )


def said_whether(answer: Answer) -> Accepted:
    decision = answer.cleaned["decision"]
    if decision == WasItYou.NOT_MINE.value:
        pausing.lift(case_id=answer.case.id, by=answer.by, now=answer.now)
    else:
        telling_more.vouch_for(answer.case, at=answer)
    return Accepted(decision)


class MakeSafeForm(OutcomeForm):
    intro = _(
        "Call the customer on the number on file, never on one from the report. What they gave away is below: before"
        " anything goes on, the card is blocked, the password is changed, the device is clean."
    )
    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_customer", "outcome", "reason")


def made_safe(answer: Answer) -> Accepted:
    outcome = answer.cleaned["outcome"]
    called = answer.cleaned.get("called_customer", "")
    data = {"called": str(called)} if outcome == MadeSafe.GO_ON.value and called else {}
    return Accepted(outcome, reason=answer.cleaned["reason"], data=data)
