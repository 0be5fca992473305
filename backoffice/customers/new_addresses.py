"""Where staff open a case that changes how a customer is reached. The process that has one registers it when it starts,
and the pages that show a customer's addresses offer it, without knowing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backoffice.actors import Actor
from backoffice.customers.models import Customer

Page = Callable[[Customer, Actor], str]
"""The address of the page that opens such a case for this customer; empty for whom may not open one."""

_pages: list[Page] = []


def register(page: Page) -> None:
    _pages.append(page)


def pages(customer: Customer, by: Actor) -> Sequence[str]:
    """The pages that this person may use."""
    return [address for page in _pages if (address := page(customer, by))]
