"""Who holds a domain, which case may change it, and what stands in its way."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.domains import holding
from backoffice.domains.holding import Change
from backoffice.domains.models import Domain, DomainHolding, DomainState, Lock
from backoffice.refusals import Conflict, NotFound
from tests.factories import make_card, make_customer, make_domain
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def new_case() -> Case:
    """A case of any process: these rules know no process."""
    return open_card_case(make_card())


def lock(domain: Domain, case: Case) -> None:
    with changing(case.id) as locked:
        holding.lock_edits(domain=domain, by=system(), case=locked, now=NOON)


def unlock(domain: Domain, case: Case) -> None:
    with changing(case.id) as locked:
        holding.unlock_edits(domain=domain, by=system(), case=locked, now=NOON)


def change(domain: Domain, customer: Customer, case: Case, *, handle: str = "CS-NEW") -> None:
    with changing(case.id) as locked:
        holding.change_holder(domain=domain, customer=customer, handle=handle, by=system(), case=locked, now=NOON)


def kinds(case: Case) -> list[str]:
    events = Event.objects.filter(case=case, kind__startswith="domain.").order_by("number")
    return list(events.values_list("kind", flat=True))


def test_a_case_that_holds_a_domain_keeps_every_other_away() -> None:
    domain, first, second = make_domain(), new_case(), new_case()
    lock(domain, first)
    lock(domain, first)

    with pytest.raises(Conflict, match=first.reference) as refused:
        lock(domain, second)

    assert refused.value.field == "domain"
    domain.refresh_from_db()
    assert domain.held_by_case == first.id
    assert (kinds(first), kinds(second)) == (["domain.edits_locked"], [])


def test_only_the_case_that_holds_a_domain_lets_go_of_it() -> None:
    domain, first, second = make_domain(), new_case(), new_case()
    lock(domain, first)

    unlock(domain, second)
    domain.refresh_from_db()
    assert domain.held_by_case == first.id

    unlock(domain, first)
    unlock(domain, first)
    lock(domain, second)

    assert kinds(first) == ["domain.edits_locked", "domain.edits_unlocked"]
    assert kinds(second) == ["domain.edits_locked"]


def test_the_history_names_every_holder_with_the_case_that_made_them_one() -> None:
    domain, case, new = make_domain(), new_case(), make_customer()
    old = domain.customer
    lock(domain, case)

    change(domain, new, case)
    change(domain, new, case)

    domain.refresh_from_db()
    assert (domain.customer, domain.registrant_handle) == (new, "CS-NEW")
    told = [(one.customer, one.since, one.until, one.case_reference) for one in domain.holdings.all()]
    assert told == [(new, NOON, None, case.reference), (old, domain.registered_at, NOON, "")]
    assert kinds(case) == ["domain.edits_locked", "domain.holder_changed"]
    case.refresh_from_db()
    assert timeline.verify(case) is None


def test_a_case_that_does_not_hold_the_domain_changes_no_holder() -> None:
    domain, holds, other = make_domain(), new_case(), new_case()

    with pytest.raises(Conflict) as refused:
        change(domain, make_customer(), other)
    assert refused.value.code == "not_held"

    lock(domain, holds)
    with pytest.raises(Conflict, match=holds.reference):
        change(domain, make_customer(), other)

    domain.refresh_from_db()
    assert domain.holdings.count() == 1
    assert domain.holdings.get().customer == domain.customer


def test_the_database_knows_no_domain_with_two_holders_at_once() -> None:
    domain = make_domain()

    with pytest.raises(IntegrityError, match="one_holder_a_domain_now"), transaction.atomic():
        DomainHolding.objects.create(domain=domain, customer=make_customer(), since=NOON)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, None),
        ({"state": DomainState.GONE}, "gone"),
        ({"state": DomainState.DISPUTED}, "disputed"),
        ({"state": DomainState.EXPIRED}, "expired"),
        ({"expires_at": NOON}, "expired"),
        ({"locks": [Lock.UPDATE]}, "locked"),
        ({"locks": [Lock.TRANSFER]}, None),
        ({"statuses": ["serverUpdateProhibited"]}, "locked"),
        ({"statuses": ["pendingTransfer"]}, "locked"),
        ({"statuses": ["clientUpdateProhibited"], "locks": [Lock.UPDATE]}, None),
        ({"statuses": ["ok"]}, None),
        ({"held_by_case": uuid.uuid4()}, "held"),
    ],
)
def test_what_stands_in_the_way_of_a_change_of_holder(fields: dict[str, Any], code: str | None) -> None:
    domain = make_domain()
    for name, value in {"expires_at": NOON + timedelta(days=90), **fields}.items():
        setattr(domain, name, value)

    found = holding.why_not_changeable(domain, NOON)

    assert (found.code if found else None) == code
    assert found is None or found.sentence.endswith(".")


@pytest.mark.parametrize(
    ("change", "statuses", "locked"),
    [
        (Change.REGISTRAR, {"serverTransferProhibited"}, True),
        (Change.REGISTRAR, {"serverUpdateProhibited"}, False),
        (Change.REGISTRAR, {"clientTransferProhibited"}, False),
        (Change.CONTACTS, {"serverUpdateProhibited"}, True),
        (Change.CONTACTS, {"serverTransferProhibited"}, False),
        (Change.HOLDER, {"serverTransferProhibited"}, True),
        (Change.HOLDER, {"pendingDelete"}, True),
    ],
)
def test_each_change_has_the_locks_that_stop_it(change: Change, statuses: set[str], locked: bool) -> None:
    domain = make_domain()
    domain.statuses = sorted(statuses)

    assert holding.is_locked(domain, change) is locked


def test_a_case_does_not_stand_in_its_own_way() -> None:
    domain, case = make_domain(), new_case()
    lock(domain, case)

    assert holding.why_not_changeable(domain, NOON, case=case) is None
    assert holding.why_not_changeable(domain, NOON, case=new_case()) is not None


def test_a_domain_of_somebody_else_reads_like_one_that_nobody_knows() -> None:
    domain, stranger = make_domain(), make_customer()

    refusals = []
    for sought in (str(domain.public_id), str(uuid.uuid4()), "no id", ""):
        with pytest.raises(NotFound) as refused:
            holding.own(domain=sought, customer=stranger)
        refusals.append((refused.value.code, refused.value.sentence, refused.value.field))

    assert set(refusals) == {("unknown_domain", "We know no such domain of yours.", "domain")}
    assert holding.own(domain=str(domain.public_id), customer=domain.customer) == domain
