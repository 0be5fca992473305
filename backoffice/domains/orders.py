"""Every case that was to change a domain, with who did what in it, when, and by which proof."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import ActorKind
from backoffice.cases import catalogue, timeline_view
from backoffice.cases.models import Case, CaseState, Event, Party
from backoffice.cases.timeline_view import Line, Reader
from backoffice.customers.models import Customer
from backoffice.domains.models import Domain, DomainOrder

TOLD = ("case.opened", "item.answered", "item.answered_by_customer")
"""The events in which somebody ordered or confirmed something."""
MOST = 50


@dataclass(frozen=True)
class Act:
    """Somebody ordered or confirmed something. `channel` and `proof` are in words, and may be empty. `at` is UTC."""

    at: datetime
    who: str
    channel: str
    proof: str

    def __str__(self) -> str:
        """ "you (portal, a passkey)"."""
        how = ", ".join(one for one in (self.channel, self.proof) if one)
        return f"{self.who} ({how})" if how else self.who


@dataclass(frozen=True)
class Order:
    case: Case
    acts: Sequence[Act]

    @property
    def title(self) -> str:
        return _(catalogue.spec(self.case.process).title)

    @property
    def result(self) -> str:
        is_over = self.case.state == CaseState.CLOSED
        return str(self.case.get_outcome_display() if is_over else self.case.get_state_display())


def of_domain(domain: Domain, *, reader: Customer | None = None) -> list[Order]:
    """The newest first. With a `reader`, only their own cases and those that they are a party to: what a holder before
    them ordered is not theirs to know, nor who of us did what."""
    orders = DomainOrder.objects.filter(domain=domain).select_related("case").order_by("-at", "-pk")
    if reader is not None:
        joined = Party.objects.filter(customer=reader).values("root_id")
        orders = orders.filter(Q(case__customer=reader) | Q(case_id__in=joined) | Q(case__root_id__in=joined))
    cases = [one.case for one in orders[:MOST]]
    events = list(Event.objects.filter(case__in=cases, kind__in=TOLD).order_by("case_id", "number"))
    lines = timeline_view.lines(events, cases, reader=Reader.STAFF)
    acts: dict[uuid.UUID, list[Act]] = {}
    for event, line in zip(events, lines, strict=True):
        who = _to_customer(event, reader) if reader else line.who
        acts.setdefault(event.case_id, []).append(_act(line, who))
    return [Order(case, acts.get(case.id, [])) for case in cases]


def _act(line: Line, who: str) -> Act:
    return Act(line.at, who, line.channel, line.proof)


def _to_customer(event: Event, reader: Customer) -> str:
    if event.actor_kind == ActorKind.STAFF:
        return _("one of us")
    if event.actor_kind == ActorKind.CUSTOMER:
        return _("you") if event.actor_id == str(reader.public_id) else _("the other party")
    return _("our system") if event.actor_kind == ActorKind.SYSTEM else _("an outside system")
