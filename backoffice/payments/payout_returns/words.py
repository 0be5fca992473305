"""The words of money of a payout that comes back. A merchant reads the number of its order, the amount and dates;
nothing about its customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence, Text
from backoffice.money import Money
from backoffice.payments.merchants.terms import masked
from backoffice.payments.payout_returns.models import ReturnState, return_of
from backoffice.payments.payout_returns.taking import NOT_RETURNED
from backoffice.payments.provider.ports import Refusal
from backoffice.trust.quiet_hours import zone
from backoffice.ui.times import until

REFUSALS: Mapping[str, Text] = {
    **dict.fromkeys([one.value for one in Refusal], _("it does not say why")),
    Refusal.BALANCE.value: _("there is not enough on the merchant's account"),
    Refusal.ACCOUNT_NOT_USABLE.value: _("the merchant's account cannot be used"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "refusal": REFUSALS,
    "alarm": {
        NOT_RETURNED: _(
            "A merchant owes us money of a payout, and its account at the payment provider does not hold it. Call them."
        )
    },
    "call": {"take_payout_back": _("take back from the merchant's account")},
}
SENTENCES: Mapping[str, Sentence] = {
    "payout_return.due": Sentence(
        _("The customer has the money back, so %(amount)s of the payout is to be taken back from the merchant."),
        _("Your customer has the money back. We paid it out to you before, so we take back %(amount)s."),
    ),
    "payout_return.taken": Sentence(
        _("%(amount)s was taken back from the merchant's account."),
        _("%(amount)s was taken back from your account at the payment provider."),
    ),
    "payout_return.refused": Sentence(
        _("The payment provider refused to take back %(amount)s: %(refusal)s."),
        _("%(amount)s could not be taken back from your account. You owe it to us."),
    ),
    "payout_return.settled": Sentence(
        _("Other payouts have kept what the merchant owed."), _("Other payouts have kept what you owed us.")
    ),
}
_NOBODY_STOPS_IT = _("The money is the customer's already. What the merchant was paid out of it has to come back.")
NEVER_FROZEN = _NOBODY_STOPS_IT


def headline(case: Case) -> Headline:
    found = return_of(case)
    told = {"amount": found.sum.shown(), "order": found.payout.payment.case.reference}
    return Headline(_t("%(amount)s of your order %(order)s goes back to your customer") % told, _lead(case))


def _lead(case: Case) -> str:
    """True in every state."""
    found = return_of(case)
    told = {"account": masked(found.payout.account)}
    match found.state:
        case ReturnState.BACK:
            return _t("It was taken back from your account %(account)s. Nothing is left to do.") % told
        case ReturnState.SETTLED:
            return _t("Your next payouts have kept it. Nothing is left to do.")
        case ReturnState.OWED if case.state == CaseState.CLOSED:
            return (
                _t("Your account %(account)s did not hold it. You owe it to us, and your next payouts keep it.") % told
            )
        case ReturnState.OWED:
            words = _t("Your account %(account)s did not hold it. Your next payouts keep it, or we take it in a week.")
            return words % told
    return _t("We had paid it out to you before. We take it back from your account %(account)s.") % told


def summary(case: Case) -> str:
    found = return_of(case)
    return f"{found.sum.shown()}, {found.get_state_display()}"


def about(case: Case) -> str:
    return _t("It is about money of a payout to you that goes back to your customer.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """Of the order only its number, the amount and the day."""
    found = return_of(case)
    paid = found.payout.payment
    at = (paid.captured_at or paid.ordered_at).astimezone(zone(case.customer.time_zone))
    return {"order": paid.case.reference, "amount": found.sum.shown(), "day": date_format(at, "j F Y")}


def why_not_stop(case: Case, by: Actor) -> str:
    return str(_NOBODY_STOPS_IT)


def portal_panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]]:
    return "payout_return/portal_panel.html", {"lines": _lines(case)}


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    found = return_of(case)
    lines = [*_lines(case), (_t("State"), str(found.get_state_display()))]
    if found.refusal:
        lines.append((_t("Refused because"), str(REFUSALS[found.refusal])))
    return "payout_return/desk_panel.html", {"lines": lines, "payment": found.payout.payment.case}


def _lines(case: Case) -> Sequence[tuple[str, str]]:
    found = return_of(case)
    payout, company = found.payout, case.customer
    return [
        (_t("Your order"), payout.payment.case.reference),
        (_t("Paid out to you"), f"{payout.sum.shown()}, {until(payout.paid_at, company)}"),
        (_t("Of that, to be taken back"), found.sum.shown()),
        (_t("Taken back of this payout so far"), Money(payout.returned, payout.currency).shown()),
    ]
