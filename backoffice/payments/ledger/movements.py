"""Every way in which money moves here, each with the account that it is debited to and the one that it is credited to.

Nothing else can be posted: a `Movement` between other accounts cannot be made. Balances read as `models` says: a debit
to an account means that its owner owes us more, or that we owe them less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger.models import OWNED, AccountKind, PostingKind

FLOWS: Mapping[PostingKind, tuple[AccountKind, AccountKind]] = {
    PostingKind.CAPTURED: (AccountKind.PROVIDER, AccountKind.MERCHANT),
    PostingKind.TOPPED_UP: (AccountKind.PROVIDER, AccountKind.CUSTOMER),
    PostingKind.TOP_UP_REVERSED: (AccountKind.CUSTOMER, AccountKind.PROVIDER),
    PostingKind.TOP_UP_RESTORED: (AccountKind.PROVIDER, AccountKind.CUSTOMER),
    PostingKind.FEE: (AccountKind.MERCHANT, AccountKind.PROVIDER),
    PostingKind.REFUNDED: (AccountKind.MERCHANT, AccountKind.PROVIDER),
    PostingKind.REFUND_FAILED: (AccountKind.PROVIDER, AccountKind.MERCHANT),
    PostingKind.OUR_FEE: (AccountKind.MERCHANT, AccountKind.INCOME),
    PostingKind.SETTLED: (AccountKind.MERCHANT, AccountKind.PROVIDER),
    PostingKind.PAYOUT_RETURNED: (AccountKind.PROVIDER, AccountKind.MERCHANT),
    PostingKind.CREDITED: (AccountKind.COMPENSATION, AccountKind.CUSTOMER),
    PostingKind.CREDIT_REVERSED: (AccountKind.CUSTOMER, AccountKind.COMPENSATION),
    PostingKind.CREDIT_KEPT: (AccountKind.MERCHANT, AccountKind.COMPENSATION),
    PostingKind.CREDIT_LOST: (AccountKind.LOSS, AccountKind.COMPENSATION),
    PostingKind.PAID_BACK: (AccountKind.CUSTOMER, AccountKind.PROVIDER),
    PostingKind.PAY_BACK_FAILED: (AccountKind.PROVIDER, AccountKind.CUSTOMER),
    PostingKind.WRITTEN_OFF: (AccountKind.LOSS, AccountKind.MERCHANT),
    PostingKind.BILL_PAID: (AccountKind.PROVIDER, AccountKind.BILLS),
    PostingKind.BILL_RETURNED: (AccountKind.BILLS, AccountKind.PROVIDER),
    PostingKind.BILL_RETURN_FAILED: (AccountKind.PROVIDER, AccountKind.BILLS),
    PostingKind.FEE_BORNE: (AccountKind.COSTS, AccountKind.PROVIDER),
}
"""By kind: what is debited, what is credited."""


@dataclass(frozen=True, order=True)
class AccountName:
    """An account before it is looked up: `owner` is the primary key of the customer, 0 for an account of our own. The
    order of names is that in which accounts are opened."""

    kind: AccountKind
    owner: int
    currency: str


@dataclass(frozen=True)
class Movement:
    """An amount that goes from one account to another. Raises `ValueError` for accounts that `FLOWS` does not name, and
    for an amount of zero or less: these are mistakes of the caller, not of a person."""

    kind: PostingKind
    debit: AccountName
    credit: AccountName
    amount: Money

    def __post_init__(self) -> None:
        sides = (self.debit, self.credit)
        if tuple(one.kind for one in sides) != FLOWS[self.kind]:
            raise ValueError(f"{self.kind} does not move money between these accounts")
        if self.amount.minor <= 0 or any(one.currency != self.amount.currency for one in sides):
            raise ValueError(f"{self.amount} cannot be moved between {sides}")
        if any((one.kind in OWNED) != bool(one.owner) for one in sides):
            raise ValueError(f"one of {sides} has no owner, or one too many")

    @property
    def lines(self) -> Mapping[AccountName, int]:
        """What each account gets, in the smallest unit."""
        return {self.debit: self.amount.minor, self.credit: -self.amount.minor}


def captured(*, merchant: Customer, amount: Money) -> Movement:
    """The provider has taken a payment for the merchant: it holds the money, and we owe it to the merchant."""
    return _movement(PostingKind.CAPTURED, amount, merchant)


def topped_up(*, customer: Customer, amount: Money) -> Movement:
    """The provider has taken a payment of the customer for their own balance with us."""
    return _movement(PostingKind.TOPPED_UP, amount, customer)


def top_up_reversed(*, customer: Customer, amount: Money) -> Movement:
    """The provider gave the money of this case's top-up to the customer's bank: it is not on the balance any more, and
    the customer owes us what they spent of it."""
    return _movement(PostingKind.TOP_UP_REVERSED, amount, customer)


def top_up_restored(*, customer: Customer, amount: Money) -> Movement:
    """The provider has it again: the bank decided against its customer."""
    return _movement(PostingKind.TOP_UP_RESTORED, amount, customer)


def fee(*, merchant: Customer, amount: Money) -> Movement:
    """What the provider keeps of a payment. The merchant bears it, also where the payment is refunded later."""
    return _movement(PostingKind.FEE, amount, merchant)


def refunded(*, merchant: Customer, amount: Money) -> Movement:
    """The provider has paid back to the card, at the merchant's expense, at most what this case captured."""
    return _movement(PostingKind.REFUNDED, amount, merchant)


