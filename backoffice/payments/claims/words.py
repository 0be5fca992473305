"""The words of a claim, for its customer, for staff, and for messages. Customers read that they dispute a payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.cases.sentences import Sentence, Text
from backoffice.cases.shown_to_customers import Stands
from backoffice.payments.claim_answers.words import claim_lines
from backoffice.payments.claims import evidence
from backoffice.payments.claims.dates import notice_of_a_reversal
from backoffice.payments.claims.models import Came, NeedsPerson, PaymentClaim, Verdict, Why
from backoffice.payments.claims.opening import in_words
from backoffice.payments.provider.events import DisputeStatus
from backoffice.ui.times import lasts, until
from workflows.payment_claim.facts import PaidTo
from workflows.payment_claim.spec import ClaimEnding, ClaimStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "came": {one.value: one.label for one in Came},
    "needs": {**{one.value: one.label for one in NeedsPerson if one.value}, "no": NeedsPerson.NO.label},
    "reason": {
        **{one.value: one.label for one in Why},
        ClaimEnding.REVERSED.value: _("the payment was right, and the credit was taken back"),
        ClaimEnding.REFUSED.value: _("the payment was right"),
    },
    "dispute": {
        DisputeStatus.NEEDS_ANSWER.value: _("it waits for our answer"),
        DisputeStatus.UNDER_REVIEW.value: _("it looks into it"),
        DisputeStatus.WON.value: _("it decided against its customer"),
        DisputeStatus.LOST.value: _("it gave its customer the money"),
    },
    "alarm": {
        "claim_overdue": _("A claim about a payment was not decided in time."),
        "claim_paid_twice": _(
            "A customer has the money of a payment twice: it went back to their card after they had it from us. Call"
            " them, and answer the bank where it has a dispute."
        ),
    },
    "call": {"pay_back": _("pay back to the card")},
}
SENTENCES: Mapping[str, Sentence] = {
    "claim.received": Sentence(
        _("A claim came %(came)s. Does a person decide on the credit? %(needs)s."),
        _("We were told that something is wrong with this payment."),
    ),
    "claim.credited": Sentence(
        _("The customer was credited the amount until it is decided."), _("You have the money on your balance for now.")
    ),
    "claim.reversal_announced": Sentence(
        _("The customer was told on which day the credit is taken back."),
        _("We told you why we think that the payment was right, and when we take the money back."),
    ),
    "claim.credit_taken_back": Sentence(
        _("The credit was taken back."), _("We took back from your balance what you had for now.")
    ),
    "claim.overdue": Sentence(
        _("It was not decided in time. Compliance decides now."),
        _("We did not decide in time. That is our fault. Our compliance team decides now."),
    ),
    "claim.time_ran_out": Sentence(
        _("Nobody decided by the last day: the customer keeps it, and we bear it."),
        _("We did not decide by the last day, so you keep the money."),
    ),
    "claim.went_back": Sentence(
        _("The money went back to the card by another way."), _("The money went back to your card by another way.")
    ),
    "claim.part_went_back": Sentence(
        _("%(amount)s of it went back to the card by another way. Only the rest is still claimed."),
        _("%(amount)s of it went back to your card. We look into the rest."),
    ),
    "claim.refund_failed": Sentence(
        _("What was paid to the card did not arrive. The customer has it on their balance again."),
        _("Your card could not be paid. You have the money on your balance with us, and we pay it in another way."),
    ),
    "claim.bank_says": Sentence(
        _("The customer's bank has a dispute about the payment: %(dispute)s."), _("Your bank told us how far it is.")
    ),
    "claim.at_the_bank": Sentence(
        _("Nothing can be paid to the card before the customer's bank has decided."),
        _("Before we can pay to your card, your bank must decide."),
    ),
    "claim.paid_back": Sentence(_("The amount was paid to the card."), _("We paid the amount to your card.")),
    "claim.kept_on_balance": Sentence(
        _("The amount stays on the customer's balance."), _("The amount stays on your balance with us.")
    ),
}


def headline(case: Case) -> Headline:
    claim = PaymentClaim.of(case)
    told = {"amount": claim.sum.shown(), "paid": claim.payment.sum.shown()}
    words = _t("You dispute a payment of %(amount)s")
    if claim.amount < claim.payment.amount:
        words = _t("You dispute %(amount)s of a payment of %(paid)s")
    if _is_asked(claim):
        words = _t("Was this payment of %(amount)s yours?")
    return Headline(words % told, _lead(case, claim))


def _is_asked(claim: PaymentClaim) -> bool:
    """Whether nobody has said anything yet but the card's issuer."""
    return claim.came == Came.DETECTED and claim.live and not claim.verdict


