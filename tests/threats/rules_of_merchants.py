"""The calls of `rule_calls` for the rules of merchants."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backoffice.actors import Actor
from backoffice.payments.merchants import suspending
from backoffice.payments.merchants.models import Merchant, SuspendedFor
from backoffice.staff.models import User
from tests.factories import now
from tests.threats.people import World, key


def merchant(world: World) -> Merchant:
    """A merchant whose admission is the own case."""
    limits = dict.fromkeys(("per_payment", "per_day", "per_month"), 100)
    told = {"trade": "5992", "iban": "", "currency": "EUR", "admitted_at": now(), "review_due": now()}
    return Merchant.objects.create(
        case=world.cases["own"], company=world.customer(), trading_name="Fleur", name_key=key(), **told, **limits
    )


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "payments.merchants.suspending.suspend": lambda w, by, user: suspending.suspend(
        merchant=merchant(w), reason=SuspendedFor.OTHER, by=by, now=now(), remark="It was reported"
    ),
    "payments.merchants.suspending.reinstate": lambda w, by, user: suspending.reinstate(
        merchant=merchant(w), by=by, now=now()
    ),
}
