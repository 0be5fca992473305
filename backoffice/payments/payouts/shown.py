"""A payout in words: for the merchant, and for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Text
from backoffice.money import Money
from backoffice.payments.merchants.terms import masked
from backoffice.payments.payouts.models import HeldBecause, Payout, PayoutState
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.ui.states import State

_HELD: Mapping[str, Text] = {
    HeldBecause.CLAIM: _("The customer disputes the payment. You hear from us when that is decided."),
    HeldBecause.SUSPENDED: _("Your company is suspended. It goes on when that is lifted."),
    HeldBecause.NO_ACCOUNT: _("We know no account to which we can pay you. Call us."),
    HeldBecause.NEW_ACCOUNT: _("Your account was changed. We wait for a time, so that nobody takes your money."),
    HeldBecause.REFUSED: _("Our payment provider pays nothing to your account. Call us."),
}
"""For the merchant."""


@dataclass(frozen=True)
class Shown:
    """A line of a list. `words` name the state, `says` explains it, where that is needed. `when` is the day that counts
    (aware UTC), if there is one; `net` is what the merchant gets, while `is_final` is false at most that; `fees` says
    what was kept of it."""

    payout: Payout
    state: State
    words: str
    says: str
    when: datetime | None
    net: Money
    is_final: bool
    fees: str


def for_merchant(payout: Payout) -> Shown:
    """`payout` comes with its payment, case and merchant."""
    state, words = _merchant_state(payout)
    says = str(_HELD[HeldBecause(payout.held_because)]) if payout.held_because else ""
    return _shown(payout, state, words, says, debt=_t(", and %(debt)s for what you owed us"))


def for_staff(payout: Payout) -> Shown:
    state, _words = _merchant_state(payout)
    words = str(PayoutState(payout.state).label)
    says = capfirst(str(HeldBecause(payout.held_because).label)) if payout.held_because else ""
    return _shown(payout, state, words, says, debt=_t(", and %(debt)s for what the merchant owed us"))


def of_payment(payment: VoicePayment) -> Shown | None:
    """For the merchant, of a payment that was taken."""
    payout = Payout.objects.select_related("payment__case", "payment__merchant").filter(payment=payment).first()
    return for_merchant(payout) if payout else None


def lines(payout: Payout) -> Sequence[tuple[str, str]]:
    """All of it, for staff."""
    shown = for_staff(payout)
    told = [
        (_t("Payout"), f"{shown.words}: {shown.says}" if shown.says else shown.words),
        (_t("Goes out") if shown.is_final else _t("Goes out, at most"), shown.net.shown()),
        (_t("That is"), shown.fees),
        (_t("Due"), day(payout.due_at)),
        (_t("Account"), payout.account or payout.payment.merchant.payout_account or "—"),
    ]
    if payout.refusal:
        told.append((_t("Refused by the provider"), f"{payout.refusal}, {day(payout.refused_at)}"))
    if payout.transfer:
        told += [(_t("Paid out"), day(payout.paid_at)), (_t("At the provider"), payout.transfer)]
    if payout.returned:
        told.append((_t("Taken back"), Money(payout.returned, payout.currency).shown()))
    for one in payout.returns.select_related("case"):
        label = _t("To be taken back, case %(reference)s") % {"reference": one.case.reference}
        told.append((label, f"{one.sum.shown()}: {one.get_state_display()}"))
    return told


def day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y") if at else "—"


def told(payment: VoicePayment) -> dict[str, object] | None:
    """For the merchant's machines: codes and numbers; None before the payment is taken."""
    shown = of_payment(payment)
    if shown is None:
        return None
    payout = shown.payout
    return {
        "state": payout.state,
        "held_because": payout.held_because,
        "amount": f"{shown.net.decimal:f}",
        "is_final": shown.is_final,
        "provider_fee": _decimal(payout.provider_fee or 0, payout),
        "our_fee": _decimal(_our_fee(payout), payout),
        "kept_for_a_debt": _decimal(payout.withheld, payout),
        "due_at": payout.due_at,
        "paid_at": payout.paid_at,
        "reference": payout.transfer,
    }


# --- inside -----------------------------------------------------------------------------------------------------------


def _merchant_state(payout: Payout) -> tuple[State, str]:
    match payout.state:
        case PayoutState.PAID:
            return State.DONE, _t("paid out to %(account)s") % {"account": masked(payout.account)}
        case PayoutState.NOTHING if payout.payment.money == MoneyState.REFUNDED:
            return State.STOPPED, _t("nothing to pay out: the customer has the money back")
        case PayoutState.NOTHING:
            return State.STOPPED, _t("nothing to pay out: all of it settles what you owed us")
        case PayoutState.UNDER_WAY:
            return State.OTHERS, _t("on its way to you")
        case PayoutState.HELD:
            return State.ATTENTION, _t("held")
        case PayoutState.WAITS:
            return State.OTHERS, _t("comes on %(day)s") % {"day": day(payout.due_at)}
    return State.CUSTOMER, _t("comes once you have said that you delivered")


def _shown(payout: Payout, state: State, words: str, says: str, *, debt: str) -> Shown:
    """`debt` names in words what was kept for one."""
    final = payout.state in (PayoutState.PAID, PayoutState.UNDER_WAY, PayoutState.NOTHING)
    when = payout.paid_at or payout.due_at
    return Shown(payout, state, words, says, when, _net(payout), final, _fees(payout, debt))


def _net(payout: Payout) -> Money:
    if payout.amount or payout.state == PayoutState.NOTHING:
        return payout.sum
    left = payout.payment.amount - (payout.provider_fee or 0) - _our_fee(payout)
    return Money(max(left, 0), payout.currency)


def _our_fee(payout: Payout) -> int:
    """As it is, or as it would be now."""
    if payout.amount or payout.state == PayoutState.NOTHING:
        return payout.our_fee
    return payout.payment.merchant.terms.fee(payout.payment.sum).minor


def _fees(payout: Payout, debt: str) -> str:
    """ "of 25.00 EUR: 0.63 EUR the payment provider, 0.35 EUR we"."""
    parts = {
        "sum": payout.payment.sum.shown(),
        "provider": Money(payout.provider_fee or 0, payout.currency).shown(),
        "ours": Money(_our_fee(payout), payout.currency).shown(),
    }
    words = _t("of %(sum)s, less %(provider)s for the payment provider and %(ours)s for us") % parts
    if payout.withheld:
        words += debt % {"debt": Money(payout.withheld, payout.currency).shown()}
    return words


def _decimal(minor: int, payout: Payout) -> str:
    return f"{Money(minor, payout.currency).decimal:f}"