def _lead(case: Case, claim: PaymentClaim) -> str:
    """True in every state: what has become of the money, and by when what comes next."""
    if claim.went_back_at or claim.paid_to == PaidTo.ELSEWHERE.value:
        return _t("The money went back to your card, so there is nothing left to decide.")
    if case.outcome == CaseOutcome.WITHDRAWN or case.state == CaseState.STOPPING:
        return _t("You took it back. We do not look into it any more.")
    if claim.paid_to == PaidTo.CARD.value:
        return _t("You are right. We paid it to your card; your bank shows it within some days.")
    if claim.paid_to == PaidTo.BALANCE.value:
        return _t("You are right. The money stays on your balance with us.")
    if claim.verdict in (Verdict.MERCHANT, Verdict.US):
        return _t("You are right, and you keep the money. We pay it to your card.")
    return _before_it_is_settled(case, claim)


def _before_it_is_settled(case: Case, claim: PaymentClaim) -> str:
    told = {name: until(getattr(claim, name), claim.customer) for name in ("credit_by", "decide_by", "reverse_on")}
    if claim.verdict == Verdict.WRONG:
        if case.state == CaseState.CLOSED or not claim.reverse_on:
            return _t("We looked into it, and the payment was right. Our reasons stand below.")
        if claim.answered_at and case.stage == ClaimStage.REVIEWED and not _is_reviewed(claim):
            return _t("We have your answer. Somebody who has not decided before looks at everything again.")
        return _t("We think that the payment was right. We take the money back on %(reverse_on)s.") % told
    if case.state == CaseState.CLOSED:
        return _t("It is closed.")
    if claim.is_late(timezone.now()):
        return _t("We are late, and that is our fault. The dates below say what follows from it.")
    if claim.credited_at:
        return _t("You have the money on your balance for now. We decide by %(decide_by)s.") % told
    if claim.came == Came.DETECTED and not claim.credit_refused_at:
        words = _t("Your card's bank takes it for a fraud. If it was yours, stop this below.")
        return f"{words} {_t('We decide by %(decide_by)s.') % told}"
    if claim.came == Came.BANK:
        return _t("Your bank told us. It holds the money while it looks into it. We decide by %(decide_by)s.") % told
    if claim.credit_refused_at:
        return _t("We look into it before we give you the money. We decide by %(decide_by)s.") % told
    return _t("You hear by %(credit_by)s whether you have the money for now. We decide by %(decide_by)s.") % told


def _is_reviewed(claim: PaymentClaim) -> bool:
    return bool(claim.decided_at and claim.answered_at and claim.decided_at > claim.answered_at)


def stands(case: Case) -> Stands | None:
    """Where it stands while no work item says so."""
    if case.state != CaseState.OPEN or case.stage not in (ClaimStage.AT_THE_BANK, ClaimStage.REVIEWED):
        return None
    claim = PaymentClaim.of(case)
    if case.stage == ClaimStage.AT_THE_BANK:
        return Stands(_t("We pay it to your card once your bank has decided. You need do nothing."))
    if not _is_reviewed(claim):
        return None
    told = {"reverse_on": until(claim.reverse_on, claim.customer)}
    return Stands(_t("It stays as we told you: we take the money back on %(reverse_on)s.") % told)


def summary(case: Case) -> str:
    """For staff: what is wrong."""
    claim = PaymentClaim.objects.filter(case=case).first()
    return str(Why(claim.why).label) if claim else ""


