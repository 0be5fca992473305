"""A complaint of a customer: acknowledged, owned, answered by its owner with an apology, and accepted."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer


class Complaint(Script):
    name = "complaint"
    answers = {
        "answer_complaint": {
            "outcome": "upheld",
            "reasons": "You are right: nobody told you why we rang. We have changed that.",
            "apology": "on",
        },
        "give_redress": {},
        "react": {"decision": "accepted"},
    }

    def make(self, count: int) -> list[Customer]:
        return [self._make_customer() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        text = "A robot rang me at night and said that my line is cut off."
        return self._open(subject, customer_actor(subject), topic="call", text=text)
