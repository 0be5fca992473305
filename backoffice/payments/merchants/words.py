"""The words of a merchant's admission, for the company, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from backoffice.cases.shown_to_customers import Stands
from backoffice.payments.merchants import accounts, evidence
from backoffice.payments.merchants.models import (
    Merchant,
    MerchantApplication,
    MerchantState,
    RefusedBecause,
    SuspendedFor,
)
from backoffice.payments.merchants.proposing import ACCOUNT_REFUSED, NO_ACCOUNT
from backoffice.payments.merchants.terms import masked
from workflows.merchant_admission.spec import AdmissionStage

WORDS: Mapping[str, Mapping[str, Text]] = {
    "code": {
        NO_ACCOUNT: _("money waits for the merchant, and we know no account to which it can be paid out"),
        ACCOUNT_REFUSED: _("the payment provider pays nothing out to the merchant's account"),
    },
    "suspended_for": {one.value: one.label for one in SuspendedFor},
    "reason": {
        "no_papers": _("the company did not send its papers in time"),
        "refused": _("the application was refused"),
        "not_continued": _("the admission was not continued after a review"),
        "ended_after_suspension": _("the admission was ended after a suspension"),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "merchant.agreed": Sentence(
        _("The company agreed to the terms (fingerprint %(terms)s…)."), _("You agreed to the terms.")
    ),
    "merchant.limits_decided": Sentence(
        _("Limits: %(per_payment)s a payment, %(per_day)s a day, %(per_month)s a month."),
        _("Your limits: %(per_payment)s a payment, %(per_day)s a day, %(per_month)s a month."),
    ),
    "merchant.admitted": Sentence(_("The company is a merchant now."), _("Your company is a merchant now.")),
    "merchant.reviewed": Sentence(
        _("The yearly review is done: the merchant goes on."), _("We looked at it, as every year: you go on.")
    ),
    "merchant.suspended": Sentence(
        _("The merchant was suspended because of %(suspended_for)s. It can take no payment."),
        _("We suspended you: for now nobody can pay you."),
    ),
    "merchant.reinstated": Sentence(
        _("The suspension was lifted. The merchant can take payments again."),
        _("The suspension was lifted: customers can pay you again."),
    ),
    "merchant.agent_added": Sentence(
        _("The company added somebody who orders payments for it."),
        _("You added somebody who orders payments for you."),
    ),
    "merchant.agent_invited_again": Sentence(
        _("The company had another invitation sent to an agent."), _("You had another invitation sent.")
    ),
    "merchant.agent_joined": Sentence(
        _("An agent of the company opened their sign-in."), _("Somebody whom you added opened their sign-in.")
    ),
    "merchant.agent_removed": Sentence(
        _("The company removed an agent or a token."),
        _("You removed somebody, or a token: no payment is ordered with it any more."),
    ),
    "merchant.token_made": Sentence(
        _("The company made a token for one of its machines."), _("You made a token for one of your machines.")
    ),
    "merchant.payout_proposed": Sentence(
        _("Other payouts were proposed: to %(account)s, fee %(fixed)s and %(points)s/10,000, after %(days)s days.")
    ),
    "merchant.payout_accepted": Sentence(
        _(
            "The proposed payouts were accepted: to %(account)s, fee %(fixed)s and %(points)s/10,000, after %(days)s "
            "days."
        ),
        _("We changed how you are paid out: to the account %(account)s, %(days)s days after the delivery."),
    ),
    "merchant.payout_declined": Sentence(_("The proposed payouts were refused. Everything stays as it was.")),
    "merchant.ended": Sentence(
        _("The merchant has ended. Nobody can order a payment for it."), _("You are no merchant of ours any more.")
    ),
}


def headline(case: Case) -> Headline:
    applied = MerchantApplication.of(case)
    name = {"name": applied.trading_name}
    merchant = Merchant.objects.filter(case=case).first()
    if merchant is None:
        title = _t("%(name)s as a merchant") % name
        return Headline(title, why_ended(case) or _t("Nobody can pay you by telephone before we have admitted you."))
    if merchant.state == MerchantState.ENDED:
        return Headline(_t("%(name)s is no merchant any more") % name, why_ended(case))
    if merchant.state == MerchantState.SUSPENDED:
        lead = _t("For now nobody can pay you. One of us looks into it, and we write to you.")
        return Headline(_t("%(name)s is suspended") % name, lead)
    return Headline(_t("%(name)s is a merchant") % name, _t("Customers can pay you by telephone, up to your limits."))


def why_ended(case: Case) -> str:
    """Why the company is not a merchant, in the words that it is told; empty while the case goes on."""
    if case.state != CaseState.CLOSED:
        return ""
    applied = MerchantApplication.of(case)
    if applied.refused_because:
        told = _t("We decided so because %(why)s.") % {"why": RefusedBecause(applied.refused_because).label}
        return f"{told} {applied.told}".strip()
    if case.outcome_reason == "no_papers":
        return _t("The papers did not come in time. You can apply again.")
    return _t("It was stopped. You can apply again.")


def stands(case: Case) -> Stands | None:
    """An admitted merchant waits for nothing: the case stands for its admission until that ends."""
    if case.state != CaseState.OPEN or case.stage != AdmissionStage.ADMITTED.value:
        return None
    merchant = Merchant.objects.filter(case=case).first()
    due = {"day": evidence.day(merchant.review_due)} if merchant else {"day": ""}
    return Stands(_t("You need do nothing. We look at it again by %(day)s.") % due)


def summary(case: Case) -> str:
    """For staff: which trade."""
    found = MerchantApplication.objects.filter(case=case).first()
    return found.trade_in_words if found else ""


def about(case: Case) -> str:
    """Exactly what is confirmed with a code or a passkey."""
    found = MerchantApplication.objects.filter(case=case.root_id_or_own).first()
    if found is None:
        return ""
    told = {"name": found.trading_name, "account": accounts.masked(found.iban)}
    return _t("Your company applies as the merchant “%(name)s”, paid to the account %(account)s.") % told


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """What is not in the history of the engine: the name that is read out, and why it was refused."""
    applied = MerchantApplication.of(case)
    because = RefusedBecause(applied.refused_because).label if applied.refused_because else ""
    return {"name": applied.trading_name, "why": str(because)}


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]]:
    """What the company applied with, and what it may take as a merchant."""
    applied = MerchantApplication.of(case)
    merchant = Merchant.objects.filter(case=case).exclude(state=MerchantState.ENDED).first()
    lines = [
        (_t("Name that customers hear"), applied.trading_name),
        (_t("Trade"), capfirst(applied.trade_in_words)),
        (_t("Account"), accounts.masked(applied.iban)),
    ]
    if merchant is not None:
        lines += [
            (_t("Most for a payment"), merchant.limits.per_payment.shown()),
            (_t("Most in a day"), merchant.limits.per_day.shown()),
            (_t("Most in a month"), merchant.limits.per_month.shown()),
            (_t("Paid out to"), masked(merchant.payout_account) if merchant.payout_account else _t("no account yet")),
            (_t("Paid out when"), merchant.terms.delay_in_words()),
            (_t("Our fee"), merchant.terms.fee_in_words()),
            (_t("We look at it again by"), evidence.day(merchant.review_due)),
        ]
    return "merchant_admission/portal_panel.html", {"lines": lines, "case": case, "merchant": merchant}
