"""What an account comes to, for the rules that pay out and for the pages."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _t

from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger.models import Account, AccountKind

_OURS = frozenset(
    {AccountKind.COMPENSATION, AccountKind.LOSS, AccountKind.BILLS, AccountKind.INCOME, AccountKind.COSTS}
)


def owed(*, kind: AccountKind, owner: Customer | None, currency: str) -> Money:
    """What we owe the owner of the account; below zero what they owe us. Nothing where there is no such account."""
    which = Q(kind=kind, owner=owner, currency=currency)
    found = Account.objects.filter(which).values_list("balance", flat=True).first()
    return Money(-(found or 0), currency)


def in_words(balance: Money, kind: AccountKind) -> str:
    """A balance as a person reads it: "we owe 12.50 EUR"."""
    amount = (balance if balance.minor > 0 else -balance).shown()
    if kind in _OURS or not balance:
        return amount
    return (_t("owes us %(amount)s") if balance.minor > 0 else _t("we owe %(amount)s")) % {"amount": amount}
