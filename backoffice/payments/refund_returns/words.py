"""The words of a refund that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.sentences import Sentence
from backoffice.payments.refund_returns import paying
from backoffice.payments.refund_returns.paying import refund_of

SENTENCES: Mapping[str, Sentence] = {
    "refund.came_back": Sentence(
        _("A refund of %(amount)s did not arrive. The customer has it on their balance."),
        _("A refund of %(amount)s did not reach your card. You have it on your balance with us."),
    ),
    "refund.transferred": Sentence(
        _("It was paid to the customer's own bank account."), _("We paid it to your bank account.")
    ),
    "refund.stays": Sentence(
        _("It stays on the balance, as the customer wants it."), _("It stays on your balance, as you wanted it.")
    ),
}
_NOBODY_STOPS_IT = _("The money is the customer's. It stays on their balance until they have it in another way.")
NEVER_FROZEN = _NOBODY_STOPS_IT


def headline(case: Case) -> Headline:
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
    return refund_of(case).money.shown()


def about(case: Case) -> str:
    return _t("It is about a refund that did not reach your card.")


def why_not_stop(case: Case, by: Actor) -> str:
    return str(_NOBODY_STOPS_IT)


def desk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    return "refund_return/desk_panel.html", {"lines": paying.evidence(case)}
