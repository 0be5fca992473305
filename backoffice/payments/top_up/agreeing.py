"""The moment at which a customer has agreed to all: what was read out is held against what is to be charged, and the
process of the case is told."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.cards_on_file.records import usable
from backoffice.payments.top_up import codes, limits, linking, screening
from backoffice.payments.top_up.models import Farewell, TopUp, TopUpCall
from workflows.base.spec import Nothing
from workflows.top_up.spec import AGREED


def agree(call: TopUpCall, case: Case, *, token: str, by: Actor, now: datetime) -> Farewell | None:
    """Within the unit of work of the case: keeps what was agreed to, and tells the process. `token` is the provider's
    name for the security code. How the call ends where it is not possible any more, None where it is: the case has gone
    on, the limits are used up, the card was forgotten, the risk rules hold it up by now, or what was read out is not
    what would be charged; then nothing is agreed."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=case.customer_id)
    top_up = TopUp.objects.select_for_update().get(case=case)
    card = usable(customer, now=now).filter(pk=call.card_id or 0).first()
    if card is None or call.amount is None or top_up.agreed_in_id is not None or not codes.waits_for_call(case):
        return Farewell.NOT_NOW
    amount = Money(call.amount, top_up.currency)
    if limits.beyond(customer, amount, now=now) or call.agreed_at is None:
        return Farewell.NOT_NOW
    if linking.digest(case_id=case.id, amount=amount, card=card) != call.sha256:
        return Farewell.NOT_NOW
    if held_up := screening.held_up(call, case, card=card, by=by, now=now):
        return held_up
    top_up.amount, top_up.card, top_up.token = amount.minor, card, token
    top_up.agreed_in, top_up.agreed_at = call, now
    top_up.save(update_fields=["amount", "card", "token", "agreed_in", "agreed_at"])
    timeline.note(case, "top_up.agreed", by=by, data={"sha256": call.sha256}, at=now)
    signal(case, AGREED, Nothing())
    return None
