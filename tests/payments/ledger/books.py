"""What the tests of the ledger share: a case, owners, and postings in few words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from django.db import connection

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger.models import Account, Posting
from backoffice.payments.ledger.movements import Movement
from backoffice.payments.ledger.posting import post

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def make_owner() -> Customer:
    """A customer with nothing but a name: the ledger looks at no more."""
    return Customer.objects.create(given_name="Maria", family_name="Jansen", phrase="blue tulip")


def make_case(customer: Customer) -> Case:
    """A case of which the ledger knows no more than its id."""
    case = Case(process="card_reissue", customer=customer, opened_at=AT)
    case.opening_key = case.opening_digest = str(case.id)
    case.save()
    return case


def post_one(case: Case, step: str, movement: Movement, *, at: datetime = AT) -> Posting:
    return post(case_id=case.id, movements={step: movement}, by=system(), at=at)[step]


def balances() -> dict[tuple[str, int | None, str], int]:
    """Of all accounts, by kind, owner and currency."""
    return {(one.kind, one.owner_id, one.currency): one.balance for one in Account.objects.all()}


def run(statement: str, *values: str | int | datetime | UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


commit_checks = partial(run, "SET CONSTRAINTS ALL IMMEDIATE")
"""What the database checks when a transaction commits, now."""
