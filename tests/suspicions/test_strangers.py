"""Threat 22: what strangers say locks nobody out. It pauses once, is counted, and its victim lets it go on."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backoffice.actors import Level
from backoffice.cases import answering, freezing
from backoffice.cases.models import Case, CaseState, Event, WorkItem
from backoffice.customers.models import Customer
from backoffice.messages.models import Message
from backoffice.refusals import Forbidden, NeedsProof, NotFound
from backoffice.staff.models import Role
from backoffice.suspicions import pausing
from backoffice.suspicions.models import Proof, Report
from backoffice.suspicions.showing import group
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import advance, ask, customer_actor
from tests.suspicions.conftest import UNLIKE, reported_by_stranger, reports, sensitive_case, strange
from workflows.base.contracts import SendNotice
from workflows.suspicious_contact.spec import PERIODS

FORGED, AT_ONCE = 50, 12


def state(case: Case) -> str:
    case.refresh_from_db()
    return str(case.state)


def asked(customer: Customer) -> WorkItem:
    """The work item of the customer's case in which they say whether it was they."""
    return ask(Case.objects.get(customer=customer, process="suspicious_contact"), "was_it_you")


def says(customer: Customer, decision: str, level: Level = Level.CONFIRMED) -> None:
    by = customer_actor(customer, level=level)
    answering.answer(item_id=asked(customer).id, by=by, data={"decision": decision})


def forged(customer: Customer, number: int) -> Report:
    """Each of its own words and from its own network."""
    words = strange(f"{UNLIKE} Ask for agent {uuid.uuid4().hex} of https://desk{number}.example")
    return reported_by_stranger(customer, words, origin=f"192.0.2.{number}")


def test_fifty_forged_reports_pause_once_and_the_customer_lets_it_go_on(maria: Customer) -> None:
    card = sensitive_case(maria)

    made = [forged(maria, number) for number in range(FORGED)]

    assert [one.paused for one in made] == [1] + [0] * (FORGED - 1)
    assert state(card) == CaseState.FROZEN
    assert Case.objects.filter(process="suspicious_contact").count() == 1
    says(maria, "not_mine")
    assert state(card) == CaseState.OPEN
    assert Report.objects.exclude(lifted_at=None).count() == 1

    later = [forged(maria, number) for number in range(5)]

    assert {one.paused for one in later} == {0}
    assert (state(card), Event.objects.filter(case=card, kind="case.frozen").count()) == (CaseState.OPEN, 1)

    Report.objects.update(at=now() - PERIODS.strangers_pause_again_after)
    assert forged(maria, 1).paused == 0, "a case is paused by strangers once for ever"
    newer = sensitive_case(maria)
    assert [forged(maria, number).paused for number in (2, 3)] == [1, 0]
    assert (state(card), state(newer)) == (CaseState.OPEN, CaseState.FROZEN)


@pytest.mark.django_db(transaction=True)
def test_forged_reports_at_once_pause_once_and_the_same_press_twice_is_one(django_db_serialized_rollback: None) -> None:
    maria, key = make_customer(), uuid.uuid4()
    card, anna = sensitive_case(maria), make_customer()
    other = sensitive_case(anna)

    def report(number: int) -> Report:
        try:
            if number < AT_ONCE:
                return forged(maria if number % 3 else anna, number)
            return reported_by_stranger(None, key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(report, range(AT_ONCE + 4)))

    assert sum(one.paused for one in made[:AT_ONCE]) == 2
    assert (state(card), state(other)) == (CaseState.FROZEN, CaseState.FROZEN)
    assert Case.objects.filter(process="suspicious_contact").count() == 2
    assert len({one.pk for one in made[AT_ONCE:]}) == 1
    assert Report.objects.count() == AT_ONCE + 1


def test_the_analyst_sees_how_many_came_from_one_place_and_for_whom(maria: Customer) -> None:
    made = [reported_by_stranger(maria, origin="192.0.2.7") for _ in range(6)]
    reported_by_stranger(make_customer(), origin="192.0.2.8")
    assert made[0].group is not None

    shown = group(made[0].group, held=False)

    assert (shown.count, shown.targets, shown.sources, shown.vouched, shown.from_one) == (7, 2, 2, 0, True)


def test_only_the_customer_lifts_it_and_only_at_level_2(maria: Customer) -> None:
    card = sensitive_case(maria)
    case = forged(maria, 1).case
    assert case is not None
    others = [
        (customer_actor(maria), NeedsProof),
        (customer_actor(make_customer(), level=Level.CONFIRMED), NotFound),
        (actor(make_staff(role=Role.SUPERVISOR)), Forbidden),
    ]

    for by, refused in others:
        with pytest.raises(refused):
            pausing.lift(case_id=case.id, by=by, now=now())

    assert state(card) == CaseState.FROZEN


@pytest.mark.parametrize("cause", ["suspicious", "in_their_name", "contact_reported"])
def test_what_is_paused_for_another_reason_stays_paused(maria: Customer, cause: str) -> None:
    """Whether it came before the strangers' report or after it."""
    before = sensitive_case(maria)
    supervisor = actor(make_staff(role=Role.SUPERVISOR))
    freezing.freeze(case_id=before.id, by=supervisor, reason=cause)
    after = sensitive_case(maria)
    forged(maria, 1)
    freezing.freeze(case_id=after.id, by=supervisor, reason=cause)

    says(maria, "not_mine")

    assert (state(before), state(after)) == (CaseState.FROZEN, CaseState.FROZEN)


def test_the_customers_own_report_takes_over_what_strangers_paused(maria: Customer) -> None:
    card = sensitive_case(maria)
    forged(maria, 1)
    theirs = Case.objects.get(customer=maria, process="suspicious_contact")
    reports(maria, strange())

    pausing.lift(case_id=theirs.id, by=customer_actor(maria, level=Level.CONFIRMED), now=now())

    assert state(card) == CaseState.FROZEN


def test_who_says_that_it_was_theirs_leaves_it_paused(maria: Customer) -> None:
    card = sensitive_case(maria)
    report = forged(maria, 1)
    later = sensitive_case(maria)

    says(maria, "mine")

    report.refresh_from_db()
    card.refresh_from_db()
    assert (report.proof, card.state) == (Proof.CUSTOMER, CaseState.FROZEN)
    assert (state(later), report.paused) == (CaseState.FROZEN, 2)
    assert "contact_reported" in freezing.causes_of(card)


def test_who_has_nothing_open_or_no_account_hears_nothing_of_strangers(maria: Customer) -> None:
    without_account = make_customer(sign_in=False)
    sensitive_case(without_account)

    made = [forged(maria, 1), forged(without_account, 2), reported_by_stranger(None)]

    assert [(one.case, one.paused) for one in made] == [(None, 0)] * 3
    assert not Message.objects.exists()


def test_the_customer_is_told_once_and_in_words(maria: Customer) -> None:
    sensitive_case(maria)
    case = forged(maria, 1).case
    assert case is not None

    advance(case, stage="looked_into", notices=(SendNotice("contact_reported_by_others", {}),))

    told = Message.objects.filter(contact__case_id=case.id).values_list("template", flat=True)
    assert set(told) == {"suspicious_contact.contact_reported_by_others"}
