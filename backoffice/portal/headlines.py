"""What a case is, in a headline and a sentence, as its process says it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, PerformerKind, WorkItem
from backoffice.cases.words import party_of


def headline(case: Case, *, role: str = "") -> Headline:
    """What is this? For the top of a page and for a line in a list. `role` is that of a second party who reads it: of
    the case's customer it tells them nothing but what the process has for them."""
    process = catalogue.process(case.process)
    if role:
        title = _(process.spec.title)
        lead = _("Somebody named you as %(role)s. Nothing changes unless you agree to it.")
        return Headline(title, lead % {"role": party_of(case.process, role)})
    return process.headline(case) if process.headline else Headline(_(process.spec.customer_title))


def of_item(item: WorkItem) -> Headline:
    """The headline of an item's case, for who does the item."""
    kind = catalogue.item_kind(item.case.process, item.kind)
    return headline(item.case, role=kind.party if item.performer == PerformerKind.PARTY else "")


def about(item: WorkItem) -> str:
    """What the case of an item is about, as a sentence for a confirmation; empty where the case's title says it all,
    and for a second party."""
    top = item.case.parent or item.case
    return "" if item.performer == PerformerKind.PARTY else catalogue.process(top.process).about(top)
