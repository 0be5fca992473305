from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from backoffice.customers import reading
from backoffice.customers.models import Access, Customer
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff.models import Role, User
from backoffice.staff.roles import create_groups
from tests.factories import actor, make_customer, make_staff, now

pytestmark = pytest.mark.django_db

REASON = "They called and asked about a letter"


def open_record(customer: Customer, user: User, *, at: datetime | None = None, **how: Any) -> Access:
    return reading.open_record(customer=customer, by=actor(user), user=user, now=at or now(), **how)


def test_a_record_does_not_open_without_case_or_reason_and_the_try_is_noted() -> None:
    customer, hanna = make_customer(), make_staff()

    with pytest.raises(Forbidden):
        open_record(customer, hanna, page="customer")

    noted = Access.objects.get()
    assert (noted.customer, noted.user, noted.refused, noted.page) == (customer, hanna, True, "customer")


def test_a_case_of_somebody_else_does_not_open_it() -> None:
    with pytest.raises(Forbidden):
        open_record(make_customer(), make_staff(), case_id=uuid.uuid4(), has_case=False)


def test_an_own_case_opens_it_and_is_noted_once() -> None:
    customer, hanna, case_id = make_customer(), make_staff(), uuid.uuid4()

    first = open_record(customer, hanna, case_id=case_id, has_case=True)
    again = open_record(customer, hanna, case_id=case_id, has_case=True)

    assert first == again
    assert first.case_id == case_id


def test_a_reason_opens_it_for_thirty_minutes_and_for_this_person_only() -> None:
    customer, hanna, sam = make_customer(), make_staff(), make_staff(role=Role.SUPERVISOR)
    begin = now()
    given = open_record(customer, hanna, at=begin, reason=REASON)

    assert open_record(customer, hanna, at=begin + timedelta(minutes=29)) == given
    with pytest.raises(Forbidden):
        open_record(customer, hanna, at=begin + timedelta(minutes=30))
    with pytest.raises(Forbidden):
        open_record(customer, sam, at=begin)
    with pytest.raises(Forbidden):
        open_record(make_customer(), hanna, at=begin)


def test_a_case_that_was_given_back_does_not_keep_the_record_open() -> None:
    customer, hanna = make_customer(), make_staff()
    open_record(customer, hanna, case_id=uuid.uuid4(), has_case=True)

    with pytest.raises(Forbidden):
        open_record(customer, hanna)


def test_a_reason_with_a_card_number_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        open_record(make_customer(), make_staff(), reason="They read out 4111 1111 1111 1111 to me")

    assert list(refused.value.errors) == ["reason"]
    assert not Access.objects.exists()


def test_a_reason_that_says_nothing_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        open_record(make_customer(), make_staff(), reason="because")

    assert "reason" in refused.value.errors


@pytest.mark.parametrize("role", [Role.FIELD, Role.ADMINISTRATOR, None])
def test_a_role_that_reads_no_customers_gets_in_with_no_reason(role: Role | None) -> None:
    customer, user = make_customer(), make_staff(role=role)

    with pytest.raises(Forbidden):
        open_record(customer, user, reason=REASON)

    assert Access.objects.get().refused


def test_nobody_opens_a_record_in_the_name_of_another() -> None:
    customer, hanna, sam = make_customer(), make_staff(), make_staff()

    with pytest.raises(Forbidden):
        reading.open_record(customer=customer, by=actor(hanna), user=sam, now=now(), reason=REASON)


def test_the_customer_sees_who_looked_but_not_who_was_refused() -> None:
    customer, hanna = make_customer(), make_staff()
    with pytest.raises(Forbidden):
        open_record(customer, hanna)
    given = open_record(customer, hanna, reason=REASON)

    assert list(reading.openings_of(customer=customer)) == [given]


@pytest.mark.parametrize("statement", ["UPDATE customers_access SET reason = ''", "DELETE FROM customers_access"])
def test_raw_sql_cannot_change_who_looked(statement: str) -> None:
    open_record(make_customer(), make_staff(), reason=REASON)

    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_knows_no_opening_without_case_or_reason() -> None:
    with pytest.raises(IntegrityError, match="opening_has_case_or_reason"), transaction.atomic():
        Access.objects.create(customer=make_customer(), user=make_staff(), at=now())


@pytest.mark.django_db(transaction=True)
def test_the_note_of_a_refusal_cannot_be_taken_back_by_the_callers_transaction() -> None:
    create_groups(apps=apps, using="default")
    customer, hanna = make_customer(), make_staff()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        open_record(customer, hanna)
