"""The words of a duplicate, for its customer and for staff."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import Headline, Text
from backoffice.cases.models import Case, CaseOutcome
from backoffice.cases.sentences import Sentence
from backoffice.domains.invoices.models import InvoiceDuplicate

SENTENCES: Mapping[str, Sentence] = {
    "invoice.duplicate_made": Sentence(
        _("Made the duplicate of the invoice, and put it into the portal."), _("We made the duplicate.")
    ),
}

WORDS: Mapping[str, Mapping[str, Text]] = {
    "alarm": {
        "payment_not_read": _(
            "Our accounting system, or somebody else, sent a report of payments that is too large to be read. Compare "
            "the payments of today with the account."
        )
    }
}


def headline(case: Case) -> Headline:
    duplicate = InvoiceDuplicate.of(case)
    told = {"number": duplicate.invoice.number}
    if duplicate.document_id is None:
        title = _t("A duplicate of invoice %(number)s") % told
        return Headline(title, "" if case.outcome else _t("We are making it. That takes a moment."))
    lead = _t("You can take it from this page.") if duplicate.document and duplicate.document.is_kept else ""
    title = _t("The duplicate of invoice %(number)s is ready") if case.outcome == CaseOutcome.DONE else ""
    return Headline((title or _t("The duplicate of invoice %(number)s was made")) % told, lead)


def about(case: Case) -> str:
    return _t("It is about a duplicate of an invoice.")
