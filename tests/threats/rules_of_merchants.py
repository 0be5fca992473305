"""The calls of `rule_calls` for the rules of merchants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from backoffice.actors import Actor
from backoffice.money import Money
from backoffice.payments.agents import adding, removing, tokens
from backoffice.payments.merchants import proposing, suspending
from backoffice.payments.merchants.models import Merchant, PayoutProposal, SuspendedFor
from backoffice.payments.merchants.terms import Terms
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


def _agents(world: World, by: Actor) -> dict[str, Any]:
    return {"merchant": merchant(world), "by": by, "now": now()}


def proposal(world: World) -> PayoutProposal:
    """Of somebody else, for that merchant."""
    return PayoutProposal.objects.create(
        merchant=merchant(world), fee_fixed=1, fee_points=0, delay=7, proposed_at=now(), proposed_by="somebody else"
    )


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "payments.agents.adding.add": lambda w, by, user: adding.add(
        new=adding.NewAgent("Robin", f"{key()}@example.org", "6001"), **_agents(w, by)
    ),
    "payments.agents.adding.invite_again": lambda w, by, user: adding.invite_again(agent_id=uuid4(), **_agents(w, by)),
    "payments.agents.removing.remove": lambda w, by, user: removing.remove(agent_id=uuid4(), **_agents(w, by)),
    "payments.agents.tokens.make_token": lambda w, by, user: tokens.make_token(name=key(), **_agents(w, by)),
    "payments.merchants.proposing.propose": lambda w, by, user: proposing.propose(
        merchant=merchant(w), terms=Terms("acct_0123456789", Money(0, "EUR"), 0, 7), by=by, now=now()
    ),
    "payments.merchants.proposing.decide": lambda w, by, user: proposing.decide(
        proposal_id=proposal(w).pk, accepted=True, by=by, now=now()
    ),
    "payments.merchants.suspending.suspend": lambda w, by, user: suspending.suspend(
        merchant=merchant(w), reason=SuspendedFor.OTHER, by=by, now=now(), remark="It was reported"
    ),
    "payments.merchants.suspending.reinstate": lambda w, by, user: suspending.reinstate(
        merchant=merchant(w), by=by, now=now()
    ),
}