def about(case: Case) -> str:
    claim = PaymentClaim.objects.filter(case=case.root_id_or_own).select_related("payment__merchant").first()
    return _t("You dispute a payment: %(payment)s.") % {"payment": in_words(claim.payment)} if claim else ""


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """What is in no history of the engine: whether the customer has the money for now, whether they have said nothing
    yet, and how long before we tell them that it is taken back."""
    claim = PaymentClaim.of(case)
    return {
        "credited": "yes" if claim.credited_at else "",
        "detected": "yes" if claim.came == Came.DETECTED else "",
        "ahead": lasts(notice_of_a_reversal()),
    }


def why_not_stop(case: Case, by: Actor) -> str:
    """A claim is its customer's: nobody of us ends it, so that none is talked away. Once they keep the money, nothing
    ends it before they have it where they should."""
    if by.kind is not ActorKind.CUSTOMER:
        return _t("Only the customer takes a claim back. Decide on it instead.")
    if PaymentClaim.of(case).verdict in (Verdict.MERCHANT, Verdict.US):
        return _t("You are right, and you keep the money. There is nothing to take back.")
    return ""


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    """Every date, from the first minute on; the decision with its reasons; what it is about."""
    claim = PaymentClaim.of(case)
    context = {
        "dates": dates(claim),
        "what": what(claim),
        "held": [] if claim.verdict else claim.held_because.splitlines(),
        "because": claim.because.splitlines(),
        "is_right": claim.verdict in (Verdict.MERCHANT, Verdict.US),
        "answer": claim.answer.splitlines(),
    }
    return "payment_claim/portal_panel.html", context


def dates(claim: PaymentClaim) -> Sequence[tuple[str, str]]:
    """Each date of the claim on the customer's clock, as (label, words)."""

    def at(moment: datetime | None) -> str:
        return until(moment, claim.customer)

    told_us = claim.came not in (Came.BANK, Came.DETECTED)
    lines = [(_t("You told us") if told_us else _t("Your bank told us"), at(claim.received_at))]
    if claim.credited_at:
        lines.append((_t("You have the money since"), at(claim.credited_at)))
    elif claim.needs and not claim.credit_refused_at and not claim.verdict:
        lines.append((_t("You hear about the money by"), at(claim.credit_by)))
    if claim.decided_at:
        lines.append((_t("Decided"), at(claim.decided_at)))
    else:
        lines += [(_t("We decide by"), at(claim.decide_by)), (_t("At the latest by"), at(claim.latest_by))]
    return [*lines, *claim_lines(claim), *_dates_of_the_end(claim)]


def _dates_of_the_end(claim: PaymentClaim) -> Sequence[tuple[str, str]]:
    ends = (
        (_t("It went back to your card"), claim.went_back_at),
        (_t("We took the money back"), claim.reversed_at if claim.verdict == Verdict.WRONG else None),
        (_t("Paid to you"), claim.paid_at),
    )
    found = [(label, until(at, claim.customer)) for label, at in ends if at]
    if found or claim.verdict in (Verdict.MERCHANT, Verdict.US) or not (claim.live and claim.credited_at):
        return found
    if claim.reverse_on:
        return [(_t("We take the money back on"), until(claim.reverse_on, claim.customer))]
    told = {"notice": lasts(notice_of_a_reversal())}
    return [(_t("If we decide against you"), _t("we take the money back %(notice)s after we told you") % told)]


def what(claim: PaymentClaim) -> Sequence[tuple[str, str]]:
    """What the customer disputes, in the words of their own page."""
    lines = [
        (_t("Payment"), in_words(claim.payment)),
        (_t("For"), claim.payment.what_for),
        (_t("You dispute"), claim.sum.shown()),
        (_t("Of that, back on your card"), (claim.sum - claim.open).shown() if claim.returned else ""),
        (_t("What is wrong"), str(Why(claim.why).label)),
        (_t("In your words"), claim.text),
    ]
    return [(label, words) for label, words in lines if words]


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """The claim with its dates, and the decision with what the customer answered."""
    claim = PaymentClaim.of(case)
    lines = [*evidence.claim(case), *(evidence.decision(case) if claim.verdict else [])]
    return "payment_claim/desk_panel.html", {"lines": lines, "payment": claim.payment.case}
