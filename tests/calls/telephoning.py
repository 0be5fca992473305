"""Call-backs for tests of the console: agreed for now, with the work item by which somebody calls."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.cases.models import Case
from backoffice.customers.models import ContactKind, Customer
from tests.factories import make_card, make_customer
from tests.playing import ask, open_card_case


def where_it_is_noon() -> str:
    """A zone in which nobody is asleep now, whenever the tests run."""
    return _where_it_is(12)


def where_it_is_night() -> str:
    """One in which everybody is."""
    return _where_it_is(2)


def _where_it_is(hour: int) -> str:
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def number_of(customer: Customer) -> str:
    return str(customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None).value)


def agreed_call_back(
    customer: Customer | None = None, *, begins_in: timedelta | None = None, **fields: Any
) -> CallBack:
    """A call about the customer's new card, whose window has begun."""
    customer = customer or make_customer(given_name="Maria", family_name="Jansen", days=400)
    Customer.objects.filter(pk=customer.pk).update(time_zone=where_it_is_noon())
    customer.refresh_from_db()
    starts = datetime.now(UTC) + (begins_in if begins_in is not None else -timedelta(minutes=1))
    case = Case(process="call_back", customer=customer, opened_at=starts, opening_key=str(uuid.uuid4()))
    case.save()
    told: dict[str, Any] = {
        "about": None if "topic" in fields else open_card_case(make_card(customer=customer)),
        "state": CallBackState.AGREED,
        "role": "support agent",
        "starts": starts,
        "ends": starts + timedelta(minutes=15),
    }
    call_back = CallBack.objects.create(case=case, **(told | fields))
    ask(case, "call_customer_back", stage="announced")
    return call_back
