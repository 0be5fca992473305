"""When a merchant is paid out, how much, and what holds it: asked by the process of a payment whenever it may go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Account, AccountKind, Entry
from backoffice.payments.ledger.posting import post
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.payout_returns.models import PayoutReturn, ReturnState
from backoffice.payments.payouts.models import OVER, HeldBecause, Payout, PayoutState, expected
from backoffice.payments.provider.amounts import payable
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.payments.voice.records import payment_of
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import PayoutFound, PayoutStands

AGAIN = timedelta(days=1)
"""After so long the provider is asked again what it refused."""
OUR_FEE, PAYOUT = "our fee", "payout"
"""The steps of the ledger."""


@dataclass(frozen=True)
class Plan:
    """What becomes of what we owe for a payment: `amount` goes out, `fee` is ours, and `withheld` stays with us."""

    amount: int
    fee: int
    withheld: int


@dataclass(frozen=True)
class Held:
    """`until` is when it ends by itself (aware UTC), None where something must happen first."""

    because: HeldBecause
    until: datetime | None = None


def look(*, case: Case, args: Nothing, now: datetime) -> PayoutFound:
    """How the payout stands. Where nothing holds it and it is due, it is under way from here on: the amount and the
    account stay as they are now, so that the provider can be asked again for the same."""
    payment = payment_of(case)
    merchant = Merchant.objects.select_for_update().get(pk=payment.merchant_id)
    payout = _of(payment, merchant, now)
    if payout.state == PayoutState.UNDER_WAY:
        return PayoutFound(stands=PayoutStands.DUE)
    if payout.state in OVER:
        return PayoutFound(stands=PayoutStands.OVER)
    payout.freed_at = None
    plan = plan_of(payment, merchant)
    if payment.money != MoneyState.CAPTURED or not plan.amount:
        return _over(case, payout, plan, now)
    if payout.due_at is not None and now < payout.due_at:
        return _waits(case, payout, merchant)
    held = why_held(payout, merchant, now)
    if held is not None:
        return _held(case, payout, held, now)
    payout.state, payout.held_because, payout.asked_at = PayoutState.UNDER_WAY, "", now
    payout.amount, payout.our_fee, payout.withheld = plan.amount, plan.fee, plan.withheld
    payout.account = merchant.payout_account
    payout.save()
    return PayoutFound(stands=PayoutStands.DUE)


def why_held(payout: Payout, merchant: Merchant, now: datetime) -> Held | None:
    """What speaks against a payout that is due; None where nothing does."""
    if payout.payment.claims.filter(live=True).exists():
        return Held(HeldBecause.CLAIM)
    if merchant.state == MerchantState.SUSPENDED:
        return Held(HeldBecause.SUSPENDED)
    if not merchant.payout_account:
        return Held(HeldBecause.NO_ACCOUNT)
    if merchant.payout_cools_until and now < merchant.payout_cools_until:
        return Held(HeldBecause.NEW_ACCOUNT, merchant.payout_cools_until)
    same = payout.account == merchant.payout_account
    if payout.refused_at and same and now < payout.refused_at + AGAIN:
        return Held(HeldBecause.REFUSED, payout.refused_at + AGAIN)
    return None


def plan_of(payment: VoicePayment, merchant: Merchant) -> Plan:
    """Of what our books owe for this payment: first our fee, of what was not refunded; then what the merchant owes us
    from before; the rest goes out. Call it under the lock of the merchant."""
    account = _account(payment, merchant)
    posted = _by_case(account, payment)
    left = max(-sum(posted.values()), 0)
    went_back = posted.get("refunded", 0) + posted.get("refund_failed", 0)
    kept = Money(max(payment.amount - went_back, 0), payment.currency)
    fee = min(merchant.terms.fee(kept).minor, left)
    withheld = min(_debt(account, payment, merchant), left - fee)
    return Plan(payable(left - fee - withheld, payment.currency), fee, withheld)


def to_take_back(payout: Payout, merchant: Merchant) -> int:
    """How much of what was paid out is to come back now: what the customer got of the payment at the merchant's expense
    and its payout did not know of, at most what the merchant owes us and what is left of the payout. Call it under the
    lock of the merchant."""
    payment = payout.payment
    account = _account(payment, merchant)
    if payout.state != PayoutState.PAID or account is None:
        return 0
    cases = [
        payment.case_id,
        *payment.claims.values_list("case_id", flat=True),
        *payment.refunds.exclude(case=None).values_list("case_id", flat=True),
    ]
    entries = Entry.objects.filter(account=account, posting__case_id__in=cases)
    too_much = int(entries.aggregate(sum=Sum("minor", default=0))["sum"]) + payout.withheld
    asked = payout.returns.filter(state=ReturnState.UNDER_WAY).aggregate(sum=Sum("amount", default=0))
    under_way = int(asked["sum"])
    left = payout.amount - payout.returned - under_way
    return payable(min(too_much - under_way, _debt(account, payment, merchant), left), payment.currency)


# --- inside -----------------------------------------------------------------------------------------------------------


def _of(payment: VoicePayment, merchant: Merchant, now: datetime) -> Payout:
    payout = expected(payment)
    if payout.due_at is None and payment.fulfilment_at is not None:
        payout.due_at = payment.fulfilment_at + timedelta(days=merchant.payout_delay)
    return payout


def _over(case: Case, payout: Payout, plan: Plan, now: datetime) -> PayoutFound:
    """Refunded, or all of it settles a debt. Our fee is due all the same of what was not refunded."""
    if plan.fee and payout.payment.money == MoneyState.CAPTURED:
        fee = Money(plan.fee, payout.currency)
        moved = movements.our_fee(merchant=payout.payment.merchant.company, amount=fee)
        post(case_id=case.id, movements={OUR_FEE: moved}, by=system(), at=now)
        payout.our_fee, payout.withheld = plan.fee, plan.withheld
    payout.state, payout.held_because = PayoutState.NOTHING, ""
    payout.save()
    timeline.note(case, "payout.nothing", by=system(), at=now)
    return PayoutFound(stands=PayoutStands.OVER)


def _waits(case: Case, payout: Payout, merchant: Merchant) -> PayoutFound:
    payout.state, payout.held_because = PayoutState.WAITS, ""
    payout.save()
    return PayoutFound(stands=PayoutStands.WAITS, until=payout.due_at)


def _held(case: Case, payout: Payout, held: Held, now: datetime) -> PayoutFound:
    if payout.held_because != held.because:
        timeline.note(case, "payout.held", by=system(), data={"held": held.because.value}, at=now)
    payout.state, payout.held_because = PayoutState.HELD, held.because
    payout.save()
    return PayoutFound(stands=PayoutStands.HELD, until=held.until)


def _account(payment: VoicePayment, merchant: Merchant) -> Account | None:
    which = {"kind": AccountKind.MERCHANT, "owner": merchant.company_id, "currency": payment.currency}
    return Account.objects.filter(**which).first()


def _by_case(account: Account | None, payment: VoicePayment) -> dict[str, int]:
    """What this payment's case posted to the merchant's account, by kind."""
    found = Entry.objects.filter(account=account, posting__case_id=payment.case_id)
    sums = found.values("posting__kind").annotate(sum=Sum("minor")).order_by()
    return {one["posting__kind"]: int(one["sum"]) for one in sums}


def _debt(account: Account | None, payment: VoicePayment, merchant: Merchant) -> int:
    """What the merchant owes us of what is over: the balance without the payments that are still to be paid out, and
    without what payouts under way keep of it already, or the provider is asked to take back."""
    if account is None:
        return 0
    pending = VoicePayment.objects.filter(
        merchant__company=merchant.company_id, currency=payment.currency, money=MoneyState.CAPTURED
    ).exclude(payout__state__in=OVER)
    unpaid = Entry.objects.filter(account=account, posting__case_id__in=pending.values("case_id"))
    still_owed = int(unpaid.aggregate(sum=Sum("minor", default=0))["sum"])
    under_way = Payout.objects.filter(state=PayoutState.UNDER_WAY, payment__in=pending)
    kept = int(under_way.aggregate(sum=Sum("withheld", default=0))["sum"])
    taken = PayoutReturn.objects.filter(
        state=ReturnState.UNDER_WAY, payout__payment__merchant__company=merchant.company_id
    ).filter(payout__payment__currency=payment.currency)
    coming = int(taken.aggregate(sum=Sum("amount", default=0))["sum"])
    return max(account.balance - still_owed - kept - coming, 0)
