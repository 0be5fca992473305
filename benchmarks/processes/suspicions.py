"""A strange contact: reported in the portal, told to be not ours, and decided on by an analyst of compliance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, customer_actor, staff_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer


class SuspiciousContact(Script):
    name = "suspicious_contact"

    def make(self, count: int) -> list[Customer]:
        return [self._make_customer() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        """Each report leads to a host of its own, so that each has an analyst's decision of its own."""
        host = uuid.uuid4().hex[:20]
        text = f"https://{host}.example/pay"
        return self._open(subject, customer_actor(subject), how="sms", text=text, sender="")

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        """The groups that wait for an analyst."""
        from backoffice.suspicions.models import GroupState, Suspicion

        waiting = Suspicion.objects.filter(state=GroupState.WAITING, reports__case__in=cases)
        return list(waiting.filter(reports__case__stage="looked_into").distinct())

    def report(self, letter: Any) -> None:
        from backoffice.staff.models import Role
        from backoffice.suspicions import deciding

        user = self._of_role(Role.COMPLIANCE.value)
        who: dict[str, Any] = {"group": letter, "by": staff_actor(user), "user": user, "now": datetime.now(UTC)}
        deciding.take(**who)
        deciding.confirm(**who, reason="A fee for no parcel", words=None)
