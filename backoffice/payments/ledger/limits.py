"""How much of a kind can be posted: what is taken back must have been given, and what is paid out must be owed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from backoffice.payments.ledger.models import Account, AccountKind, Entry, PostingKind
from backoffice.payments.ledger.movements import Movement
from backoffice.refusals import Conflict
from backoffice.staff.rights import Text


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One account of a movement must not pass zero: it stays at or above it where `sign` is 1, at or below it where it
    is -1. Looked at is what this case posted `of` these kinds to the account, or the whole balance where there are
    none."""

    account: AccountKind
    sign: int
    of: Collection[PostingKind] = ()
    code: str
    refusal: Text


_DECIDED = frozenset(
    {PostingKind.CREDITED, PostingKind.CREDIT_REVERSED, PostingKind.CREDIT_KEPT, PostingKind.CREDIT_LOST}
)
_REFUND = Limit(
    account=AccountKind.MERCHANT,
    sign=-1,
    of=(PostingKind.CAPTURED, PostingKind.REFUNDED, PostingKind.REFUND_FAILED),
    code="more_than_captured",
    refusal=_("No more can be refunded than this payment took, less what was refunded already."),
)
_REFUND_FAILED = Limit(
    account=AccountKind.MERCHANT,
    sign=1,
    of=(PostingKind.REFUNDED, PostingKind.REFUND_FAILED),
    code="more_than_refunded",
    refusal=_("No more can come back than this payment refunded."),
)
_PAY_BACK_FAILED = Limit(
    account=AccountKind.CUSTOMER,
    sign=1,
    of=(PostingKind.PAID_BACK, PostingKind.PAY_BACK_FAILED),
    code="more_than_refunded",
    refusal=_("No more can come back than this case paid back."),
)
_DECISION = Limit(
    account=AccountKind.COMPENSATION,
    sign=1,
    of=_DECIDED,
    code="more_than_credited",
    refusal=_("This is more than the credits of this case on which nobody has decided."),
)
_REVERSAL = Limit(
    account=AccountKind.CUSTOMER,
    sign=-1,
    of=(PostingKind.CREDITED, PostingKind.CREDIT_REVERSED),
    code="other_customer",
    refusal=_("This case has not given this customer so large a credit."),
)
_SETTLEMENT = Limit(
    account=AccountKind.MERCHANT,
    sign=-1,
    of=(
        *(PostingKind.CAPTURED, PostingKind.FEE, PostingKind.OUR_FEE),
        *(PostingKind.SETTLED, PostingKind.PAYOUT_RETURNED),
    ),
    code="more_than_owed",
    refusal=_("No more goes to the merchant and to us than this payment took, less what is paid out already."),
)
"""Refunds do not count: one that comes while the provider pays out must not keep the payout from the books."""
_PAYOUT_RETURN = Limit(
    account=AccountKind.MERCHANT,
    sign=1,
    of=(PostingKind.SETTLED, PostingKind.PAYOUT_RETURNED),
    code="more_than_paid_out",
    refusal=_("No more can be taken back than this payment paid out, less what was taken back already."),
)
_PAYING_BACK = Limit(
    account=AccountKind.CUSTOMER,
    sign=-1,
    code="more_than_owed",
    refusal=_("This is more than we owe this customer."),
)
_WRITING_OFF = Limit(
    account=AccountKind.MERCHANT,
    sign=1,
    code="more_than_due",
    refusal=_("This is more than this merchant owes us."),
)
_RETURN = Limit(
    account=AccountKind.BILLS,
    sign=-1,
    of=(PostingKind.BILL_PAID, PostingKind.BILL_RETURNED, PostingKind.BILL_RETURN_FAILED),
    code="more_than_captured",
    refusal=_("No more can be returned than this payment took, less what was returned already."),
)
_RETURN_FAILED = Limit(
    account=AccountKind.BILLS,
    sign=1,
    of=(PostingKind.BILL_RETURNED, PostingKind.BILL_RETURN_FAILED),
    code="more_than_refunded",
    refusal=_("No more can come back than this payment returned."),
)
_OF_TOP_UP = (PostingKind.TOPPED_UP, PostingKind.TOP_UP_REVERSED, PostingKind.TOP_UP_RESTORED)
_TOP_UP_BACK = Limit(
    account=AccountKind.CUSTOMER,
    sign=-1,
    of=_OF_TOP_UP,
    code="more_than_captured",
    refusal=_("No more can be taken back than this top-up added, less what was taken back already."),
)
_TOP_UP_AGAIN = Limit(
    account=AccountKind.CUSTOMER,
    sign=1,
    of=(PostingKind.TOP_UP_REVERSED, PostingKind.TOP_UP_RESTORED),
    code="more_than_reversed",
    refusal=_("No more can be put back than was taken back of this top-up."),
)
LIMITS: Mapping[PostingKind, Collection[Limit]] = {
    PostingKind.TOP_UP_REVERSED: (_TOP_UP_BACK,),
    PostingKind.TOP_UP_RESTORED: (_TOP_UP_AGAIN,),
    PostingKind.REFUNDED: (_REFUND,),
    PostingKind.REFUND_FAILED: (_REFUND_FAILED,),
    PostingKind.CREDIT_REVERSED: (_DECISION, _REVERSAL),
    PostingKind.CREDIT_KEPT: (_DECISION,),
    PostingKind.CREDIT_LOST: (_DECISION,),
    PostingKind.OUR_FEE: (_SETTLEMENT,),
    PostingKind.SETTLED: (_SETTLEMENT,),
    PostingKind.PAYOUT_RETURNED: (_PAYOUT_RETURN,),
    PostingKind.PAID_BACK: (_PAYING_BACK,),
    PostingKind.PAY_BACK_FAILED: (_PAY_BACK_FAILED,),
    PostingKind.WRITTEN_OFF: (_WRITING_OFF,),
    PostingKind.BILL_RETURNED: (_RETURN,),
    PostingKind.BILL_RETURN_FAILED: (_RETURN_FAILED,),
}


def check(*, case_id: UUID, movement: Movement, accounts: Mapping[AccountKind, Account]) -> None:
    """Raises `Conflict` on `amount` for what passes a limit. `accounts` are the two of the movement, locked, with their
    balances before it."""
    for limit in LIMITS.get(movement.kind, ()):
        account = accounts[limit.account]
        moved = movement.amount.minor if movement.debit.kind is limit.account else -movement.amount.minor
        before = _posted(case_id, account, limit.of) if limit.of else account.balance
        if (before + moved) * limit.sign < 0:
            raise Conflict(limit.code, str(limit.refusal), field="amount")


def _posted(case_id: UUID, account: Account, kinds: Collection[PostingKind]) -> int:
    entries = Entry.objects.filter(posting__case_id=case_id, posting__kind__in=kinds, account=account)
    return int(entries.aggregate(sum=Sum("minor"))["sum"] or 0)
