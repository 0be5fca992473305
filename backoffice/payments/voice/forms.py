"""The forms of a voice payment's work items."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.cases.models import Case
from backoffice.documents import storing
from backoffice.documents.fields import DocumentsForm, UploadedDocuments
from backoffice.documents.models import Document
from backoffice.payments.voice import words
from workflows.voice_payment.facts import DocumentSent, Identity

IDENTITY = "payment_identity"
"""The purpose under which scans of identity documents are kept."""
KEPT_FOR = timedelta(days=90)
"""After the end of the case."""


class ConfirmForm(ItemForm):
    """Is the order theirs?"""

    submit = _("Answer")
    outcome = forms.ChoiceField(
        label=_("Did you order this?"),
        choices=[
            (Identity.CONFIRMED.value, _("Yes. Ring me, so that I can pay it")),
            (Identity.NOT_MINE.value, _("No. I ordered nothing")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say yes or no.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = words.about(self.item.case)
        self.intro = _t("%(asked)s Nothing is paid by your answer here: you pay on the telephone.") % {"asked": asked}


def confirmed(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["outcome"])


class SendDocumentForm(DocumentsForm):
    """A scan of an identity document, before a large payment."""

    submit = _("Send")
    intro = _(
        "The payment is large, so we look at your identity document before your telephone rings. Cover the numbers that"
        " are not needed, such as the citizen service number."
    )
    document = UploadedDocuments(
        label=_("Scan of your identity document"),
        purpose=IDENTITY,
        help_text=_("The side with your photo and name, as a picture or PDF."),
        error_messages={"required": _("Add the scan first.")},
    )


def document_sent(answer: Answer) -> Accepted:
    return Accepted(DocumentSent.SENT.value)


def keep_until(case: Case) -> None:
    """When the case is closed: sets when the scans are deleted."""
    until = (case.closed_at or timezone.now()) + KEPT_FOR
    for document in Document.objects.filter(case=case, purpose=IDENTITY, state="kept"):
        storing.retain(document, until=until)
