"""Whether our books of payouts are those of the provider: every payout there is posted here, with the same amount, and
every one that is posted here is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from backoffice.money import Money
from backoffice.payments.ledger.models import Posting, PostingKind
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.provider import ports
from backoffice.payments.provider.ports import PaymentProvider

MOST_NAMED = 20
"""So many differences are named."""


def differences(there: PaymentProvider, *, since: datetime) -> Sequence[str]:
    """What differs of the payouts that were made since then (aware), each as a sentence for operators. Payouts under
    way are none. Raises `ports.ProviderFailed`."""
    theirs = {one.id: one for one in there.payouts(since=since)}
    found = [*_of_theirs(theirs.values()), *_of_ours(theirs, since)]
    return found[:MOST_NAMED]


def _of_theirs(theirs: Iterable[ports.Payout]) -> Iterator[str]:
    for one in theirs:
        payout = Payout.objects.filter(payment_id=_case(one)).select_related("payment").first()
        if payout is None:
            yield f"payout {one.id} is none of our payments"
        elif payout.state == PayoutState.UNDER_WAY and payout.key == one.key:
            continue
        elif payout.transfer != one.id:
            yield f"payout {one.id} is not in our books: case {one.group} has {payout.transfer or 'none'}"
        else:
            yield from _of_one(payout, one)


def _of_one(payout: Payout, one: ports.Payout) -> Iterator[str]:
    posted = _posted(payout)
    for kind, amount in ((PostingKind.SETTLED, one.amount), (PostingKind.PAYOUT_RETURNED, one.returned)):
        if posted.get(kind, 0) != amount:
            ours, theirs = (Money(minor, payout.currency) for minor in (posted.get(kind, 0), amount))
            yield f"payout {one.id}: {kind.value} is {ours} in our books, and {theirs} at the provider"
    if payout.account != one.account:
        yield f"payout {one.id} went to another account than our books say"


def _of_ours(theirs: Mapping[str, ports.Payout], since: datetime) -> Iterator[str]:
    ours = Payout.objects.filter(state=PayoutState.PAID, paid_at__gte=since).exclude(transfer__in=theirs)
    for payout in ours.order_by("paid_at")[:MOST_NAMED]:
        yield f"payout {payout.transfer} of case {payout.payment_id} is not at the provider"


def _posted(payout: Payout) -> Mapping[str, int]:
    kinds = (PostingKind.SETTLED, PostingKind.PAYOUT_RETURNED)
    found = Posting.objects.filter(case_id=payout.payment_id, kind__in=kinds)
    return {one["kind"]: int(one["sum"]) for one in found.values("kind").annotate(sum=Sum("amount")).order_by()}


def _case(one: ports.Payout) -> UUID | None:
    """The case that a payout at the provider names; None where it names none."""
    try:
        return UUID(one.group)
    except ValueError:
        return None
