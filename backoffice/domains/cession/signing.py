"""The second route: one file of ours, signed by both. The verdict is shown signature by signature, and kept with the
hash of what was shown."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import parties, timeline
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case
from backoffice.customers import representatives
from backoffice.customers.models import Act, Customer, CustomerKind, May, NationalIdKind
from backoffice.documents import marks, storing
from backoffice.documents.fields import DocumentsForm, UploadedDocuments, chosen
from backoffice.documents.models import Document
from backoffice.documents.signatures import trust_list, words
from backoffice.documents.signatures.examining import examine
from backoffice.documents.signatures.parties import (
    Number,
    Representative,
    WantedSigner,
    person_number,
    register_number,
    tax_number,
)
from backoffice.documents.signatures.verdict import SignatureSeen, Verdict
from backoffice.domains.cession import papers, together
from backoffice.domains.cession.models import Cession, Examination
from backoffice.domains.cession.new_holder import NewHolder, restored
from backoffice.needed_fields import needed
from backoffice.refusals import TryRefused
from workflows.domain_cession import spec
from workflows.domain_cession.facts import Uploaded

WAYS = [
    (Uploaded.SIGNED.value, _("Here is the file that we both signed")),
    (Uploaded.ON_PAPER.value, _("We sign on paper instead")),
]
HOLDER, NEW_HOLDER = "holder", "new_holder"


class UploadForm(DocumentsForm):
    """The signed file, or the other way."""

    intro = _(
        "Download the form from this case. Both of you sign that file electronically, one after the other. Then add it "
        "here. Whatever else is changed in it makes it useless."
    )
    signed = needed(UploadedDocuments(label=_("The signed file"), purpose=papers.SIGNED, required=False))
    way = forms.ChoiceField(label=_("What do you send?"), choices=WAYS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        case = self.item.case
        party = parties.of_case(case)[spec.NEW_HOLDER.name].customer
        new = restored(Cession.of(case).new_holder)
        for company, _names in together.companies_of_two(case.customer, new, party):
            two = _t("For %(company)s, two people sign it.") % {"company": company}
            self.intro = format_lazy("{} {}", self.intro, two)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("way") == Uploaded.SIGNED.value and not cleaned.get("signed"):
            self.add_error("signed", _t("Add the signed file first."))
        return cleaned


def uploaded(answer: Answer) -> Accepted:
    """Examines the file that was added last. A file that is not as it must be is refused in words, counts as a try, and
    changes nothing: the step stays open for another file, or for paper."""
    if answer.cleaned["way"] == Uploaded.ON_PAPER.value:
        return Accepted(Uploaded.ON_PAPER.value)
    document = chosen(answer.cleaned, "signed").last()
    assert document is not None
    verdict = verdict_on(answer.case, document, now=answer.now)
    lines = lines_of(verdict)
    kept = _kept(answer.case, document, verdict, lines, now=answer.now)
    if not verdict.accepted:
        told = {"refused": ",".join(sorted(code.value for code in verdict.codes))}
        timeline.note(answer.case, "cession.pdf_refused", by=answer.by, data=told, at=answer.now)
        return Accepted(
            "", refused=TryRefused("not_signed_right", " ".join(words.sentences(verdict.reasons)), field="signed")
        )
    marks.use(
        code=_mark(answer.case),
        case=answer.case,
        purpose=papers.PURPOSE,
        document=document,
        by=answer.by,
        now=answer.now,
    )
    told = {"signatures": str(len(verdict.signatures)), "shown": kept.shown_hash[:16]}
    timeline.note(answer.case, "cession.pdf_accepted", by=answer.by, data=told, at=answer.now)
    return Accepted(Uploaded.SIGNED.value)


def verdict_on(case: Case, document: Document, *, now: datetime) -> Verdict:
    """Whether the file is our form of this case, signed by both and unchanged since. `now` is UTC."""
    form = papers.form_of(case)
    return examine(
        storing.read(document),
        wanted=wanted_of(case),
        trust=trust_list.current(at=now),
        at=now,
        original=storing.read(form) if form else b"",
    )


def lines_of(verdict: Verdict) -> Sequence[str]:
    """The verdict in sentences: what is wrong, and then signature by signature."""
    return [*words.sentences(verdict.reasons), *(_line_of(seen) for seen in verdict.signatures)]


def _line_of(seen: SignatureSeen) -> str:
    """One signature: whose, by which authority, what it covers, and whether its certificate still held."""
    who = seen.signer or _t("somebody whose name cannot be read")
    what = _t("time stamp of %(who)s") if seen.is_time_stamp else _t("signature of %(who)s")
    said = [f"{seen.position}. {what % {'who': who}}"]
    if seen.issuer:
        said[0] += " " + _t("(certificate from %(issuer)s)") % {"issuer": seen.issuer}
    return " ".join([said[0] + ":", words.coverage(seen), words.revocation(seen)])


def wanted_of(case: Case) -> Sequence[WantedSigner]:
    """Both parties, by name and number. For a company, whoever may by the register extract on file signs: one who may
    alone, or two together."""
    cession = Cession.of(case)
    new = restored(cession.new_holder)
    numbers = tuple(filter(None, (_number(new.number_kind, new.number),)))
    return (
        _holder(case.customer, cession.old_holder_name),
        WantedSigner(
            role=NEW_HOLDER,
            names=(new.name,),
            numbers=numbers,
            representatives=_speakers(new, parties.of_case(case)[spec.NEW_HOLDER.name].customer),
            is_company=new.kind == CustomerKind.ORGANISATION.value,
        ),
    )


def _holder(customer: Customer, name: str) -> WantedSigner:
    found = [_number(one.kind, one.number) for one in customer.national_ids.all()]
    return WantedSigner(
        role=HOLDER,
        names=(name,),
        numbers=tuple(filter(None, found)),
        representatives=_of_register(customer),
        is_company=customer.kind == CustomerKind.ORGANISATION,
    )


def _of_register(customer: Customer) -> tuple[Representative, ...]:
    """Who may give away or take over domains for a company, by the register extract on file."""
    return tuple(
        Representative(one.name, tuple(filter(None, (_number(one.number_kind, one.number),))), one.may == May.ALONE)
        for one in representatives.who_may(customer, Act.DOMAINS)
    )


def _speakers(new: NewHolder, party: Customer) -> tuple[Representative, ...]:
    """Of a company that we do not know yet, the person whom the holder named may sign, if the certificate names the
    company too."""
    if new.kind != CustomerKind.ORGANISATION.value:
        return ()
    return _of_register(party) or (Representative(f"{new.given_name} {new.family_name}".strip()),)


def _number(kind: str, number: str) -> Number | None:
    """As a certificate writes it (ETSI EN 319 412-1)."""
    if not number:
        return None
    made = {
        NationalIdKind.PESEL.value: lambda: person_number("PL", number),
        NationalIdKind.BSN.value: lambda: person_number("NL", number),
        NationalIdKind.NIP.value: lambda: tax_number("PL", number),
        NationalIdKind.REGON.value: lambda: register_number("PL", number),
    }.get(kind)
    return made() if made else None


def _mark(case: Case) -> str:
    mark = case.marks.filter(purpose=papers.PURPOSE).order_by("-version").first()
    assert mark is not None
    return str(mark.code)


def _kept(case: Case, document: Document, verdict: Verdict, lines: Sequence[str], *, now: datetime) -> Examination:
    shown: Any = list(lines)
    return Examination.objects.create(
        case=case,
        document=document,
        accepted=verdict.accepted,
        codes=sorted(code.value for code in verdict.codes),
        shown=shown,
        shown_hash=hashlib.sha256("\n".join([verdict.sha256, *lines]).encode()).hexdigest(),
        at=now,
    )
