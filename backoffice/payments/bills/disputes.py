"""A payment of a bill that its payer's bank takes back: the bill is to be paid again, and its customer is told. Events
come twice, late and in any order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, system
from backoffice.cases import alarms, opening, timeline
from backoffice.cases.evidence import Lines
from backoffice.cases.forms import Accepted, Answer, OutcomeForm
from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.customers import bills
from backoffice.money import Money
from backoffice.payments.bills.models import BillDispute, BillPage, PageState
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.ui.times import until
from workflows.bill_dispute.facts import BillDisputeOpening, DisputeOver
from workflows.bill_dispute.spec import BILL_DISPUTE, OVER
from workflows.bill_payment.spec import BILL_PAYMENT

ANSWERED_WITHIN = timedelta(days=7)
"""Where the provider does not say until when the bank takes an answer."""
TAKES = frozenset({EventKind.MONEY_WITHDRAWN})
GIVES = frozenset({EventKind.MONEY_REINSTATED})


def reported(page: BillPage, event: ProviderEvent, dispute: Dispute, *, now: datetime) -> None:
    """Takes what the provider says of a dispute about a booked bill. `now` is aware UTC."""
    if page.case is None or page.state != PageState.BOOKED:
        return
    with changing(page.case.id) as case:
        row = BillDispute.objects.filter(id=dispute.id).first()
        is_lost = dispute.status is DisputeStatus.LOST
        if row is None and (event.kind in TAKES or is_lost):
            row = _taken(case, page, dispute, now=now)
        if row is None or row.over_at is not None:
            return
        is_won = event.kind in GIVES or (event.kind is EventKind.DISPUTE_CLOSED and dispute.status is DisputeStatus.WON)
        if is_won or (is_lost and event.kind is EventKind.DISPUTE_CLOSED):
            _over(case, page, row, won=is_won, now=now)


def _taken(case: Case, page: BillPage, dispute: Dispute, *, now: datetime) -> BillDispute:
    """The bank has the money: so our books say, and so the bill does."""
    part = min(Money(dispute.amount, page.currency), page.sum)
    moved = movements.bill_returned(amount=part)
    post(case_id=case.id, movements={f"dispute {dispute.id}": moved}, by=system(), at=now)
    kind = bills.kind_of(page.kind)
    kind.take_back(key=page.bill, payment=f"bill_payment:{case.id}", by=system(), now=now)
    row = BillDispute.objects.create(
        id=dispute.id,
        page=page,
        amount=part.minor,
        currency=part.currency,
        reason=dispute.reason[:64],
        taken_at=now,
        answer_by=max(dispute.answer_by or now + ANSWERED_WITHIN, now),
    )
    timeline.note(case, "bill.taken_back", by=system(), data={"amount": part.shown("en")}, at=now)
    opening.open_case(
        process=BILL_DISPUTE.name,
        customer=page.customer,
        by=system(),
        key=f"bill-dispute:{dispute.id}",
        content={"dispute": dispute.id},
        now=now,
    )
    return BillDispute.objects.get(pk=row.pk)


def _over(case: Case, page: BillPage, row: BillDispute, *, won: bool, now: datetime) -> None:
    """Once. What came back is booked again, if the bill was not paid in another way meanwhile."""
    row.over_at, row.won = now, won
    row.save(update_fields=["over_at", "won"])
    if won:
        post(case_id=case.id, movements={f"won {row.id}": movements.bill_paid(amount=row.money)}, by=system(), at=now)
        key = f"bill_payment:{case.id}:won"
        if not bills.kind_of(page.kind).settle(key=page.bill, payment=key, amount=row.money, by=system(), now=now):
            told = {"fields": {"": [page.reference]}, "text": case.reference}
            alarms.sound(process=BILL_PAYMENT.name, code="won_not_open", key=f"won:{row.id}", told=told, now=now)
        timeline.note(case, "bill.came_back", by=system(), data={"amount": row.money.shown("en")}, at=now)
    if row.case_id is None:
        return
    with changing(row.case_id) as own:
        if own.state != CaseState.CLOSED:
            signal(own, OVER, DisputeOver(won=won))


# --- the case of its own ----------------------------------------------------------------------------------------------


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> BillDisputeOpening:
    row = BillDispute.objects.select_for_update(of=("self",)).select_related("page").get(pk=content["dispute"])
    row.case = case
    row.save(update_fields=["case"])
    case.subject = row.page.reference
    return BillDisputeOpening(answer_by=row.answer_by)


class BankForm(OutcomeForm):
    """What was done at the provider's pages, where the bank takes the answer."""

    intro = _(
        "Look at the dispute on the payment provider's pages, and answer the bank there before the day. Nobody here "
        "knows who paid. The bill is open again already, and its customer knows."
    )
    submit = _("It is done")


def answered(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


def evidence(case: Case, item: WorkItem | None = None) -> Lines:
    """What the bank disputes, and until when it takes an answer."""
    row = dispute_of(case)
    lines = [
        (_t("Bill"), row.page.reference),
        (_t("Taken back by the bank"), row.money.shown()),
        (_t("The bank's word for it"), row.reason.replace("_", " ")),
        (_t("The bank takes an answer until"), until(row.answer_by, case.customer)),
        (_t("Case of the payment"), row.page.case.reference if row.page.case else ""),
    ]
    return [(label, words) for label, words in lines if words]


def dispute_of(case: Case) -> BillDispute:
    return BillDispute.objects.select_related("page__case").get(case=case)
