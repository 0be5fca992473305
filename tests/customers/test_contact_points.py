from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.actors import Actor, ActorKind, system
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.customers.postal import PostalAddress
from backoffice.customers.registering import Particulars, register
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role
from tests.factories import (
    actor,
    make_address,
    make_customer,
    make_customer_with_new_phone,
    make_staff,
    new_phone_number,
    now,
)

pytestmark = pytest.mark.django_db


def supersede(customer: Customer, kind: str, value: str | PostalAddress, how: str = "branch") -> ContactPoint:
    return contact_points.supersede(customer=customer, kind=kind, value=value, how=how, by=system(), now=now())


def point_of(customer: Customer, kind: str) -> ContactPoint:
    point = contact_points.current(customer=customer, kind=kind)
    assert point is not None
    return point


def test_a_new_address_supersedes_the_old_one_which_stays() -> None:
    customer = make_customer()
    old = point_of(customer, ContactKind.MAIL)

    new = supersede(customer, ContactKind.MAIL, "new@example.org")

    old.refresh_from_db()
    assert point_of(customer, ContactKind.MAIL) == new
    assert (old.superseded_by, old.superseded_at is not None) == (new, True)
    assert old.value.startswith("maria")


@pytest.mark.parametrize("number", ["+31 900 123 4567", "0909 123 4567", "+48 701 123 456", "+883 5100 0123 4567"])
def test_a_number_that_earns_money_from_who_rings_it_is_refused(number: str) -> None:
    customer = make_customer_with_new_phone()
    before = point_of(customer, ContactKind.PHONE)

    with pytest.raises(Invalid, match="costs extra") as refused:
        supersede(customer, ContactKind.PHONE, number)

    assert list(refused.value.errors) == ["value"]
    assert point_of(customer, ContactKind.PHONE) == before


def test_the_same_address_again_changes_nothing() -> None:
    customer = make_customer()
    old = point_of(customer, ContactKind.MAIL)

    again = supersede(customer, ContactKind.MAIL, f" {old.value.upper()} ")

    assert again == old
    assert customer.contact_points.filter(kind=ContactKind.MAIL).count() == 1


def test_an_unverified_address_becomes_verified() -> None:
    point = supersede(make_customer(), ContactKind.MAIL, "new@example.org", how="")
    assert point.verified_at is None

    contact_points.verify(point=point, how="mail code", by=system(), now=now())

    assert point.verified_at is not None
    assert point.verified_how == "mail code"


def test_a_superseded_address_cannot_be_verified_any_more() -> None:
    customer = make_customer()
    old = point_of(customer, ContactKind.MAIL)
    supersede(customer, ContactKind.MAIL, "new@example.org")

    with pytest.raises(Conflict):
        contact_points.verify(point=old, how="mail code", by=system(), now=now())


def test_an_address_cannot_be_theirs_since_tomorrow() -> None:
    tomorrow = now() + timedelta(days=1)
    particulars = Particulars(family_name="Smit", contacts={"phone": new_phone_number()}, reached_since=tomorrow)

    with pytest.raises(Invalid) as refused:
        register(particulars=particulars, by=system(), now=now())

    assert set(refused.value.errors) == {"since"}
    assert not Customer.objects.exists()


def test_the_first_addresses_of_a_new_customer_say_who_entered_them() -> None:
    sam = make_staff(role=Role.SUPERVISOR)
    particulars = Particulars(family_name="Smit", contacts={"mail": "smit@example.org", "phone": new_phone_number()})

    customer = register(particulars=particulars, by=actor(sam), now=now())

    recorded = customer.contact_points.values_list("recorded_by", "recorded_through", "verified_at")
    assert list(recorded) == [(str(sam.public_id), "desk", None)] * 2


