"""The question why a record is opened by somebody who holds no case of the customer. It is the same on every page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice import no_card_numbers
from backoffice.customers import reading
from backoffice.text_fields import KeptTexts

OTHER = "other"
REASONS = {
    "contact": _("The customer is on the phone or at the counter"),
    "review": _("I check or take over a colleague's work"),
    "complaint": _("A complaint or an inquiry"),
    OTHER: _("Another reason"),
}


class ReasonForm(KeptTexts, forms.Form):
    """The usual reasons to choose from, and a text for any other."""

    why = forms.ChoiceField(label=_("Why do you open it?"), choices=list(REASONS.items()), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"), max_length=120, required=False, help_text=_("The customer may read it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        no_card_numbers.guard(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("why") == OTHER and len(cleaned.get("words", "")) < reading.SHORTEST_REASON:
            self.add_error("words", _t("Say in a few words why you open this record."))
        return cleaned

    def reason(self) -> str:
        """The reason to note: the chosen one in English, and the text. Only for a valid form."""
        words = self.cleaned_data["words"]
        if self.cleaned_data["why"] == OTHER:
            return str(words)
        usual = str(REASONS[self.cleaned_data["why"]])
        return f"{usual}: {words}" if words else usual
