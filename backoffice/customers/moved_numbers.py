"""One of us notes that a telephone number is in other hands. The process that knows what follows from it registers its
rule when it starts; the customer's page follows it, without knowing it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from backoffice.actors import Actor
from backoffice.customers import contact_points
from backoffice.customers.models import ContactPoint
from backoffice.staff.rights import MARK_SIM, needs


class Notes(Protocol):
    def __call__(self, *, point: ContactPoint, by: Actor, now: datetime) -> ContactPoint: ...


_rule: list[Notes] = [contact_points.mark_sim_swapped]


def follow(rule: Notes) -> None:
    """From now on this is the rule; it marks the number, too."""
    _rule[:] = [rule]


@needs(MARK_SIM)
def note_moved(*, point: ContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """Follows the rule; raises what it raises."""
    return _rule[0](point=point, by=by, now=now)
