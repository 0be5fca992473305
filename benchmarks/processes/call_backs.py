"""A call-back to its wrap-up: the customer has chosen a time, and rings us before it, so that nobody waits. The two
questions, two days later, are left out: the customer says on the line that they want no call about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, customer_actor, staff_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer
    from backoffice.staff.models import User


@dataclass(frozen=True)
class Ringing:
    """An agent has one call at a time, so each case has one of its own."""

    customer: Customer
    agent: User


class CallBack(Script):
    name = "call_back"

    def make(self, count: int) -> list[Ringing]:
        """With staffed hours for all, at a time of the next day at which we may call."""
        from backoffice.calls.back.models import StaffedQuarter
        from backoffice.staff.models import Role

        now = datetime.now(UTC)
        starts = (now + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
        quarter, _new = StaffedQuarter.objects.get_or_create(
            role=Role.SUPPORT, starts=starts, defaults={"agents": 0, "entered_at": now}
        )
        StaffedQuarter.objects.filter(pk=quarter.pk).update(agents=quarter.agents + count)
        return [Ringing(self._make_customer(), self._make_staff(Role.SUPPORT.value)) for _ in range(count)]

    def open_case(self, subject: Ringing) -> uuid.UUID:
        """The customer asks for the call, and rings."""
        from backoffice.calls.back import offering, opening, ringing_back
        from backoffice.staff.models import Role
        from backoffice.telephony import taking

        now, customer, by = datetime.now(UTC), subject.customer, staff_actor(subject.agent)
        zone = customer.time_zone
        window = offering.windows(role=Role.SUPPORT, time_zone=zone, since=now, now=now)[0]
        wish = {"what": "topic:cards", "number": str(opening.phones_of(customer)[0].pk), "window": window.key}
        case_id = self._open(customer, customer_actor(customer, is_proven=False), **wish)
        call = taking.take_in(
            number="", agent=subject.agent, by=by, now=now, key=f"bench:{uuid.uuid4()}", customer=customer
        )
        ringing_back.take(case_id=case_id, call_id=call.id, by=by, now=now)
        return case_id

    def call_customer_back(self, item: Any) -> dict[str, str] | None:
        """The customer reads out their code, the call ends, and the agent writes down what came of it. An item that
        nobody holds is the one by which we would have called."""
        from backoffice.calls.back import talking
        from backoffice.calls.back.records import call_back_of
        from backoffice.telephony import proving
        from backoffice.telephony.models import CallState

        if item.holder is None:
            return None
        by, now, call = staff_actor(item.holder), datetime.now(UTC), call_back_of(item.case).call
        assert call is not None
        shown = proving.show_code(call_id=call.id, by=customer_actor(item.case.customer), now=now)
        proving.type_code(call_id=call.id, typed=shown.code, by=by, now=now)
        talking.press(case_id=item.case_id, to=CallState.ENDED, by=by)
        return {"outcome": "declined", "text": "They want no call about it."}

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        """It ends as declined."""
        from backoffice.cases.models import Case

        return Case.objects.filter(id__in=cases).exclude(outcome="rejected").count()
