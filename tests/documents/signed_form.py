"""The sample's handover, whose holder, new holder and clerk send files: for the tests of documents."""

from __future__ import annotations

from dataclasses import replace

from django import forms

from backoffice.cases.catalogue import BoundItem
from backoffice.cases.forms import Accepted, Answer
from backoffice.documents.fields import DocumentsForm, ShownDocuments, UploadedDocuments
from backoffice.staff.models import Role
from tests.sample import spec
from tests.sample.facts import Agreed, Agreement, Checked
from tests.sample.process import PROCESS as SAMPLE

FORM, EXTRACT = "signed_form", "register_extract"


class SendForm(DocumentsForm):
    signed = UploadedDocuments(purpose=FORM, most=2, label="The signed form", help_text="Both of you sign it.")
    extract = UploadedDocuments(purpose=EXTRACT, required=False, label="The extract of the register")
    decision = forms.ChoiceField(label="Do you agree?", choices=[("agreed", "Yes")], widget=forms.RadioSelect)


class LookForm(SendForm):
    """What a clerk looks at, and may add to."""

    seen = ShownDocuments(purposes=[FORM, EXTRACT], label="What they sent")
    field_order = ("seen", "signed", "extract", "decision")


def sent(answer: Answer) -> Accepted:
    return Accepted(Agreed.AGREED, facts=Agreement(keys=len(answer.cleaned["signed"])))


def looked(answer: Answer) -> Accepted:
    return Accepted(Checked.APPROVED)


KINDS = (
    replace(spec.AGREE, level=1),
    replace(spec.TAKE_OVER, level=1),
    replace(spec.CHECK, role=Role.SUPPORT.value, sensitive=False, part=""),
)
PROCESS = replace(
    SAMPLE,
    spec=replace(spec.LOCKER_HANDOVER, kinds=KINDS),
    items=(
        BoundItem(KINDS[0], SendForm, sent),
        BoundItem(KINDS[1], SendForm, sent),
        BoundItem(KINDS[2], LookForm, looked),
    ),
)
