"""A call: the caller names their domain, and reads the code from the portal to the agent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.processes.domains import make_domains
from benchmarks.processes.script import Script, customer_actor, staff_actor

if TYPE_CHECKING:
    from backoffice.domains.models import Domain
    from backoffice.staff.models import User


@dataclass(frozen=True)
class Ringing:
    """An agent has one call at a time, so each case has one of its own."""

    domain: Domain
    agent: User


class Call(Script):
    name = "phone_authorisation"
    answers = {
        "give_code": {"answer": "shown"},
        "wrap_up": {"ordered_by": "nobody", "changed": "Nothing was changed."},
    }

    def make(self, count: int) -> list[Ringing]:
        from backoffice.staff.models import Role

        return [Ringing(domain, self._make_staff(Role.SUPPORT.value)) for domain in make_domains(self, count)]

    def open_case(self, subject: Ringing) -> uuid.UUID:
        from backoffice.calls import opening

        told = {"known": subject.domain.name, "wants": "contact_change", "told": "on", "through": "telephone"}
        case, _new = opening.open_call(by=staff_actor(subject.agent), data=told, key=f"bench:{uuid.uuid4()}")
        return case.id

    def type_code(self, item: Any) -> dict[str, str] | None:
        """Once the customer has it on their screen."""
        from backoffice.calls import codes
        from backoffice.calls.records import call_of

        by = customer_actor(item.case.customer)
        shown = codes.to_read_out(call_of(item.case), by=by, now=datetime.now(UTC))
        return {"code": shown[0]} if shown else None
