"""What a customer may see: their own cases and work items. Of a case to which they are the second party, they see only
what concerns them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.cases import catalogue, worklist
from backoffice.cases.models import Case, CaseState, Event, ItemState, Party, WorkItem
from backoffice.cases.shown_to_customers import Stands
from backoffice.cases.turns import asked_elsewhere
from backoffice.customers.models import Customer
from backoffice.references import tidy_reference
from backoffice.refusals import NotFound
from backoffice.trust import register
from backoffice.trust.models import Contact
from backoffice.ui import lookup, states
from backoffice.ui.states import Standing

NEWEST_CLOSED = 20
"""The number of closed cases on the first page."""


@dataclass(frozen=True)
class Family:
    """A case with those under it; the customer sees them as one."""

    case: Case
    children: Sequence[Case]
    turns: Sequence[WorkItem]
    """The open work items that are the reader's, the most urgent first."""
    role: str = ""
    """The role in which the reader is the second party to the case; empty for its own customer."""

    @property
    def all(self) -> list[Case]:
        return [self.case, *self.children]

    @property
    def acting(self) -> Case:
        """The case that decides whose turn it is: the open one below, if there is one."""
        below = [child for child in self.children if child.state != CaseState.CLOSED]
        return below[-1] if below and self.case.state == CaseState.OPEN else self.case

    @property
    def version(self) -> int:
        """Grows with every event. A page with the same version is up to date."""
        return sum(case.events for case in self.all)


def families(customer: Customer) -> tuple[list[Family], list[Family]]:
    """The customer's open cases, first those in which it is their turn, and the newest closed ones. What is open only
    for others counts as closed."""
    own = Case.objects.filter(customer=customer, parent=None).order_by("-opened_at", "id")
    live = list(own.exclude(state=CaseState.CLOSED))
    closed = list(own.filter(state=CaseState.CLOSED)[:NEWEST_CLOSED])
    found = [_family(case, _children([*live, *closed]), _turns(customer)) for case in live]
    found += _as_party(customer)
    stood = [(family, standing(family)) for family in found]
    stood.sort(key=lambda one: one[1].state is not states.State.CUSTOMER)
    over = [family for family, stands in stood if stands.over_since is not None]
    still = [family for family, stands in stood if stands.over_since is None]
    return still, [*over, *(Family(case, [], []) for case in closed)]


def _as_party(customer: Customer) -> list[Family]:
    """The open cases of others to which this customer is the second party."""
    named = Party.objects.filter(customer=customer).exclude(root__state=CaseState.CLOSED)
    turns = _turns(customer)
    return [
        _family(party.root, [], turns, role=party.role)
        for party in named.select_related("root__customer").order_by("-invited_at")
    ]


def family(*, customer: Customer, reference: str) -> Family:
    """A case of this customer, or one to which they are the second party, by its reference, however it was typed.
    Raises `NotFound`."""
    party = Party.objects.filter(customer=customer, root__reference=tidy_reference(reference) or "-")
    found = party.select_related("root__customer").first()
    if found is not None:
        return _family(found.root, [], _turns(customer), role=found.role)
    case = lookup.case_of(reference, customer=customer)
    return _family(case, _children([case]), _turns(customer))


def standing(family: Family) -> Standing:
    """Whose turn it is in a family of cases, in the customer's words."""
    told = None if family.role else _told(family)
    return states.for_customer(family.case, acting=family.acting, turns=family.turns, told=told)


def _told(family: Family) -> Stands | None:
    """What a process says to the customer of the family, who may be asked for something that is no work item."""
    return asked_elsewhere(family.case) or catalogue.process(family.acting.process).stands(family.acting)


def item(*, customer: Customer, item_id: uuid.UUID) -> WorkItem:
    """A work item that this customer does, or did. Raises `NotFound`."""
    found = WorkItem.objects.select_related("case", "case__customer", "case__parent").filter(id=item_id)
    mine = found.filter(worklist.is_for(customer_id=customer.pk)).first()
    if mine is None:
        raise NotFound("unknown_item", _("There is no such work item."))
    return mine


SEEN_BY_PARTIES = ("case.frozen", "case.unfrozen", "case.closed")
"""What a second party sees in addition to what they did themselves. They see nothing of what the case's customer did or
was told."""


def events(family: Family, *, reader: Customer) -> list[Event]:
    """The events of the family that the reader may see, the newest first."""
    found = Event.objects.filter(case__in=family.all).order_by("-at", "-id")
    if family.role:
        found = found.filter(Q(actor_id=str(reader.public_id)) | Q(kind__in=SEEN_BY_PARTIES))
    return list(found)


def answered(family: Family, *, reader: Customer) -> list[WorkItem]:
    """What the reader answered in this family, the newest first."""
    found = WorkItem.objects.filter(worklist.is_for(customer_id=reader.pk), case__in=family.all)
    return list(found.filter(state=ItemState.ANSWERED).select_related("case").order_by("-answered_at"))


def contacts(family: Family, *, reader: Customer) -> QuerySet[Contact]:
    """Who contacted the reader for this case."""
    ids = [case.id for case in family.all]
    return register.of_customer(reader).filter(Q(case_id__in=ids))


def references(*, customer: Customer, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The references of those of these cases that are the customer's own."""
    return dict(Case.objects.filter(customer=customer, id__in=ids).values_list("id", "reference"))


def _turns(customer: Customer) -> list[WorkItem]:
    """The most urgent first; of those that were asked together, in the order in which the process declares them."""
    return sorted(worklist.of_customer(customer_id=customer.id), key=lambda item: (item.due_at, _declared(item)))


def _declared(item: WorkItem) -> int:
    names = [kind.name for kind in catalogue.spec(item.case.process).kinds]
    return names.index(item.kind) if item.kind in names else len(names)


def _children(cases: Sequence[Case]) -> list[Case]:
    return list(Case.objects.filter(root__in=[case.root_id_or_own for case in cases]).order_by("opened_at", "id"))


def _family(case: Case, children: Sequence[Case], turns: Sequence[WorkItem], *, role: str = "") -> Family:
    below = [child for child in children if child.root_id == case.id]
    ids = {case.id, *(child.id for child in below)}
    open_states = {one.id for one in (case, *below) if one.state == CaseState.OPEN}
    return Family(case, below, [turn for turn in turns if turn.case_id in ids & open_states], role)
