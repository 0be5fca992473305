"""The calls of `rule_calls` for the rules of auto-payments, of the ledger and of the payment provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from backoffice.actors import Actor, system
from backoffice.cards.autopay import answers, billers, mandates, ticking
from backoffice.cards.autopay.files import Response
from backoffice.cards.autopay.inventory import Recurring
from backoffice.cards.autopay.models import Biller
from backoffice.money import Money
from backoffice.payments.ledger import movements, posting
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.staff.models import User
from tests.factories import now
from tests.threats import rules_of_bills, rules_of_top_ups
from tests.threats.people import World, key

_RECURS = Recurring("Example Gym", "", "sport", 100, 100, "eur", now().date(), now().date())


def _payment(world: World, by: Actor) -> dict[str, Any]:
    card = world.cards["own"]
    mandate = mandates.add(customer=card.customer, card=card, biller=f"Gym {key()}", by=system(), now=now())
    return {"mandate": mandate, "by": by, "now": now()}


def _particulars() -> billers.Particulars:
    return billers.Particulars(name=f"Gym {key()}", country="NL")


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    **rules_of_bills.CALLS,
    **rules_of_top_ups.CALLS,
    "cards.autopay.answers.take": lambda w, by, user: answers.take(
        response=Response(uuid4(), 1, now(), []), by=by, now=now()
    ),
    "cards.autopay.billers.change": lambda w, by, user: billers.change(
        biller_id=Biller.objects.create(name=f"Gym {key()}").pk, particulars=_particulars(), by=by, now=now()
    ),
    "cards.autopay.billers.enter": lambda w, by, user: billers.enter(particulars=_particulars(), by=by, now=now()),
    "cards.autopay.mandates.add": lambda w, by, user: mandates.add(
        customer=w.customer(), card=w.cards["own"], biller="Example Gym", by=by, now=now()
    ),
    "cards.autopay.mandates.biller_of_network": lambda w, by, user: mandates.biller_of_network(_RECURS, by=by),
    "cards.autopay.mandates.found_in_payments": lambda w, by, user: mandates.found_in_payments(
        card=w.cards["own"], cards=[w.cards["own"]], found=_RECURS, by=by
    ),
    "cards.autopay.mandates.say_live": lambda w, by, user: mandates.say_live(**_payment(w, by)),
    "cards.autopay.mandates.say_not_mine": lambda w, by, user: mandates.say_not_mine(**_payment(w, by)),
    "cards.autopay.mandates.say_over": lambda w, by, user: mandates.say_over(**_payment(w, by)),
    "cards.autopay.ticking.confirmed": lambda w, by, user: ticking.confirmed(
        biller=Biller.objects.create(name="Example Gym"), line_id=uuid4(), by=by, now=now()
    ),
    "cards.autopay.ticking.tick": lambda w, by, user: ticking.tick(
        line_id=uuid4(), how=ticking.How.MOVED, by=by, now=now()
    ),
    "payments.ledger.posting.post": lambda w, by, user: posting.post(
        case_id=w.cases["own"].id,
        movements={key(): movements.captured(merchant=w.customer(), amount=Money(100, "EUR"))},
        by=by,
        at=now(),
    ),
    "payments.provider.taking.forget": lambda w, by, user: taking.forget(by=by, now=now()),
    "payments.provider.taking.take": lambda w, by, user: taking.take(
        event=ProviderEvent(key(), EventKind.CAPTURED, "pi_1", "", 100, "EUR", now()), by=by, now=now()
    ),
}
