"""The forms of a telephone call at the console."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice import no_card_numbers
from backoffice.telephony import states
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.text_fields import KeptTexts
from backoffice.ui.page_forms import NOT_KEPT


class IncomingForm(KeptTexts, forms.Form):
    """Somebody calls: the number that the display shows, as far as it shows one."""

    number = forms.CharField(
        label=_("Number on the display"),
        max_length=40,
        required=False,
        help_text=_("Leave it empty when it is withheld. It only finds whom we may have rung: it proves nothing."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )


class AboutForm(KeptTexts, forms.Form):
    """About which case, as the caller says: one of those that may be theirs by a button, or by its reference."""

    reference = forms.CharField(
        label=_("Reference of the case"),
        max_length=20,
        help_text=_("It stands in each of our messages: K7Q-4MX-2."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Type the reference that the caller names.")},
    )


class PressForm(KeptTexts, forms.Form):
    """A key of the call. The field only carries what a rule refuses."""

    state = forms.CharField(max_length=20, widget=forms.HiddenInput)


class CustomerCodeForm(KeptTexts, forms.Form):
    """The agent never sees the code that is expected."""

    code = forms.CharField(
        label=_("The code that the customer reads out"),
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
        error_messages={"required": _("Type the code that the customer reads out.")},
    )


class CallWrapUpForm(KeptTexts, forms.Form):
    """Of a call that belongs to no process: what came of it, in words too."""

    submit = _("Write it down, and end the call")
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what came of the call.")},
    )
    text = forms.CharField(
        label=_("What was said, and what was agreed?"),
        max_length=states.LONGEST_WRAP_UP,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        help_text=_("It is kept with the call. Write no card number and no code."),
        error_messages={"required": _("Write down what came of the call.")},
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        possible = states.outcomes_of(call, CallState(call.state))
        choice.choices = [(one, CallOutcome(one).label) for one in possible]
        choice.initial = call.outcome
        no_card_numbers.guard(self)
