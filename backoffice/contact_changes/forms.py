"""The forms of the work items of a contact change, and what their answers do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.contact_changes import proving, risk, words
from backoffice.contact_changes.models import ContactChange
from backoffice.contact_changes.opening import LONGEST, columns_of
from backoffice.customers.models import ContactKind
from backoffice.refusals import Invalid
from workflows.contact_change.facts import Approved, CodeEntered, Confirmed, Identified


class ConfirmForm(ItemForm):
    """A form without fields: the proof itself is the answer. It says in full what is confirmed."""

    submit = _("Yes, change it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = _t("If this is not what you want, go back and stop the case.")
        self.intro = f"{words.said_in_full(ContactChange.of(self.item.case))} {wrong}"


def confirmed(answer: Answer) -> Accepted:
    return Accepted(Confirmed.CONFIRMED)


class EnterCodeForm(ItemForm):
    code = forms.CharField(
        label=_("The code that we sent you"),
        max_length=20,
        error_messages={"required": _("Write the code from our message.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        change = ContactChange.of(self.item.case)
        self.intro = _t("It went to %(address)s. None of us ever asks you for it: type it only here.") % {
            "address": change.masked
        }
        self.fields["code"].help_text = _t("No code? On the page of the case you can have another one sent.")


def code_entered(answer: Answer) -> Accepted:
    """Raises `CodeRefused`."""
    proving.enter(answer.case, typed=answer.cleaned["code"], by=answer.by, now=answer.now)
    return Accepted(CodeEntered.MATCHED, keep={})


class IdentifyForm(OutcomeForm):
    """A person compares the portrait and the document. Only the last characters of the document's number are kept."""

    document = forms.ChoiceField(
        label=_("Document"),
        required=False,
        choices=[
            ("", "–"),
            ("passport", _("passport")),
            ("id_card", _("identity card")),
            ("licence", _("driving licence")),
        ],
    )
    document_last = forms.RegexField(
        label=_("Last four characters of its number"), required=False, regex=r"^[0-9A-Za-z]{4}$", max_length=4
    )
    said = forms.CharField(
        label=_("The new address or number, as the customer says it"),
        help_text=_("No code can prove it, so let them say it to you."),
        max_length=LONGEST,
        required=False,
    )
    field_order = ["outcome", "document", "document_last", "said", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.change = ContactChange.of(self.item.case)
        if not self.change.at_branch or self.change.kind == ContactKind.POSTAL:
            del self.fields["said"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == Identified.MATCHED:
            for name in ("document", "document_last"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _t("Say which document you saw."))
            self._compare(cleaned.pop("said", None))
        cleaned.pop("said", None)
        return cleaned

    def _compare(self, said: str | None) -> None:
        """What they say with what the case would put in force. It is not kept."""
        if "said" not in self.fields or "said" in self.errors:
            return
        try:
            typed = {"kind": self.change.kind, "value": said}
            is_it = columns_of(self.change.customer, typed)["value_index"] == self.change.value_index
        except Invalid:
            is_it = False
        if not is_it:
            self.add_error(
                "said", _t("This is not the one that would be put in force. Stop the case, and open another.")
            )


class ApproveForm(OutcomeForm):
    """Approving puts the new address in force at once, if the old one is still the one that was to be replaced."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        change = ContactChange.of(self.item.case)
        if cleaned.get("outcome") == Approved.APPROVED and risk.is_overtaken(change):
            sentence = _t("The old address was replaced in another way meanwhile. This change can only be rejected.")
            self.add_error("outcome", sentence)
        return cleaned
