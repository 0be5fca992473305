"""The papers of an application: the register extract that the company sends, and the terms that it agrees to."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case
from backoffice.documents import storing
from backoffice.documents.fields import DocumentsForm, UploadedDocuments
from backoffice.documents.models import Document
from backoffice.payments.merchants.models import Merchant, MerchantApplication
from workflows.merchant_admission.facts import PapersSent

EXTRACT = "merchant_extract"
"""The purpose under which the extracts are kept."""
AS_MERCHANT = timedelta(days=5 * 365 + 2)
"""How long the papers of a merchant are kept after its end: five years (Directive (EU) 2015/849, art. 40)."""
OTHERWISE = timedelta(days=90)
"""How long those of a company that was not admitted are kept, so that whoever asks why can be answered."""
TERMS = (
    _("We order payments only for what the customer on the telephone has asked for, and say the amount before."),
    _("We never ask anybody for the digits of a card, its security code or its PIN, and write none of them down."),
    _("We tell you at once when what we sell, our name, our account or who acts for us changes."),
    _("We give back a payment whose goods or service do not come."),
    _("You may suspend us at once when payments are disputed or we are reported, and you say why."),
)
"""The words to which a company agrees."""


class TermsList(forms.Widget):
    """The terms, one below the other. Nothing is answered in it."""

    template_name = "merchant_admission/terms.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return {**context, "terms": TERMS}


class SendPapersForm(DocumentsForm):
    """The extract, and the agreement to the words that are shown."""

    submit = _("Send and agree")
    extract = UploadedDocuments(
        label=_("Register extract of the company"),
        purpose=EXTRACT,
        help_text=_("Of at most three months. It says who may act for the company."),
        error_messages={"required": _("Add the extract first.")},
    )
    terms = forms.Field(label=_("The terms"), required=False, disabled=True, widget=TermsList)
    agrees = forms.BooleanField(
        label=_("We agree to these terms"),
        error_messages={"required": _("Without this agreement we cannot admit the company.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = MerchantApplication.of(self.item.case).trading_name
        self.intro = _t("Customers will hear “%(name)s” on the telephone before they pay.") % {"name": name}


def sent(answer: Answer) -> Accepted:
    """Notes that the company agreed, and to which words."""
    applied = MerchantApplication.of(answer.case)
    applied.agreed_at, applied.agreed_sha256 = answer.now, hash_of_terms()
    applied.save(update_fields=["agreed_at", "agreed_sha256"])
    timeline.note(answer.case, "merchant.agreed", by=answer.by, data={"terms": hash_of_terms()[:16]}, at=answer.now)
    return Accepted(PapersSent.SENT.value)


def hash_of_terms() -> str:
    """SHA-256 of the terms by lines, in the language in which they are shown now: 64 hex digits."""
    return hashlib.sha256("\n".join(map(str, TERMS)).encode()).hexdigest()


def keep_until(case: Case) -> None:
    """Sets when the extracts of a closed case are deleted."""
    lasts = AS_MERCHANT if Merchant.objects.filter(case=case).exists() else OTHERWISE
    until = (case.closed_at or timezone.now()) + lasts
    for document in Document.objects.filter(case=case, purpose=EXTRACT, state="kept"):
        storing.retain(document, until=until)
