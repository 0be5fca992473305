"""Telling a case's process that something happened outside it."""

from __future__ import annotations

from typing import TypeVar

from backoffice.cases.models import Case, CommandKind
from backoffice.cases.outbox import order
from workflows.base.contracts import to_wire
from workflows.base.spec import Facts, Signal

FactsT = TypeVar("FactsT", bound=Facts)


def signal(case: Case, what: Signal[FactsT], facts: FactsT) -> None:
    """Within `changing`: orders the signal, which is delivered after this transaction."""
    order(case, CommandKind.SIGNAL, signal="happened", payload={"kind": what.name, "facts": to_wire(facts)})
