"""Writes to the ledger, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.payments.ledger import limits, rights
from backoffice.payments.ledger.models import Account, AccountKind, Entry, Posting
from backoffice.payments.ledger.movements import AccountName, Movement
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.statements import insert_new

Accounts = Mapping[AccountName, Account]


def key_of(case_id: UUID, step: str) -> str:
    """Under which the ledger knows what a step of a case has posted."""
    return f"{case_id}:{step}"


@needs(rights.POST)
@transaction.atomic
def post(*, case_id: UUID, movements: Mapping[str, Movement], by: Actor, at: datetime) -> Mapping[str, Posting]:
    """Posts movements of a case, each by the name of its step. A step that is posted already is not posted again.

    Give all that belongs to one transaction in one call: the accounts are locked together and in one order, so that
    two transactions never wait for each other. Raises `Conflict` on `step` for one that has posted something else, and
    on `amount` for more than there is to give (`limits.py`); then nothing is posted. `at` is aware UTC.
    """
    accounts = _locked({name for one in movements.values() for name in one.lines}, at)
    return {step: _post(case_id, step, movement, accounts, by, at) for step, movement in movements.items()}


def _post(case_id: UUID, step: str, movement: Movement, accounts: Accounts, by: Actor, at: datetime) -> Posting:
    posting = Posting(
        key=key_of(case_id, step),
        case_id=case_id,
        kind=movement.kind,
        currency=movement.amount.currency,
        amount=movement.amount.minor,
        lines=len(movement.lines),
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        channel=by.channel,
        proof=by.proof,
        request_id=by.request_id,
    )
    if not insert_new(posting, unique="key"):
        return _known(posting, movement, accounts)
    limits.check(case_id=case_id, movement=movement, accounts=_by_kind(movement, accounts))
    for name, minor in movement.lines.items():
        Entry.objects.create(posting=posting, account=accounts[name], minor=minor, currency=posting.currency)
        accounts[name].balance += minor
    return posting


def _known(posting: Posting, movement: Movement, accounts: Accounts) -> Posting:
    """What was posted under this key. Raises `Conflict` where it is something else."""
    known = Posting.objects.get(key=posting.key)
    entries = set(known.entries.values_list("account_id", "minor"))
    lines = {(accounts[name].pk, minor) for name, minor in movement.lines.items()}
    if (known.kind, known.currency) != (posting.kind, posting.currency) or entries != lines:
        raise Conflict("posted_otherwise", _("This step has posted another movement of money."), field="step")
    return known


def _by_kind(movement: Movement, accounts: Accounts) -> Mapping[AccountKind, Account]:
    return {name.kind: accounts[name] for name in movement.lines}


def _locked(names: Set[AccountName], at: datetime) -> Accounts:
    """The accounts, opened where they are missing, and locked until the transaction ends: opened in the order of their
    names, locked in that of their keys."""
    if not names:
        return {}
    which = reduce(or_, (Q(kind=one.kind, owner=one.owner or None, currency=one.currency) for one in names))
    missing = sorted(names - {_name(one) for one in Account.objects.filter(which)})
    Account.objects.bulk_create([_opened(name, at) for name in missing], ignore_conflicts=True)
    locked = Account.objects.select_for_update(no_key=True).filter(which).order_by("pk")
    return {_name(one): one for one in locked}


def _opened(name: AccountName, at: datetime) -> Account:
    return Account(kind=name.kind, owner_id=name.owner or None, currency=name.currency, opened_at=at)


def _name(account: Account) -> AccountName:
    return AccountName(AccountKind(account.kind), account.owner_id or 0, account.currency)
