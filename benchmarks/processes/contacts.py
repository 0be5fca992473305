"""Another mail address for a customer who has a telephone as well: nobody has to approve it."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer

_IN_MAIL = re.compile(r"Your code: (\S+)")


class ContactChange(Script):
    """To the end. The worker does not wait three days: see `hurried_worker.py`."""

    name = "contact_change"
    answers = {"confirm_change": {}}

    def make(self, count: int) -> list[Customer]:
        return [self._make_customer() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        new = f"new{self._product.next_number()}@example.org"
        return self._open(subject, customer_actor(subject), kind="mail", value=new)

    def enter_code(self, item: Any) -> dict[str, str] | None:
        """As it stands in the mail that came to the new address."""
        found = requests.get(
            f"{self._addresses['INBOX_URL']}/api/messages", params={"q": item.case.reference}, timeout=10
        ).json()["messages"]
        codes = [code[1] for mail in found if (code := _IN_MAIL.search(mail["text"]))]
        return {"code": codes[0]} if codes else None
