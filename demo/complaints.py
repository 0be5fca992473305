"""Complaints as people write them, and how the demonstration makes one: through the same form as everybody.

Nobody of them exists. The first is that of the customer whom a robot rang (`complaints.md`, 1): what is asked for is
what that account asks for.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.cases import opening
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from workflows.complaint.spec import COMPLAINT_PROCESS


@dataclass(frozen=True)
class Told:
    """What somebody complains of; `topic` is one of `complaints.models.Topic`."""

    topic: str
    text: str
    wish: str = ""
    whom: str = ""


ROBOCALL = Told(
    topic="call",
    text=(
        "A robot rang me at nine in the evening: my account has expired, and service may be cut at any moment. I"
        " pressed on, and somebody who had rung ME asked for my telephone number and a user number. I do not have a"
        " user number. I only pay my mother's electricity. Nobody could tell me what had expired. I hung up, and I"
        " still do not know whether it was you."
    ),
    wish="Tell me first who you are and what you know, before you ask me anything. And let no robot ring me again.",
)
ANSWER_TO_ROBOCALL = (
    "You are right. Our robot rang you because one automatic payment still had the number of your old card. It should"
    " have said so, and it should never have rung at nine in the evening. We have switched it off. From now on a person"
    " calls, you see on your own page that it is us and about what, and nobody asks you for a number that you cannot"
    " know. The payment for your mother has gone through."
)
"""What the owner writes to the first one; its redress is an apology and 25.00 EUR."""
OTHERS: Sequence[Told] = (
    Told("fee", "You took 15 euros for a new card. I did not lose the old one.", "Give me the 15 euros."),
    Told("delay", "I was told five days. It is three weeks now, and every time I hear “tomorrow”."),
    Told(
        "visit",
        "The visitor came forty minutes late. I had taken half a day off.",
        "My half day.",
    ),
    Told("message", "I get the same mail four times, at night, and each has another code in it."),
    Told("payment", "My rent bounced because the old card was closed before the new one came.", "Pay that fee."),
    Told("data", "Somebody read my birth date to me on the telephone before I had said who I am."),
    Told("other", "Eleven minutes of music. Then the line went dead. Then eleven minutes of music again."),
)


def complain(customer: Customer, told: Told, *, contact: str = "", case: str = "", now: datetime | None = None) -> Case:
    """The customer complains in the portal. `contact` is the check code of a call or message, `case` the reference of a
    case of theirs; `now` is aware UTC."""
    by = Actor(
        kind=ActorKind.CUSTOMER,
        id=str(customer.public_id),
        channel=Channel.PORTAL,
        level=Level.SIGNED_IN,
        proof="password",
    )
    data = {"topic": told.topic, "text": told.text, "wish": told.wish, "whom": told.whom}
    made, _new = opening.open_by_form(
        process=COMPLAINT_PROCESS.name,
        customer=customer,
        by=by,
        key=f"demo:complaint:{uuid.uuid4()}",
        data=data | {"contact": contact, "case": case},
        now=now,
    )
    return made
