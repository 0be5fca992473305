"""The words of a refund that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence
from backoffice.payments.refund_returns import of_bills, paying
from backoffice.payments.refund_returns.paying import refund_of

SENTENCES: Mapping[str, Sentence] = {
    "refund.came_back": Sentence(
        _("A refund of %(amount)s did not arrive. The customer has it on their balance."),
        _("A refund of %(amount)s did not reach your card. You have it on your balance with us."),
    ),
    "refund.transferred": Sentence(
        _("It was paid to the customer's own bank account."), _("We paid it to your bank account.")
    ),
    "refund.transferred_to_payer": Sentence(
        _("It was paid to the bank account of whoever had paid."), _("Whoever had paid has it back.")
    ),
    "refund.unclaimed": Sentence(
        _("Nobody has asked for it. We owe it to whoever shows the receipt."), _("Nobody has asked for it yet.")
    ),
    "refund.stays": Sentence(
        _("It stays on the balance, as the customer wants it."), _("It stays on your balance, as you wanted it.")
    ),
}
_NOBODY_STOPS_IT = _("The money is the customer's. It stays on their balance until they have it in another way.")
NEVER_FROZEN = _NOBODY_STOPS_IT


def headline(case: Case) -> Headline:
    of_bill = of_bills.refund_of(case)
    if of_bill is not None:
        return of_bills.headline(case, of_bill)
    row = refund_of(case)
    told = {"amount": row.money.shown(), "last_four": row.payment.last_four}
    title = _t("%(amount)s did not reach your card ending %(last_four)s") % told
    if row.paid_otherwise_at:
        return Headline(title, _t("We paid it to your bank account instead."))
    if case.state == CaseState.CLOSED:
        return Headline(title, _t("It stays on your balance with us, as you wanted it."))
    lead = _t(
        "Your bank sent it back, for example because the card is closed. Nothing is lost: you have it on your balance "
        "with us. We call you and ask how you want it. We never ask for an account number by mail."
    )
    return Headline(title, lead)


def summary(case: Case) -> str:
    of_bill = of_bills.refund_of(case)
    return of_bill.money.shown() if of_bill is not None else refund_of(case).money.shown()


def about(case: Case) -> str:
    if of_bills.refund_of(case) is not None:
        return _t("It is about a payment of your bill by somebody else.")
    return _t("It is about a refund that did not reach your card.")


def why_not_stop(case: Case, by: Actor) -> str:
    if of_bills.refund_of(case) is not None:
        return of_bills.why_not_stop(case, by)
    if by.kind is ActorKind.CUSTOMER:
        return _t("The money is yours. It stays on your balance until you have it in another way.")
    return str(_NOBODY_STOPS_IT)


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    return "refund_return/desk_panel.html", {"lines": paying.evidence(case)}
