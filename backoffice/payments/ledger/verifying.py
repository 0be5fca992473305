"""Whether the ledger is what its entries say, computed anew from all rows.

The database holds all of this already. It does not where somebody who owns it has switched its triggers off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from backoffice.money import Money
from backoffice.payments.ledger.models import Account, Posting

_POSTINGS = """
SELECT p.key, count(e.id), p.lines, p.amount, p.currency, coalesce(sum(e.minor), 0),
    coalesce(sum(e.minor) FILTER (WHERE e.minor > 0), 0), count(*) FILTER (WHERE e.currency <> p.currency)
FROM payments_posting p LEFT JOIN payments_entry e ON e.posting_id = p.id
GROUP BY p.id
HAVING count(e.id) <> p.lines OR coalesce(sum(e.minor), 0) <> 0
    OR coalesce(sum(e.minor) FILTER (WHERE e.minor > 0), 0) <> p.amount
    OR count(*) FILTER (WHERE e.currency <> p.currency) > 0
ORDER BY p.at, p.key LIMIT %s
"""
_ACCOUNTS = """
SELECT a.id, a.kind, a.currency, a.balance, coalesce(sum(e.minor), 0), count(*) FILTER (WHERE e.currency <> a.currency)
FROM payments_account a LEFT JOIN payments_entry e ON e.account_id = a.id
GROUP BY a.id
HAVING a.balance <> coalesce(sum(e.minor), 0) OR count(*) FILTER (WHERE e.currency <> a.currency) > 0
ORDER BY a.id LIMIT %s
"""
_ORPHANS = """
SELECT e.id FROM payments_entry e
LEFT JOIN payments_posting p ON p.id = e.posting_id LEFT JOIN payments_account a ON a.id = e.account_id
WHERE p.id IS NULL OR a.id IS NULL ORDER BY e.id LIMIT %s
"""
_SUMS = "SELECT currency, sum(balance) FROM payments_account GROUP BY currency ORDER BY currency"
MOST_NAMED = 20
"""So many wrong rows of a table are named."""


@dataclass(frozen=True)
class Verified:
    """`sums` are those of all balances, for each currency; `wrong` says of each row what contradicts the others."""

    accounts: int
    postings: int
    sums: Sequence[Money]
    wrong: Sequence[str]


def verify() -> Verified:
    """Reads every row of the ledger. Each question is one statement, so that whoever posts meanwhile disturbs none."""
    return Verified(
        accounts=Account.objects.count(),
        postings=Posting.objects.count(),
        sums=[Money(int(total), currency) for currency, total in _rows(_SUMS)],
        wrong=[*_wrong_postings(), *_wrong_accounts(), *_orphans()],
    )


def _wrong_postings() -> Iterator[str]:
    for key, entries, lines, amount, currency, total, debits, foreign in _rows(_POSTINGS, MOST_NAMED):
        if entries != lines:
            yield f"posting {key} has {entries} entries, not {lines}"
        elif foreign:
            yield f"posting {key} is in {currency}, but not all of its entries are"
        elif total:
            yield f"posting {key} comes to {Money(int(total), currency)}, not to nought"
        else:
            yield f"posting {key} moves {Money(int(debits), currency)}, not {Money(amount, currency)}"


def _wrong_accounts() -> Iterator[str]:
    for number, kind, currency, balance, total, foreign in _rows(_ACCOUNTS, MOST_NAMED):
        if foreign:
            yield f"account {number} ({kind}) is in {currency}, but not all of its entries are"
        else:
            has, comes_to = Money(balance, currency), Money(int(total), currency)
            yield f"account {number} ({kind}) has a balance of {has}, but its entries come to {comes_to}"


def _orphans() -> Iterator[str]:
    for (number,) in _rows(_ORPHANS, MOST_NAMED):
        yield f"entry {number} has no posting or no account"


def _rows(query: str, *values: int) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
