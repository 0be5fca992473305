"""The third route: the letter with the signed form comes, and the post room scans it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer
from backoffice.documents import marks
from backoffice.documents.fields import DocumentsForm, UploadedDocuments, chosen
from backoffice.documents.models import Paper
from backoffice.domains.cession import papers
from backoffice.refusals import Refused, TryRefused
from workflows.domain_cession.facts import Received


class ReceiveForm(DocumentsForm):
    """The scans of everything that was in the envelope, each with what kind of paper it is. The mark on the form is
    read from its scan; where it cannot be read, it is typed."""

    intro = _(
        "Scan each paper of the envelope into a file of its own, and say what it is: above all copies of identity "
        "documents, which nobody but the people who check them may see. The square on the form says which case it "
        "belongs to; a form of another case is refused here and named."
    )
    submit = _("It has come")
    scans = UploadedDocuments(
        label=_("The scans"), purpose=papers.SCANNED, most=10, reads_marks=True, kinds=tuple(Paper)
    )
    envelope = forms.CharField(
        label=_("Number of the envelope"),
        max_length=40,
        help_text=_("The number that the post room stamped on it: by it the paper is found again."),
    )
    mark = forms.CharField(
        label=_("Mark of the form"),
        required=False,
        max_length=40,
        help_text=_("Only if we could not read it from the scan: the letters and digits under the square."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def received(answer: Answer) -> Accepted:
    """Takes the scan whose mark is that of this case, unused. Anything else is refused by name, also where it lies in
    one envelope with the right form, and the step stays open."""
    scans = list(chosen(answer.cleaned, "scans"))
    forms = [scan for scan in scans if scan.kind in ("", Paper.FORM)]
    if not forms:
        sentence = _t("None of these files is the form. Add the form, or add it again as “the form”.")
        return Accepted("", refused=TryRefused("no_form", sentence, field="scans"))
    read = list(dict.fromkeys(scan.read_mark for scan in scans if scan.read_mark))
    codes = read or [typed for typed in [answer.cleaned.get("mark") or ""] if typed]
    field = "scans" if read else "mark"
    if not codes:
        sentence = _t("We could not read the mark on this scan. Scan it again, or type the mark.")
        return Accepted("", refused=TryRefused("no_mark", sentence, field="mark"))
    for code in codes:
        try:
            marks.check(code=code, case=answer.case, purpose=papers.PURPOSE, by=answer.by)
        except Refused as refused:
            return Accepted("", refused=TryRefused(refused.code, refused.sentence, field=field))
    form = next((scan for scan in forms if scan.read_mark), forms[-1])
    marks.use(code=codes[0], case=answer.case, purpose=papers.PURPOSE, document=form, by=answer.by, now=answer.now)
    timeline.note(answer.case, "cession.form_scanned", by=answer.by, at=answer.now)
    kept: dict[str, Any] = {"envelope": answer.cleaned["envelope"], "scans": answer.cleaned["scans"]}
    return Accepted(Received.SCANNED.value, keep=kept)
