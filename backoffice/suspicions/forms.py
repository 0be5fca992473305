"""The form that opens a case of a strange contact, and those of its work items, each with its rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind
from backoffice.cases.forms import Accepted, Answer, ItemForm, OpeningForm
from backoffice.customers.models import Customer
from backoffice.suspicions import calls, pausing, telling_more
from backoffice.suspicions.calls import Came, When
from backoffice.suspicions.receiving import LONGEST_SENDER
from backoffice.trust.extracting import LONGEST
from backoffice.trust.models import ContactChannel
from workflows.suspicious_contact.facts import Match, Rematched, ToldMore, WasItYou

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


def when_field() -> forms.ChoiceField:
    """Of a call. Asked only for a customer whom we called in the last days: `ask_when`."""
    return forms.ChoiceField(
        label=_("If it was a call: when was it?"),
        choices=[*When.choices, ("", _("I do not know"))],
        required=False,
        widget=forms.RadioSelect,
    )


def about_field() -> forms.TimeField:
    return forms.TimeField(
        label=_("At about what time, today or yesterday?"),
        help_text=_("Half an hour more or less does not matter. You can leave it empty."),
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write a time like 14:30, or leave it empty.")},
    )


def ask_when(form: forms.Form, *, customers: list[Customer]) -> None:
    """Takes the question when the call came out of a form whose answer changes nothing: none of these customers was
    called by us in the last days."""
    if not any(calls.lately(one, now=timezone.now()) for one in customers):
        for name in ("when", "about"):
            form.fields.pop(name, None)


def came_in(cleaned: dict[str, Any], *, customer: Customer) -> Came | None:
    """When the call came, from the fields `when` and `about`. Raises `forms.ValidationError` on a time to come."""
    try:
        return calls.came(cleaned.get("when") or "", cleaned.get("about"), customer=customer, now=timezone.now())
    except ValueError:
        raise forms.ValidationError({"about": _t("This time is still to come. Was it yesterday?")}) from None


class ReportForm(OpeningForm):
    """Everything but the way is optional: who is rung by a stranger has no time to type."""

    intro = _("Whatever it was: report it. It costs nothing, and nobody minds if it turns out to be from us.")
    intro_for_staff = _(
        "Write down what the customer tells you of it. Unless the register says that it is from us, what they have open"
        " is paused in the same moment."
    )
    submit = _("Report it")

    how = how_field()
    text = text_field(
        _("What does it say, or what did they say?"), help_text=_("Paste the whole message, or write a few words.")
    )
    sender = sender_field()
    when = when_field()
    about = about_field()
    is_on_now = forms.BooleanField(label=_("Somebody is on the telephone with me now"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_when(self, customers=[self.customer])
        if self.by.kind is ActorKind.STAFF:
            self._ask_staff()

    def _ask_staff(self) -> None:
        """One of us fills it in, in the words of the customer."""
        self.intro = self.intro_for_staff
        self.fields["how"].label = _t("How did they reach the customer?")
        self.fields["how"].error_messages["required"] = _t("Choose how they reached the customer.")
        self.fields["text"].help_text = _t("The whole message, or what the customer tells you in a few words.")
        self.fields["sender"].label = _t("The number, address or link that they use, if the customer has it")
        self.fields["is_on_now"].label = _t("Somebody else is on the telephone with the customer at this moment")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        came_in(given, customer=self.customer)
        return given


class SayMoreForm(ItemForm):
    """What is needed to tell whether it is ours. Of a call it shows ours of the last days: whoever was called knows
    best whether it was one of them."""

    intro = _(
        "We cannot tell yet whether it was from us. Copy the whole message here, from its first line to its last. Of a"
        " call, write who they said they were, from which number they rang, and what they wanted."
    )
    submit = _("Send it")
    which = forms.ChoiceField(
        label=_("We did call you. Was it one of these calls?"), required=False, widget=forms.RadioSelect
    )
    text = text_field(_("What it says, or what they said"))
    sender = sender_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = telling_more.our_calls(self.item.case)
        choice = self.fields["which"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*ours, (telling_more.ANOTHER, _t("No. It was another call"))]
        if not ours:
            del self.fields["which"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given.get(name) for name in ("which", "text", "sender")):
            self.add_error("text", _t("Write something: a few words, a number or an address are enough."))
        return given


def said_more(answer: Answer) -> Accepted:
    """Matched again in the same transaction; what was not ours pauses what is sensitive."""
    told = answer.cleaned
    report = telling_more.say_more(
        answer.case, text=told["text"], sender=told["sender"], which=told.get("which", ""), at=answer
    )
    facts = Rematched(match=Match(report.match), paused=report.paused)
    return Accepted(ToldMore.TOLD, facts=facts, keep={})


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
