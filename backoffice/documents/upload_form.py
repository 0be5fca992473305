"""The form that sends one file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """What is in the file is checked by the rule (`uploads.py`)."""

    file = forms.FileField(
        label=_("The file"),
        help_text=_("A PDF, or a JPEG or PNG picture; at most 10 MB and 30 pages."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
    )
