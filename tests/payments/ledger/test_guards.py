"""What the database itself refuses, to whoever writes to it by hand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from backoffice.customers.models import Customer
from backoffice.money import MOST_MINOR
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Account, Posting
from tests.payments.ledger.books import AT, balances, commit_checks, euros, make_case, make_owner, post_one, run

pytestmark = pytest.mark.django_db
guards = import_module("backoffice.payments.migrations.0002_ledger_guards")
TABLES = ("payments_posting", "payments_entry", "payments_account")


@pytest.fixture
def shop() -> Customer:
    return make_owner()


@pytest.fixture
def posted(shop: Customer) -> Posting:
    """One captured payment of 12.50 EUR: the accounts are those of the provider and of the shop."""
    return post_one(make_case(make_owner()), "capture", movements.captured(merchant=shop, amount=euros(1250)))


Line = tuple[int, int, str]
"""Account, amount and currency."""


def by_hand(case_id: uuid.UUID, entries: Sequence[Line], *, amount: int, lines: int = 0) -> None:
    """A posting with these entries, whose transaction has not ended yet."""
    key, who = uuid.uuid4(), ("captured", "EUR", amount, lines or len(entries), AT, "system", "", "process", "", "")
    columns = "kind, currency, amount, lines, at, actor_kind, actor_id, channel, proof, request_id"
    marks = ", ".join(["%s"] * (len(who) + 3))
    run(f"INSERT INTO payments_posting (id, key, case_id, {columns}) VALUES ({marks})", key, str(key), case_id, *who)
    enter(key, entries)


def commit_by_hand(case_id: uuid.UUID, entries: Sequence[Line], *, amount: int, lines: int) -> None:
    by_hand(case_id, entries, amount=amount, lines=lines)
    commit_checks()


def enter(posting: uuid.UUID, entries: Sequence[Line]) -> None:
    for entry in entries:
        columns = "posting_id, account_id, minor, currency"
        run(f"INSERT INTO payments_entry ({columns}) VALUES (%s, %s, %s, %s)", posting, *entry)


def add(posting: uuid.UUID, entries: Sequence[Line]) -> None:
    enter(posting, entries)
    commit_checks()


def account(kind: str) -> int:
    return Account.objects.get(kind=kind).pk


@pytest.mark.parametrize(
    ("provider", "merchant", "amount", "lines"),
    [(100, -99, 100, 2), (100, 100, 200, 2), (100, -100, 90, 2), (100, -100, 100, 3)],
    ids=["it does not come to nought", "two debits", "another amount than its debits", "an entry is missing"],
)
def test_a_posting_that_is_not_whole_is_refused_at_commit(
    posted: Posting, provider: int, merchant: int, amount: int, lines: int
) -> None:
    entries = [(account("provider"), provider, "EUR"), (account("merchant"), merchant, "EUR")]

    with pytest.raises(IntegrityError, match=r"posting .* (comes to|has)"), transaction.atomic():
        commit_by_hand(posted.case_id, entries, amount=amount, lines=lines)


def test_a_posting_without_entries_is_refused(posted: Posting) -> None:
    with pytest.raises(IntegrityError, match="posting_has_two_entries_or_more"), transaction.atomic():
        by_hand(posted.case_id, [], amount=1)
    with pytest.raises(IntegrityError, match="has 0 entries"), transaction.atomic():
        commit_by_hand(posted.case_id, [], amount=1, lines=2)


def test_nothing_is_added_to_a_posting_afterwards(posted: Posting) -> None:
    commit_checks()
    run("SET CONSTRAINTS ALL DEFERRED")
    loss = Account.objects.create(kind="loss", currency="EUR", opened_at=AT)
    more = Account.objects.create(kind="merchant", owner=make_owner(), currency="EUR", opened_at=AT)

    with pytest.raises(IntegrityError, match="has 4 entries, not 2"), transaction.atomic():
        add(posted.pk, [(loss.pk, 7, "EUR"), (more.pk, -7, "EUR")])


@pytest.mark.parametrize("amount", [0, -1, MOST_MINOR + 1])
def test_a_posting_moves_more_than_nothing_and_no_more_than_one_payment_can_have(posted: Posting, amount: int) -> None:
    entries = [(account("provider"), amount, "EUR"), (account("merchant"), -amount, "EUR")]

    with pytest.raises(IntegrityError, match="posting_of_more_than_nothing"), transaction.atomic():
        by_hand(posted.case_id, entries, amount=amount)


def test_an_entry_of_nothing_and_two_of_one_account_are_refused(posted: Posting) -> None:
    provider, merchant = account("provider"), account("merchant")

    with pytest.raises(IntegrityError, match="no_entry_of_nothing"), transaction.atomic():
        by_hand(posted.case_id, [(provider, 0, "EUR"), (merchant, 0, "EUR")], amount=1)
    with pytest.raises(IntegrityError, match="one_entry_an_account"), transaction.atomic():
        by_hand(posted.case_id, [(provider, 1, "EUR"), (provider, -1, "EUR")], amount=1)


def test_an_entry_is_in_the_currency_of_its_account_and_of_its_posting(posted: Posting) -> None:
    dinars = Account.objects.create(kind="provider", currency="KWD", opened_at=AT)

    with pytest.raises(IntegrityError, match="currency_of_its_posting"), transaction.atomic():
        by_hand(posted.case_id, [(dinars.pk, 100, "KWD"), (account("merchant"), -100, "EUR")], amount=100)
    with pytest.raises(IntegrityError, match="currency_of_its_account"), transaction.atomic():
        by_hand(posted.case_id, [(dinars.pk, 100, "EUR"), (account("merchant"), -100, "EUR")], amount=100)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_posting SET amount = 1",
        "UPDATE payments_posting SET at = now()",
        "UPDATE payments_entry SET minor = -minor",
        "DELETE FROM payments_entry",
        "DELETE FROM payments_posting",
        "DELETE FROM payments_account",
    ],
)
def test_what_was_posted_is_neither_changed_nor_deleted(posted: Posting, statement: str) -> None:
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        run(statement)


@pytest.mark.parametrize("table", TABLES)
def test_the_ledger_is_not_truncated(posted: Posting, table: str) -> None:
    """The trigger is off in the tests' database alone."""
    commit_checks()
    run(f"ALTER TABLE {table} ENABLE TRIGGER {table.removeprefix('payments_')}_no_truncate")

    with pytest.raises(IntegrityError, match="TRUNCATE is refused"), transaction.atomic():
        run(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("balance = 0", "only an entry changes it"),
        ("currency = 'KWD'", "keeps its kind"),
        ("kind = 'customer'", "keeps its kind"),
        ("owner_id = NULL", "keeps its kind"),
    ],
)
def test_an_account_is_not_changed_by_hand(posted: Posting, change: str, why: str) -> None:
    with pytest.raises(IntegrityError, match=why), transaction.atomic():
        run(f"UPDATE payments_account SET {change} WHERE kind = 'merchant'")


