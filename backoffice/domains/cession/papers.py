"""The form of a cession as a PDF: the same words that both sign in their accounts, with a mark of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.actors import system
from backoffice.cases import parties
from backoffice.cases.models import Case
from backoffice.customers import contact_points
from backoffice.customers.models import Customer
from backoffice.documents import copies, making, marks, storing
from backoffice.documents.models import DeletedFor, Document, Mark, Origin
from backoffice.documents.paper import Form, Frame, PaperParty
from backoffice.domains.cession import together
from backoffice.domains.cession.forms import words_of_holder, words_of_new_holder
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import NewHolder, restored
from backoffice.languages import offered
from workflows.base.spec import Nothing
from workflows.domain_cession.spec import NEW_HOLDER

PURPOSE = "cession_form"
SIGNED, SCANNED = "signed_cession", "scanned_cession"
TEMPLATE = Path("domain_cession/cession.typ")
AS_PROOF = timedelta(days=6 * 366)
"""How long the papers of a cession that was done are kept: claims from it expire after six years (Polish Civil Code,
art. 118)."""
OTHERWISE = timedelta(days=90)
"""How long those of one that came to nothing are kept, so that whoever asks why can be answered."""


def make_form(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Makes the form once, in the holder's language, and keeps it with the case for both parties."""
    if form_of(case) is None:
        mark = marks.issue(case=case, purpose=PURPOSE, now=now)
        language = offered(case.customer.language)
        with translation.override(language):
            paper = _paper(Cession.of(case), mark, now)
            label = _("Form for the change of holder")
            content = making.make(TEMPLATE, paper.as_data(), language)
        what = storing.What(purpose=PURPOSE, origin=Origin.MADE, case=case, label=label)
        storing.keep(what, content, media_type="application/pdf", pages=1, by=system(), now=now)
    return Nothing()


def form_of(case: Case) -> Document | None:
    """The form that we made for the case; None before."""
    return Document.objects.filter(case=case, purpose=PURPOSE, state="kept").order_by("-made_at").first()


def keep_until(case: Case, *, closed_at: datetime) -> None:
    """Sets when the papers of a closed case are deleted: form, signed files, scans, and redacted copies of identity
    documents. The originals of those go at once."""
    copies.let_go(case, why=DeletedFor.CLOSED, by=system(), now=closed_at)
    until = closed_at + (AS_PROOF if Cession.of(case).executed_at else OTHERWISE)
    papers = Q(purpose__in=(PURPOSE, SIGNED, SCANNED)) | Q(redacts__isnull=False)
    for document in Document.objects.filter(papers, case=case, state="kept"):
        storing.retain(document, until=until)


def _paper(cession: Cession, mark: Mark, now: datetime) -> Form:
    old, new = _holder(cession), _new_holder(restored(cession.new_holder))
    domain = cession.domain
    return Form(
        Frame(_("Change of a domain's holder"), cession.case.reference, mark=mark.code, version=str(mark.version)),
        lead=_("This form is good for this case only, and once. Change nothing on it."),
        parties=(old, new),
        facts_title=_("The domain"),
        facts=(
            (_("As people write it"), str(domain)),
            (_("As the registry writes it"), domain.name),
            (_("Made on"), date_format(timezone.localtime(now), "j F Y")),
        ),
        words_title=_("What is signed"),
        words=(words_of_holder(cession), words_of_new_holder(cession)),
        signers=(*_signers(old, cession.case.customer), *_signers(new, _party(cession))),
        ways_title=_("How it comes back to us"),
        ways=(
            _("Signed electronically by both in this file: on the page of the case, after you sign in."),
            _("Signed on paper by both: by letter, with a register extract of at most three months for a company."),
        ),
    )


def _party(cession: Cession) -> Customer:
    return parties.of_case(cession.case)[NEW_HOLDER.name].customer


def _signers(party: PaperParty, customer: Customer) -> tuple[PaperParty, ...]:
    """A place for each signature: two for a company for which two people act together."""
    if not together.needs_two(customer):
        return (party,)
    first, second = _("%(role)s: the first person"), _("%(role)s: the second person")
    return tuple(replace(party, role=words % {"role": party.role}) for words in (first, second))


def _holder(cession: Cession) -> PaperParty:
    customer = cession.case.customer
    numbers = tuple((number.kind, number.number) for number in customer.national_ids.order_by("kind"))
    return PaperParty(_("Holder now"), cession.old_holder_name, contact_points.postal_lines(customer), numbers)


def _new_holder(new: NewHolder) -> PaperParty:
    return PaperParty(_("New holder"), new.name, tuple(new.address_lines()), ((new.number_kind, new.number),))
