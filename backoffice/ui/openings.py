"""What a person may open for a customer: the menu "start something" on every face, and the form behind each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.actors import Actor, ActorKind
from backoffice.cases import catalogue, opening
from backoffice.cases.catalogue import Opening
from backoffice.cases.forms import OpeningForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.customers.models import Customer
from backoffice.refusals import Refused


@dataclass(frozen=True)
class Offer:
    """A line of the menu. `why_not` says why this customer cannot have such a case now; it is empty when they can."""

    process: str
    label: str
    why_not: str
    group: MenuGroup
    comes_first: bool


def offers(customer: Customer, *, by: Actor) -> Sequence[Offer]:
    """One line for each process that this person may open, in the order of `parts.PROCESSES`."""
    found = [(process.name, process.opening) for process in catalogue.all_processes() if may_open(process.name, by=by)]
    return [
        Offer(name, label(one, by=by), one.why_not(customer), one.group, one.comes_first) for name, one in found if one
    ]


def may_open(process: str, *, by: Actor) -> bool:
    """Whether this person may open cases of the process at all."""
    try:
        opening.openable(process, by=by)
    except Refused:
        return False
    return True


def label(one: Opening, *, by: Actor) -> str:
    """The text of the line. The process may have separate words for customers."""
    return str((by.kind is ActorKind.CUSTOMER and one.offer_to_customer) or one.offer)


def form_for(
    process: str, *, customer: Customer, by: Actor, data: Mapping[str, Any] | None = None, **kwargs: Any
) -> OpeningForm:
    """The form that opens a case, empty or with data. Raises `NotFound` and `Forbidden` like the opening itself."""
    return opening.openable(process, by=by).form(data, customer=customer, by=by, **kwargs)