def test_an_account_is_opened_with_nothing_and_once(posted: Posting, shop: Customer) -> None:
    with pytest.raises(IntegrityError, match="balance of nought"), transaction.atomic():
        Account.objects.create(kind="loss", currency="EUR", balance=1, opened_at=AT)
    with pytest.raises(IntegrityError, match="one_account_an_owner_and_currency"), transaction.atomic():
        Account.objects.create(kind="provider", currency="EUR", opened_at=AT)
    with pytest.raises(IntegrityError, match="account_has_an_owner_by_its_kind"), transaction.atomic():
        Account.objects.create(kind="merchant", currency="EUR", opened_at=AT)
    with pytest.raises(IntegrityError, match="account_has_an_owner_by_its_kind"), transaction.atomic():
        Account.objects.create(kind="loss", owner=shop, currency="EUR", opened_at=AT)
    with pytest.raises(IntegrityError, match="account_currency_is_a_code"), transaction.atomic():
        Account.objects.create(kind="loss", currency="eur", opened_at=AT)


@pytest.mark.parametrize("kind", ["compensation", "loss"])
def test_compensation_and_loss_do_not_fall_below_zero(posted: Posting, kind: str) -> None:
    ours = Account.objects.create(kind=kind, currency="EUR", opened_at=AT)

    with pytest.raises(IntegrityError, match="compensation_and_loss_not_below_zero"), transaction.atomic():
        by_hand(posted.case_id, [(account("merchant"), 5, "EUR"), (ours.pk, -5, "EUR")], amount=5)


def test_an_entry_by_hand_changes_the_balance_as_any_other(posted: Posting, shop: Customer) -> None:
    by_hand(posted.case_id, [(account("provider"), 50, "EUR"), (account("merchant"), -50, "EUR")], amount=50)

    commit_checks()
    assert balances() == {("provider", None, "EUR"): 1300, ("merchant", shop.pk, "EUR"): -1300}


def test_the_guards_can_be_taken_away_and_put_up_again(posted: Posting) -> None:
    commit_checks()
    for operation in reversed(guards.Migration.operations):
        run(str(operation.reverse_sql))
    run("UPDATE payments_account SET balance = balance")
    for operation in guards.Migration.operations:
        run(str(operation.sql))

    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        run("DELETE FROM payments_entry")
