"""What a case is, in words, as its process says it: for staff, for its customer, for a second party."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState, PerformerKind, WorkItem
from backoffice.cases.words import party_of


def title(case: Case) -> str:
    """The kind of the case for staff: the title of its process."""
    return _(catalogue.spec(case.process).title)


def for_staff(case: Case) -> str:
    """The title, and what its particulars add: "Change of address: not yet proven"."""
    said = catalogue.process(case.process).summary(case)
    return f"{title(case)}: {said}" if said else title(case)


def for_customer(case: Case, *, role: str = "") -> Headline:
    """What is this? For the top of a page and for a line in a list. `role` is that of a second party who reads it: of
    the case's customer it tells them nothing but what the process has for them."""
    process = catalogue.process(case.process)
    if role and process.party_headline:
        return process.party_headline(case)
    if role:
        lead = _("Somebody named you as %(role)s. Nothing changes unless you agree to it.")
        if case.state == CaseState.CLOSED:
            lead = _("Somebody named you as %(role)s.")
        return Headline(title(case), lead % {"role": party_of(case.process, role)})
    return process.headline(case) if process.headline else Headline(_(process.spec.customer_title))


def for_performer(item: WorkItem) -> Headline:
    """The headline of an item's case, for the customer or second party who does the item."""
    kind = catalogue.item_kind(item.case.process, item.kind)
    return for_customer(item.case, role=kind.party if item.performer == PerformerKind.PARTY else "")


def about(item: WorkItem) -> str:
    """What the case of an item is about, as a sentence for its customer's confirmation; empty where the case's title
    says it all, and for a second party."""
    top = item.case.parent or item.case
    return "" if item.performer == PerformerKind.PARTY else catalogue.process(top.process).about(top)
