"""What a customer may see: their own cases and work items, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.cases import worklist
from backoffice.cases.models import Case, CaseState, Event, PerformerKind, WorkItem
from backoffice.customers.models import Customer
from backoffice.refusals import NotFound
from backoffice.trust import register
from backoffice.trust.models import Contact
from backoffice.ui.customers import own_case

NEWEST_CLOSED = 20
"""So many closed cases are on the first page."""


@dataclass(frozen=True)
class Family:
    """A case with those under it, as the customer sees them: as one."""

    case: Case
    children: Sequence[Case]
    turns: Sequence[WorkItem]
    """The open work items that are the customer's, the most urgent first."""

    @property
    def all(self) -> list[Case]:
        return [self.case, *self.children]

    @property
    def acting(self) -> Case:
        """The case that says whose turn it is: the open one below, where there is one."""
        below = [child for child in self.children if child.state != CaseState.CLOSED]
        return below[-1] if below and self.case.state == CaseState.OPEN else self.case

    @property
    def version(self) -> int:
        """Grows with every event: a page that has it is up to date."""
        return sum(case.events for case in self.all)


def families(customer: Customer) -> tuple[list[Family], list[Family]]:
    """The customer's open cases, those with their turn first, and the newest closed ones."""
    own = Case.objects.filter(customer=customer, parent=None).order_by("-opened_at", "id")
    live = list(own.exclude(state=CaseState.CLOSED))
    closed = list(own.filter(state=CaseState.CLOSED)[:NEWEST_CLOSED])
    found = [_family(case, _children([*live, *closed]), _turns(customer)) for case in live]
    found.sort(key=lambda family: not family.turns)
    return found, [Family(case, [], []) for case in closed]


def family(*, customer: Customer, reference: str) -> Family:
    """A case of this customer by its reference, however it was typed. Raises `NotFound`."""
    case = own_case(customer, reference)
    return _family(case, _children([case]), _turns(customer))


def item(*, customer: Customer, item_id: uuid.UUID) -> WorkItem:
    """A work item that this customer does, or did. Raises `NotFound`."""
    found = WorkItem.objects.select_related("case", "case__customer", "case__parent").filter(id=item_id)
    mine = found.filter(case__customer=customer, performer=PerformerKind.CUSTOMER).first()
    if mine is None:
        raise NotFound("unknown_item", _("There is no such work item."))
    return mine


def events(family: Family) -> list[Event]:
    """All events of the family, the newest first."""
    return list(Event.objects.filter(case__in=family.all).order_by("-at", "-id"))


def contacts(family: Family) -> QuerySet[Contact]:
    """Who contacted the customer for this case."""
    ids = [case.id for case in family.all]
    return register.of_customer(family.case.customer).filter(Q(case_id__in=ids))


def _turns(customer: Customer) -> list[WorkItem]:
    return list(worklist.of_customer(customer_id=customer.id))


def _children(cases: Sequence[Case]) -> list[Case]:
    return list(Case.objects.filter(root__in=[case.root_id_or_own for case in cases]).order_by("opened_at", "id"))


def _family(case: Case, children: Sequence[Case], turns: Sequence[WorkItem]) -> Family:
    below = [child for child in children if child.root_id == case.id]
    ids = {case.id, *(child.id for child in below)}
    open_states = {one.id for one in (case, *below) if one.state == CaseState.OPEN}
    return Family(case, below, [turn for turn in turns if turn.case_id in ids & open_states])


CONTACTS_A_PAGE = 30


@dataclass(frozen=True)
class ContactPage:
    """`older` is the row that the next page begins after, or None; `newest` says that this is the first page."""

    contacts: Sequence[Contact]
    older: int | None
    newest: bool


def contact_page(*, customer: Customer, before: str) -> ContactPage:
    """All contacts of a customer, the newest first. `before` is the row that the page before ended with.

    Raises `NotFound` for a row that is not theirs.
    """
    found = register.of_customer(customer)
    if before:
        last = found.filter(pk=before).first() if before.isascii() and before.isdigit() and len(before) < 19 else None
        if last is None:
            raise NotFound("unknown_contact", _("There is no such message."))
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    page = list(found[: CONTACTS_A_PAGE + 1])
    rest = len(page) > CONTACTS_A_PAGE
    page = page[:CONTACTS_A_PAGE]
    return ContactPage(page, page[-1].pk if rest else None, not before)
