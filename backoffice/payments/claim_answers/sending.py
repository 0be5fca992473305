"""What a merchant says of a claim, with its documents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.evidence import Lines
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case, WorkItem
from backoffice.documents import storing
from backoffice.documents.fields import DocumentsForm, Pages, ShownDocuments, UploadedDocuments
from backoffice.documents.models import Document, DocumentState
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claims.evidence import moment
from workflows.claim_answer.facts import Sent

EVIDENCE = "claim_evidence"
"""The purpose under which the documents are kept."""
LONGEST = 2000
KEPT = timedelta(days=5 * 365 + 2)
"""How long the documents of a decided claim are kept: as long as what it changed in the books can be asked about."""


class EvidenceForm(DocumentsForm):
    """Words, and documents that are looked through before anybody sees them."""

    intro = _(
        "Say what was ordered and what was delivered, when and how. What shows it best: the order, a proof of "
        "delivery, what you wrote to each other. Whoever decides reads it; the customer does not."
    )
    submit = _("Send it")

    text = forms.CharField(
        label=_("What happened?"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Write no card numbers."),
        error_messages={"required": _("Write in a few words what happened.")},
    )
    documents = UploadedDocuments(label=_("Documents"), purpose=EVIDENCE, required=False)


def sent(answer: Answer) -> Accepted:
    """Keeps the words; the documents lie with the work item already."""
    found = answer_of(answer.case)
    found.text, found.answered_at = answer.cleaned["text"], answer.now
    found.save(update_fields=["text", "answered_at"])
    count = len(answer.cleaned["documents"])
    timeline.note(answer.case, "claim_answer.sent", by=answer.by, data={"documents": str(count)}, at=answer.now)
    return Accepted(Sent.SENT.value)


class EvidenceOfMerchant(ShownDocuments):
    """The pages of what the merchant of a claim sent, in the form of whoever decides on it. The merchant's case is not
    of the claim's family, so that neither side sees the other's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(purposes=(EVIDENCE,), **kwargs)

    def bind(self, item: WorkItem, *, by: Actor) -> None:
        found = Document.objects.filter(case__claim_answer__claim__case_id=item.case_id, purpose=EVIDENCE)
        shown = found.exclude(state=DocumentState.QUARANTINED).order_by("made_at", "id")
        assert isinstance(self.widget, Pages)
        self.widget.documents = list(shown)


def says(case: Case, item: WorkItem | None = None) -> Lines:
    """For whoever decides on a claim: what its merchant says, or by when it can."""
    found = ClaimAnswer.objects.filter(claim__case=case).first()
    if found is None:
        return [(str(_("The merchant")), str(_("Was not asked: this claim is older than that.")))]
    if found.answered_at is None:
        return [(str(_("The merchant")), str(_("Has not answered. It can until %s.")) % moment(found.evidence_by))]
    count = Document.objects.filter(case_id=found.case_id, purpose=EVIDENCE, state=DocumentState.KEPT).count()
    return [
        (str(_("The merchant says")), found.text),
        (str(_("Sent")), moment(found.answered_at)),
        (str(_("Documents")), str(count) if count else str(_("none"))),
        (str(_("Its case")), found.case.reference),
    ]


def answer_of(case: Case) -> ClaimAnswer:
    return ClaimAnswer.objects.select_related("claim__payment__case", "claim__case").get(case=case)


def keep_until(case: Case) -> None:
    """Sets when the documents of a closed case are deleted."""
    until = (case.closed_at or timezone.now()) + KEPT
    for document in Document.objects.filter(case=case, purpose=EVIDENCE, state=DocumentState.KEPT):
        storing.retain(document, until=until)