def test_an_outside_system_cannot_change_or_verify_an_address() -> None:
    customer = make_customer()
    outside = Actor(kind=ActorKind.OUTSIDE)
    point = point_of(customer, ContactKind.MAIL)

    with pytest.raises(Forbidden):
        contact_points.supersede(
            customer=customer, kind=ContactKind.MAIL, value="x@example.org", how="", by=outside, now=now()
        )
    with pytest.raises(Forbidden):
        contact_points.verify(point=point, how="signal", by=outside, now=now())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mail", "not a mail"),
        ("phone", "12"),
        ("phone", "+44 7700 900123 99 99"),
        ("postal", "only one line"),
        ("pigeon", "coop 3"),
    ],
)
def test_an_address_that_cannot_be_is_refused_on_its_field(kind: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        supersede(make_customer(), kind, value)

    assert set(refused.value.errors) <= {"value", "kind"}


def test_a_number_is_kept_as_e164_and_read_in_the_customers_country() -> None:
    point = supersede(make_customer(country="US"), ContactKind.PHONE, "(202) 555-0143")

    assert point.value == "+12025550143"


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("mail", "hanna@Example.org", "h•••@example.org"),
        ("mail", "h@example.org", "•••@example.org"),
        ("phone", "+31 20 555 0112", "+31 ••• ••12"),
        ("postal", make_address("Keizersgracht 100"), "•••, Amsterdam"),
        (
            "postal",
            make_address("Prosta 1", country="PL", postal_code="00-950", town="Warszawa"),
            "•••, Warszawa, Poland",
        ),
    ],
)
def test_people_see_an_address_masked(kind: str, value: str | PostalAddress, masked: str) -> None:
    assert supersede(make_customer(), kind, value).masked == masked


