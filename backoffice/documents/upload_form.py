"""The form that sends one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.documents.models import Paper


class UploadForm(forms.Form):
    """What is in the file is checked by the rule (`uploads.py`)."""

    file = forms.FileField(
        label=_("The file"),
        help_text=_("A PDF, or a JPEG or PNG picture; at most 10 MB and 30 pages."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
    )

    def __init__(self, *args: Any, kinds: Sequence[Paper] = (), **kwargs: Any) -> None:
        """With `kinds` it also asks which paper the file shows; the first is chosen."""
        super().__init__(*args, **kwargs)
        if kinds:
            self.fields["kind"] = forms.ChoiceField(
                label=_("What kind of paper is it?"),
                help_text=_("A copy of an identity document is shown to nobody but the people who check it."),
                choices=[(kind.value, str(kind.label).capitalize()) for kind in kinds],
                initial=kinds[0].value,
                widget=forms.RadioSelect,
                error_messages={"required": _("Say what kind of paper this is.")},
            )
            self.order_fields(["kind", "file"])
