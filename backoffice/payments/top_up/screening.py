"""Whether a caller may go on, before anything is asked of a card: what the risk rules say, and what follows from it."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.risk import top_up_rules
from backoffice.payments.risk.top_up_facts import Request
from backoffice.payments.risk.top_up_rules import CARD_NOT_TAKEN, RULES
from backoffice.payments.top_up.models import Farewell, TopUp, TopUpCall
from backoffice.telephony import menu_calls
from workflows.base.spec import Nothing
from workflows.top_up.spec import ASKS_FIRST


def held_up(
    call: TopUpCall, case: Case, *, card: CardOnFile | None, by: Actor, now: datetime, keys_in: bool = False
) -> Farewell | None:
    """How the call ends, by the risk rules; None where it may go on. Within the unit of work of the case: what speaks
    against it is noted for staff, and the process is told where the customer is asked first. What they confirmed once
    is not asked again, up to that amount."""
    top_up = TopUp.objects.select_for_update().get(case=case)
    amount = Money(call.amount or 0, top_up.currency)
    asked = Request(
        customer=case.customer,
        amount=amount,
        caller=menu_calls.index_of_caller(call.conversation),
        card=card,
        keys_in=keys_in,
    )
    found = top_up_rules.screen(asked, now=now, besides=case.id)
    if list(found.codes) != top_up.risk:
        top_up.risk = list(found.codes)
        top_up.save(update_fields=["risk"])
    if found.denied:
        timeline.note(case, "top_up.denied", by=by, data={"rule": found.denied[0]}, at=now)
        is_card = all(RULES[code].tells == CARD_NOT_TAKEN for code in found.denied)
        return Farewell.CARD_NOT_TAKEN if is_card else Farewell.REFUSED
    if found.asks and not _confirmed(top_up, amount):
        top_up.to_confirm, top_up.confirmed_at = amount.minor, None
        top_up.save(update_fields=["to_confirm", "confirmed_at"])
        timeline.note(case, "top_up.asks_first", by=by, data={"rule": found.asks[0]}, at=now)
        signal(case, ASKS_FIRST, Nothing())
        return Farewell.ASKS_FIRST
    return None


def _confirmed(top_up: TopUp, amount: Money) -> bool:
    return top_up.confirmed_at is not None and amount.minor <= (top_up.to_confirm or 0)
