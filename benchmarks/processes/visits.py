"""A home visit that no other case has asked for: in a window that is open now, to the review."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer

SINCE, LASTS = timedelta(minutes=10), timedelta(minutes=90)


class HomeVisit(Script):
    name = "home_visit"
    answers = {
        "check_in": {},
        "meet_customer": {"outcome": "opened"},
        "id_check": {
            "outcome": "match", "portrait": "yes", "document": "passport", "valid_until": "2031-05-17",
            "last_signs": "7K2P", "remarks": "",
        },
        "review_visit": {"outcome": "passed", "reason": "Portrait and document fit."},
    }  # fmt: skip

    def make(self, count: int) -> list[Customer]:
        """With a visitor for each, who is free now: a visitor makes one visit at a time."""
        from backoffice.staff.models import Role
        from backoffice.visits.offering import enter_slot

        starts = datetime.now(UTC).replace(second=0, microsecond=0) - SINCE
        for _ in range(count):
            enter_slot(visitor=self._make_staff(Role.FIELD.value), starts=starts, ends=starts + LASTS)
        return [self._make_customer() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        from backoffice.actors import system
        from backoffice.cases import opening

        case, _new = opening.open_case(
            process=self.name, customer=subject, by=system(), key=f"bench:{uuid.uuid4()}", content={}
        )
        return case.id

    def choose_visit(self, item: Any) -> dict[str, str]:
        from backoffice.visits.booking import places, visit_of
        from backoffice.visits.offering import windows

        first = windows(visit_of(item.case), now=datetime.now(UTC))[0]
        return {"how": "visit", "window": first.key, "place": str(places(item.case.customer)[0].pk)}

    def compare_half(self, item: Any) -> dict[str, str]:
        """The customer types what the visitor's screen shows."""
        from backoffice.visits import handshake
        from backoffice.visits.booking import visit_of

        visitor = visit_of(item.case).visitor
        assert visitor is not None
        return {"half": handshake.half_b(item.case, visitor=visitor, now=datetime.now(UTC)) or ""}

    def enter_half(self, item: Any) -> dict[str, str] | None:
        """The visitor types what the customer reads out, who sees it once the visitor's half was right."""
        from backoffice.visits import handshake

        by = customer_actor(item.case.customer)
        half = handshake.half_a(item.case, by=by, now=datetime.now(UTC))
        return {"half": half} if half else None
