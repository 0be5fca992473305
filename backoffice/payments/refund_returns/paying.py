"""A refund that did not arrive: the customer has the amount on their balance at once, and one of us pays it in another
way, or they want it to stay there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.evidence import Lines
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case, WorkItem
from backoffice.payments.claims.models import CardRefund
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.balances import owed
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.refund_returns import of_bills
from backoffice.payments.refund_returns.transfer_form import TransferForm
from workflows.refund_return.facts import PaidOtherwise, ReturnOpening


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> ReturnOpening:
    """What a claim had paid is on the customer's balance already; what the merchant had given back comes there now, at
    the merchant's expense, as it was. What is of a bill comes to nobody's."""
    of_bill = of_bills.prepare(case, content["refund"])
    if of_bill is not None:
        return of_bill
    row = CardRefund.objects.select_for_update(of=("self",)).get(pk=content["refund"])
    row.case = case
    row.save(update_fields=["case"])
    case.subject = row.payment.merchant.trading_name
    if row.claim() is None:
        moved = {
            "credit": movements.credited(customer=case.customer, amount=row.money),
            "kept": movements.credit_kept(merchant=row.payment.merchant.company, amount=row.money),
        }
        posting.post(case_id=case.id, movements=moved, by=system(), at=now)
    timeline.note(case, "refund.came_back", by=system(), data={"amount": row.money.shown("en")}, at=now)
    return ReturnOpening(refund=row.id)


class PayForm(TransferForm):
    """What was agreed with the customer, and done."""

    intro = _(
        "Call the customer at a number on file, and ask how they want the money. Ask for the account number only in "
        "that call, and check that the account is theirs. Pay first, and answer afterwards."
    )
    transferred = PaidOtherwise.TRANSFERRED
    no_transfer = _("A transfer does not go with money that stays. Leave this empty.")


def paid(answer: Answer) -> Accepted:
    """Posts a transfer. Raises `Conflict` on `amount` where we owe the customer less than that by now."""
    row, outcome = refund_of(answer.case), answer.cleaned["outcome"]
    if outcome == PaidOtherwise.TRANSFERRED:
        moved = movements.paid_back(customer=answer.case.customer, amount=row.money)
        posting.post(case_id=answer.case.id, movements={"transferred": moved}, by=system(), at=answer.now)
        row.paid_otherwise_at = answer.now
        row.save(update_fields=["paid_otherwise_at"])
        timeline.note(answer.case, "refund.transferred", by=answer.by, at=answer.now)
    else:
        timeline.note(answer.case, "refund.stays", by=answer.by, at=answer.now)
    return Accepted(outcome, reason=answer.cleaned["reason"])


def evidence(case: Case, item: WorkItem | None = None) -> Lines:
    """What did not arrive, and what the customer has on their balance now."""
    of_bill = of_bills.refund_of(case)
    if of_bill is not None:
        return of_bills.evidence(of_bill)
    row = refund_of(case)
    claim = row.claim()
    balance = owed(kind=AccountKind.CUSTOMER, owner=case.customer, currency=row.currency)
    lines = [
        (_t("Amount"), row.money.shown()),
        (_t("Of the payment to"), row.payment.merchant.trading_name),
        (_t("Case of the payment"), row.payment.case.reference),
        (_t("Claim"), claim.case.reference if claim else ""),
        (_t("Card that could not be paid, ending"), row.payment.last_four),
        (_t("On the customer's balance now"), balance.shown()),
    ]
    return [(label, words) for label, words in lines if words]


def refund_of(case: Case) -> CardRefund:
    return CardRefund.objects.select_related("payment__merchant__company", "payment__case").get(case=case)
