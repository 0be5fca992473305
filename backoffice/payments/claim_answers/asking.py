"""Asks the merchant beside each claim about a payment to it, and tells it what became of that claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backoffice.actors import Actor, system
from backoffice.cases import opening
from backoffice.cases.models import Case, CaseState
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.customers.business_days import business_days_after
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claims.dates import end_of
from backoffice.payments.claims.models import PaymentClaim
from backoffice.trust.quiet_hours import zone
from workflows.base.spec import Nothing
from workflows.claim_answer.facts import AnswerOpening, DecidedSo, How
from workflows.claim_answer.spec import CLAIM_ANSWER, DECIDED, TAKEN

EVIDENCE = 7
"""Business days in which a merchant sends evidence: long before the customer has a decision."""
WAITS = timedelta(days=120)
"""After the last day of the decision: so long a customer's bank can take, and a third person after an answer."""


def ask(claim: PaymentClaim, *, now: datetime) -> None:
    """In the transaction that opens the claim."""
    opening.open_case(
        process=CLAIM_ANSWER.name,
        customer=claim.payment.merchant.company,
        by=system(),
        key=f"claim-answer:{claim.case_id}",
        content={"claim": str(claim.case_id)},
        now=now,
    )


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> AnswerOpening:
    claim = PaymentClaim.objects.select_related("payment__case").get(pk=UUID(content["claim"]))
    company = case.customer
    day = now.astimezone(zone(company.time_zone)).date()
    evidence_by = min(end_of(business_days_after(day, EVIDENCE, company.country), company), claim.decide_by)
    ClaimAnswer.objects.create(case=case, claim=claim, evidence_by=evidence_by)
    case.subject = claim.payment.case.reference
    return AnswerOpening(evidence_by=evidence_by, wait_until=claim.latest_by + WAITS)


def tell_decision(claim: PaymentClaim, how: How, *, now: datetime) -> None:
    """Once: the first that is final. `now` is aware UTC."""
    answer = ClaimAnswer.objects.filter(claim=claim, told_at=None).first()
    if answer is None:
        return
    with changing(answer.case_id) as case:
        answer.how, answer.told_at = how.value, now
        answer.save(update_fields=["how", "told_at"])
        if case.state != CaseState.CLOSED:
            signal(case, DECIDED, DecidedSo(how=how))


def tell_taken(claim: PaymentClaim, *, now: datetime) -> None:
    """The merchant bears it, and what we owe it is less by that now."""
    answer = ClaimAnswer.objects.filter(claim=claim, taken_at=None).first()
    if answer is None:
        return
    with changing(answer.case_id) as case:
        answer.taken_at = now
        answer.save(update_fields=["taken_at"])
        if case.state != CaseState.CLOSED:
            signal(case, TAKEN, Nothing())