def refund_failed(*, merchant: Customer, amount: Money) -> Movement:
    """A refund of this case did not arrive: the provider holds it again, at most what this case refunded."""
    return _movement(PostingKind.REFUND_FAILED, amount, merchant)


def settled(*, merchant: Customer, amount: Money) -> Movement:
    """The provider has paid out to the merchant, at most what this case captured, less the fees."""
    return _movement(PostingKind.SETTLED, amount, merchant)


def our_fee(*, merchant: Customer, amount: Money) -> Movement:
    """What the merchant pays us for a payment of this case, at most what it captured, less the provider's fee."""
    return _movement(PostingKind.OUR_FEE, amount, merchant)


def payout_returned(*, merchant: Customer, amount: Money) -> Movement:
    """The provider has taken back from the merchant so much of what this case paid out, at most that."""
    return _movement(PostingKind.PAYOUT_RETURNED, amount, merchant)


def credited(*, customer: Customer, amount: Money) -> Movement:
    """A claim is paid first and looked into afterwards: a provisional credit on the customer's balance."""
    return _movement(PostingKind.CREDITED, amount, customer)


def credit_reversed(*, customer: Customer, amount: Money) -> Movement:
    """The claim was wrong: a credit that this case gave is taken back. The customer owes us what they spent of it."""
    return _movement(PostingKind.CREDIT_REVERSED, amount, customer)


def credit_kept(*, merchant: Customer, amount: Money) -> Movement:
    """The claim was right, and the merchant bears this much of the credit that this case gave."""
    return _movement(PostingKind.CREDIT_KEPT, amount, merchant)


def credit_lost(*, amount: Money) -> Movement:
    """The claim was right, and we bear this much of the credit that this case gave. It counts as a loss."""
    return _movement(PostingKind.CREDIT_LOST, amount, None)


def paid_back(*, customer: Customer, amount: Money) -> Movement:
    """The provider has paid to the customer's card what we owe them, at most that."""
    return _movement(PostingKind.PAID_BACK, amount, customer)


def pay_back_failed(*, customer: Customer, amount: Money) -> Movement:
    """What this case paid back did not arrive: the provider holds it again, and we owe it to the customer again."""
    return _movement(PostingKind.PAY_BACK_FAILED, amount, customer)


def written_off(*, merchant: Customer, amount: Money) -> Movement:
    """The merchant does not pay what they owe us, at most that. It counts as a loss."""
    return _movement(PostingKind.WRITTEN_OFF, amount, merchant)


def bill_paid(*, amount: Money) -> Movement:
    """The provider has taken a payment for a bill of ours, from whoever paid it."""
    return _movement(PostingKind.BILL_PAID, amount, None)


def bill_returned(*, amount: Money) -> Movement:
    """The provider has paid back to the card what this case took for a bill that was no longer open, at most that."""
    return _movement(PostingKind.BILL_RETURNED, amount, None)


def bill_return_failed(*, amount: Money) -> Movement:
    """What this case paid back of a bill did not arrive: the provider holds it again, at most what this case returned,
    and we owe it to whoever paid."""
    return _movement(PostingKind.BILL_RETURN_FAILED, amount, None)


def fee_borne(*, amount: Money) -> Movement:
    """What the provider keeps of a payment that is no merchant's. We bear it, also where the money goes back later."""
    return _movement(PostingKind.FEE_BORNE, amount, None)


def _movement(kind: PostingKind, amount: Money, owner: Customer | None) -> Movement:
    debit, credit = (
        AccountName(one, owner.pk if owner is not None and one in OWNED else 0, amount.currency) for one in FLOWS[kind]
    )
    return Movement(kind, debit, credit, amount)
