"""The ledger is altered by somebody who owns the database and switches its triggers off: the command names the row."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Posting
from tests.payments.ledger.books import commit_checks, euros, make_case, make_owner, post_one, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted() -> Posting:
    shop, case = make_owner(), make_case(make_owner())
    post_one(case, "fee", movements.fee(merchant=shop, amount=euros(30)))
    return post_one(case, "capture", movements.captured(merchant=shop, amount=euros(1250)))


def as_owner(statement: str, *values: UUID) -> None:
    commit_checks()
    run("SET LOCAL session_replication_role = replica")
    run(statement, *values)
    run("SET LOCAL session_replication_role = origin")


def verified() -> str:
    told = io.StringIO()
    call_command("verify_ledger", stdout=told)
    return told.getvalue().strip()


def test_an_untouched_ledger_verifies(posted: Posting) -> None:
    assert verified() == "2 accounts, 2 postings, sum 0.00 EUR, ledger intact"


def test_an_empty_ledger_verifies() -> None:
    assert verified() == "0 accounts, 0 postings, sum 0, ledger intact"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE payments_entry SET minor = minor + 1 WHERE posting_id = %s AND minor > 0", "comes to 0.01 EUR"),
        ("UPDATE payments_entry SET minor = minor * 2 WHERE posting_id = %s", "moves 25.00 EUR, not 12.50 EUR"),
        ("UPDATE payments_posting SET amount = 1 WHERE id = %s", "moves 12.50 EUR, not 0.01 EUR"),
        ("DELETE FROM payments_entry WHERE posting_id = %s AND minor > 0", "has 1 entries, not 2"),
        ("DELETE FROM payments_entry WHERE posting_id = %s", "has 0 entries, not 2"),
        ("UPDATE payments_entry SET currency = 'KWD' WHERE posting_id = %s", "is in EUR, but not all"),
    ],
)
def test_a_posting_that_was_altered_is_named(posted: Posting, statement: str, named: str) -> None:
    as_owner(statement, posted.pk)

    with pytest.raises(CommandError) as found:
        verified()

    assert found.value.returncode == 1
    assert f"BROKEN: posting {posted.key} {named}" in str(found.value)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE payments_account SET balance = balance + 1 WHERE kind = 'provider'", "has a balance of 12.21 EUR"),
        ("UPDATE payments_account SET currency = 'KWD' WHERE kind = 'provider'", "is in KWD, but not all"),
    ],
)
def test_an_account_that_was_altered_is_named(posted: Posting, statement: str, named: str) -> None:
    account = posted.entries.get(minor__gt=0).account_id
    as_owner(statement)

    with pytest.raises(CommandError, match=rf"BROKEN: account {account} \(provider\) {named}"):
        verified()


def test_entries_without_their_posting_are_named(posted: Posting) -> None:
    entry = posted.entries.earliest("id").pk
    as_owner("DELETE FROM payments_posting WHERE id = %s", posted.pk)

    with pytest.raises(CommandError, match=f"BROKEN: entry {entry} has no posting or no account"):
        verified()
