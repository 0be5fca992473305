"""Whether the fees in our books are those that the payment provider has kept: of merchants' payments, of top-ups and of
bills."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Model, Sum

from backoffice.money import Money
from backoffice.payments.bills.models import BillPage
from backoffice.payments.ledger.models import Posting, PostingKind
from backoffice.payments.provider.ports import Fee, PaymentProvider, ProviderRefused
from backoffice.payments.top_up.models import TopUp
from backoffice.payments.voice.models import VoicePayment

MOST_NAMED = 20
"""So many differences are named."""
NOTED_WITHIN = timedelta(days=1)
"""A payment that was taken less long ago may still have a fee that we have not asked for."""
KINDS = (PostingKind.FEE, PostingKind.FEE_BORNE)
_SOURCES: Sequence[tuple[type[Model], str, str]] = (
    (VoicePayment, "provider_payment", "captured_at"),
    (TopUp, "provider_payment", "captured_at"),
    (BillPage, "payment", "paid_at"),
)
"""What is paid for, with the names of the provider's id of the payment, and of when it was taken."""


@dataclass(frozen=True)
class Ours:
    """A payment of ours that was taken: its case, and when (aware UTC)."""

    case_id: UUID
    taken_at: datetime


def differences(there: PaymentProvider, *, since: datetime, now: datetime) -> Sequence[str]:
    """What differs of the fees of payments that were taken since then (aware), each as a sentence for operators. Raises
    `ports.ProviderFailed`."""
    theirs = there.fees(since=since)
    found = [*_of_theirs(theirs, now), *_of_ours(there, {one.payment for one in theirs}, since)]
    return found[:MOST_NAMED]


def _of_theirs(theirs: Sequence[Fee], now: datetime) -> Iterator[str]:
    ours = dict(_taken(payments=[one.payment for one in theirs]))
    posted = _posted({one.case_id for one in ours.values()})
    for fee in theirs:
        mine = ours.get(fee.payment)
        if mine is None:
            yield f"payment {fee.payment}, of which the provider keeps a fee, is none of ours"
        elif mine.case_id not in posted and now - mine.taken_at < NOTED_WITHIN:
            continue
        elif posted.get(mine.case_id, 0) != fee.amount:
            kept, noted = (Money(one, fee.currency) for one in (fee.amount, posted.get(mine.case_id, 0)))
            yield f"fee of payment {fee.payment} is {noted} in our books, and {kept} at the provider"


def _of_ours(there: PaymentProvider, theirs: Set[str], since: datetime) -> Iterator[str]:
    """Those that only we have. One that was taken just before `since` there, and just after it here, is asked for."""
    ours = dict(_taken(since=since))
    posted = _posted({one.case_id for payment, one in ours.items() if payment not in theirs})
    for payment, mine in ours.items():
        if mine.case_id in posted and not _is_kept(there, payment, posted[mine.case_id]):
            yield f"fee of payment {payment}, case {mine.case_id}, is not at the provider"


def _is_kept(there: PaymentProvider, payment: str, amount: int) -> bool:
    try:
        return there.fee(payment) == amount
    except ProviderRefused:
        return False


def _taken(*, payments: Collection[str] | None = None, since: datetime | None = None) -> Iterator[tuple[str, Ours]]:
    """The payments of ours that were taken, by the provider's id: of these ids, or since then."""
    for rows, name, taken in _SOURCES:
        found = rows._default_manager.filter(**{f"{taken}__isnull": False})
        if payments is not None:
            found = found.filter(**{f"{name}__in": payments})
        if since is not None:
            found = found.filter(**{f"{taken}__gte": since})
        for payment, case_id, taken_at in found.values_list(name, "case_id", taken):
            yield payment, Ours(case_id, taken_at)


def _posted(cases: Set[UUID]) -> dict[UUID, int]:
    found = Posting.objects.filter(case_id__in=cases, kind__in=KINDS).values("case_id")
    return {one["case_id"]: int(one["sum"]) for one in found.annotate(sum=Sum("amount")).order_by()}