@pytest.mark.parametrize(
    "change",
    [
        "value = 'x'",
        "value_index = 'x'",
        "masked = 'x'",
        "since = since - interval '30 days'",
        "kind = 'mail'",
        "customer_id = customer_id + 1",
        "recorded_by = 'x'",
    ],
)
def test_raw_sql_cannot_overwrite_an_address(change: str) -> None:
    point = point_of(make_customer(), ContactKind.PHONE)

    with pytest.raises(IntegrityError, match="never overwritten"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE customers_contactpoint SET {change} WHERE id = %s", [point.pk])


def test_raw_sql_cannot_delete_an_address() -> None:
    point = point_of(make_customer(), ContactKind.PHONE)

    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        ContactPoint.objects.filter(pk=point.pk).delete()


def test_what_an_address_went_through_is_not_taken_back() -> None:
    customer = make_customer()
    point = contact_points.mark_sim_swapped(point=point_of(customer, ContactKind.PHONE), by=system(), now=now())

    with pytest.raises(IntegrityError, match="not taken back"), transaction.atomic():
        ContactPoint.objects.filter(pk=point.pk).update(sim_swapped_at=None)

    supersede(customer, ContactKind.PHONE, "+12025550100")
    with pytest.raises(IntegrityError, match="not taken back"), transaction.atomic():
        ContactPoint.objects.filter(pk=point.pk).update(superseded_at=None)


def test_a_customer_has_one_address_of_a_kind_in_force() -> None:
    point = point_of(make_customer(), ContactKind.PHONE)
    point.pk = None

    with pytest.raises(IntegrityError, match="one_current_contact_point_a_kind"), transaction.atomic():
        point.save(force_insert=True)


@pytest.mark.parametrize(("days", "good"), [(0, False), (3, False), (6, False), (7, True), (400, True)])
def test_a_number_is_a_factor_after_seven_days(days: int, good: bool) -> None:
    customer = make_customer(phone_days=days)

    assert contact_points.phone_is_old_enough(customer=customer, now=now()) is good
    assert contact_points.days_unchanged(customer=customer, kind=ContactKind.PHONE, now=now()) == days


def test_no_number_and_an_unverified_number_are_no_factor() -> None:
    assert not contact_points.phone_is_old_enough(customer=make_customer(contacts={}), now=now())
    assert not contact_points.phone_is_old_enough(customer=make_customer(verified_how=""), now=now())
    assert contact_points.days_unchanged(customer=make_customer(contacts={}), kind="phone", now=now()) is None


def test_a_sim_swap_takes_the_trust_from_a_number_until_it_is_put_in_force_anew_and_has_aged() -> None:
    customer = make_customer()
    point = point_of(customer, ContactKind.PHONE)

    contact_points.mark_sim_swapped(point=point, by=Actor(kind=ActorKind.OUTSIDE), now=now())
    assert not contact_points.phone_is_old_enough(customer=customer, now=now())
    assert not contact_points.phone_is_old_enough(customer=customer, now=now() + timedelta(days=60))

    again = supersede(customer, ContactKind.PHONE, point.value)
    assert again != point
    assert not contact_points.phone_is_old_enough(customer=customer, now=now())
    assert contact_points.phone_is_old_enough(customer=customer, now=now() + timedelta(days=8))


def test_the_first_mark_of_a_sim_swap_stays() -> None:
    point = point_of(make_customer(), ContactKind.PHONE)
    first = contact_points.mark_sim_swapped(point=point, by=system(), now=now()).sim_swapped_at

    again = contact_points.mark_sim_swapped(point=point, by=system(), now=now() + timedelta(days=1))

    assert again.sim_swapped_at == first


def test_only_a_number_in_force_can_have_a_sim_swap() -> None:
    customer = make_customer()
    old = point_of(customer, ContactKind.PHONE)
    supersede(customer, ContactKind.PHONE, "+12025550101")

    with pytest.raises(Invalid):
        contact_points.mark_sim_swapped(point=point_of(customer, ContactKind.MAIL), by=system(), now=now())
    with pytest.raises(Conflict):
        contact_points.mark_sim_swapped(point=old, by=system(), now=now())


def test_a_change_within_thirty_days_is_seen_by_its_kind() -> None:
    unchanged, changed = make_customer(), make_customer_with_new_phone()

    assert contact_points.changed_within(customer=unchanged, now=now()) == frozenset()
    assert contact_points.changed_within(customer=changed, now=now()) == {ContactKind.PHONE}
    assert contact_points.changed_within(customer=changed, now=now(), days=2) == frozenset()


def test_a_sim_swap_counts_as_a_change() -> None:
    customer = make_customer()
    contact_points.mark_sim_swapped(point=point_of(customer, ContactKind.PHONE), by=system(), now=now())

    assert contact_points.changed_within(customer=customer, now=now()) == {ContactKind.PHONE}


def test_notices_find_the_old_verified_addresses() -> None:
    customer = make_customer_with_new_phone()
    unverified = supersede(customer, ContactKind.MAIL, "typo@example.org", how="")
    supersede(customer, ContactKind.MAIL, "right@example.org")

    reach = contact_points.reach_of(customer=customer, since=now() - timedelta(days=30))

    assert {point.kind for point in reach.earlier} == {"mail", "phone"}
    assert unverified not in reach.earlier
    assert reach.in_force == contact_points.currents(customer=customer)


def test_an_address_that_was_replaced_twice_is_found_once() -> None:
    customer = make_customer()
    for value in ("other@example.org", "again@example.org", "other@example.org", "last@example.org"):
        supersede(customer, ContactKind.MAIL, value)

    reach = contact_points.reach_of(customer=customer, since=now() - timedelta(days=30))

    found = [point.value.partition("@")[0] for point in reach.earlier]
    assert found[:2] == ["other", "again"]
    assert len(found) == 3, "and the first one"


def test_where_a_customer_is_reached_is_read_in_one_query_that_opens_nothing(
    django_assert_num_queries: Callable[[int], AbstractContextManager[CaptureQueriesContext]],
) -> None:
    customer = make_customer_with_new_phone()

    with django_assert_num_queries(1) as captured:
        contact_points.reach_of(customer=customer, since=now() - timedelta(days=30))

    assert '"value"' not in captured.captured_queries[0]["sql"]
