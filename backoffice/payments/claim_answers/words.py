"""The words of a merchant's answer to a claim. A merchant reads the number of its order, the amount and dates; nothing
about its customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claim_answers.sending import answer_of
from backoffice.payments.claims.models import PaymentClaim, Why
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.voice.models import VoicePayment
from backoffice.trust.quiet_hours import zone
from backoffice.ui.states import State
from backoffice.ui.times import until
from workflows.claim_answer.facts import How

SENTENCES: Mapping[str, Sentence] = {
    "claim_answer.sent": Sentence(
        _("The merchant said what happened. Documents with it: %(documents)s."),
        _("You said what happened. Documents with it: %(documents)s."),
    ),
}
TOLD: Mapping[str, Any] = {
    How.MERCHANT: _("for the customer, at the merchant's expense"),
    How.US: _("for the customer, at our expense"),
    How.WRONG: _("the payment was right"),
    How.WITHDRAWN: _("the customer took the claim back"),
    How.WENT_BACK: _("the money went back to the card in another way"),
}
"""How a claim was decided, for staff."""
NEVER_FROZEN = _("The claim is its customer's, and is decided with or without an answer of the merchant.")
WHY: Mapping[str, Any] = {
    Why.NOT_MINE: _("The customer says that they did not order it."),
    Why.AMOUNT: _("The customer says that it was another amount than was read to them."),
    Why.NOT_DELIVERED: _("The customer says that they did not get what they paid for."),
    Why.TWICE: _("The customer says that they paid twice for the same."),
    Why.OTHER: _("The customer says that something else is wrong with it."),
}
"""What is said to the merchant; never the customer's own words."""


def headline(case: Case) -> Headline:
    answer = answer_of(case)
    told = {"amount": answer.claim.sum.shown(), "reference": answer.claim.payment.case.reference}
    title = _t("A customer disputes %(amount)s of your order %(reference)s") % told
    return Headline(title, stands_now(answer))


def stands_now(answer: ClaimAnswer) -> str:
    """One or two sentences that are true in every state."""
    by = {"by": until(answer.evidence_by, answer.claim.payment.merchant.company)}
    match answer.how:
        case How.MERCHANT:
            if was_paid_out(answer):
                return _t("We decided for the customer. We had paid you before, so it is taken back from your account.")
            if answer.taken_at:
                return _t("We decided for the customer. The amount was taken from what we owe you.")
            return _t("We decided for the customer. The amount will be taken from what we owe you.")
        case How.US:
            return _t("The customer keeps the money, and we bear it. Nothing is taken from you.")
        case How.WRONG:
            return _t("We decided that the payment was right. Nothing is taken from you.")
        case How.WITHDRAWN:
            return _t("The customer took it back. Nothing is taken from you.")
        case How.WENT_BACK:
            return _t("The money went back to the customer's card at your expense, by a refund or by their bank.")
    if answer.answered_at:
        return _t("We have your evidence and look into it. You hear from us.")
    if answer.case.state == CaseState.CLOSED:
        return _t("It is closed.")
    return _t("You can say what happened and send evidence until %(by)s. Nothing is taken from you yet.") % by


def was_paid_out(answer: ClaimAnswer) -> bool:
    """Whether the merchant had the money already, so that it has to come back."""
    return Payout.objects.filter(payment_id=answer.claim.payment_id, state=PayoutState.PAID).exists()


def summary(case: Case) -> str:
    return answer_of(case).claim.sum.shown()


def about(case: Case) -> str:
    return _t("It is about a payment to you that its customer disputes.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """Of the order only its number, the amount and the day; and whether the merchant was paid it."""
    answer = answer_of(case)
    paid = answer.claim.payment
    at = (paid.captured_at or paid.ordered_at).astimezone(zone(case.customer.time_zone))
    return {
        "order": paid.case.reference,
        "amount": answer.claim.sum.shown(),
        "day": date_format(at, "j F Y"),
        "paid_out": "yes" if was_paid_out(answer) else "",
    }


def why_not_stop(case: Case, by: Actor) -> str:
    if by.kind is ActorKind.CUSTOMER:
        return _t("Your customer asked us to look into it, and we decide with or without your answer.")
    return str(NEVER_FROZEN)


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]]:
    answer = answer_of(case)
    paid, company = answer.claim.payment, case.customer
    lines = [
        (_t("Your order"), paid.case.reference),
        (_t("Your own reference"), paid.merchant_reference),
        (_t("For"), paid.what_for),
        (_t("Paid"), f"{paid.sum.shown()}, {until(paid.captured_at, company)}"),
        (_t("Disputed"), answer.claim.sum.shown()),
        (_t("Why"), str(WHY[Why(answer.claim.why)])),
        (_t("Evidence counts until"), until(answer.evidence_by, company)),
        (_t("You sent evidence"), until(answer.answered_at, company) if answer.answered_at else ""),
    ]
    shown = [(label, words) for label, words in lines if words]
    return "claim_answer/portal_panel.html", {"lines": shown, "text": answer.text.splitlines()}


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    answer = answer_of(case)
    return "claim_answer/desk_panel.html", {"claim": answer.claim.case, "text": answer.text.splitlines()}


@dataclass(frozen=True)
class InConsole:
    """A claim about an order, as the agents of its merchant see it. `reference` is the merchant's own case."""

    state: State
    title: str
    says: str
    reference: str
    can_send: bool


def in_console(payment: VoicePayment) -> Sequence[InConsole]:
    """The newest first."""
    found = ClaimAnswer.objects.filter(claim__payment=payment).select_related(
        "case", "claim__case", "claim__payment__merchant__company"
    )
    return [_in_console(one) for one in found.order_by("-claim__received_at")]


def _in_console(answer: ClaimAnswer) -> InConsole:
    told = {"amount": answer.claim.sum.shown()}
    can_send = answer.case.state == CaseState.OPEN and not (answer.answered_at or answer.how)
    return InConsole(
        state=State.CUSTOMER if can_send else State.DONE if answer.how else State.US,
        title=_t("The customer disputes %(amount)s of this payment") % told,
        says=stands_now(answer),
        reference=answer.case.reference,
        can_send=can_send,
    )


def claim_lines(claim: PaymentClaim) -> Sequence[tuple[str, str]]:
    """What the customer of a claim reads of it: that the shop was asked, and whether it answered."""
    answer = ClaimAnswer.objects.filter(claim=claim).first()
    if answer is None or claim.verdict or not claim.live:
        return []
    if answer.answered_at:
        return [(_t("The shop answered"), until(answer.answered_at, claim.customer))]
    return [(_t("The shop can answer until"), until(answer.evidence_by, claim.customer))]
