from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cards.models import CardReissue, CardState, Reason
from backoffice.cards.ports import Replacement
from backoffice.cards.reissue import blocking, ordering
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.customers.business_days import business_days_after
from backoffice.customers.models import ContactPoint
from backoffice.customers.postal import PostalAddress
from backoffice.refusals import Conflict
from tests.cards.test_shipping import issued, order
from tests.factories import make_card, make_customer
from tests.playing import open_card_case

BRUSSELS = PostalAddress(country="BE", lines=("Rue Haute 1",), postal_code="1000", town="Bruxelles")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "country", "last"),
    [
        (date(2026, 3, 2), "NL", date(2026, 3, 16)),  # two weekends
        (date(2026, 4, 1), "NL", date(2026, 4, 17)),  # Good Friday and Easter Monday
        (
            date(2026, 12, 18),
            "NL",
            date(2027, 1, 5),
        ),  # Christmas and the New Year; the second day of Christmas is a Saturday
        (date(2026, 3, 6), "NL", date(2026, 3, 20)),  # asked on a Friday
        (date(2026, 3, 7), "NL", date(2026, 3, 20)),  # asked on a Saturday
        (date(2026, 7, 2), "US", date(2026, 7, 17)),  # Independence Day is kept on Friday the 3rd
        (date(2026, 3, 2), "XX", date(2026, 3, 16)),  # a country without a list of holidays
    ],
)
def test_ten_business_days_leave_out_weekends_and_public_holidays(start: date, country: str, last: date) -> None:
    assert business_days_after(start, 10, country) == last


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 16, 12, tzinfo=UTC), "2026-03-30T20:00:00+02:00"),  # summer time begins in between
        (datetime(2026, 10, 13, 22, 30, tzinfo=UTC), "2026-10-28T20:00:00+01:00"),  # it is the 14th there already
    ],
)
def test_a_letter_is_expected_by_the_evening_of_the_customers_own_day(now: datetime, expected: str) -> None:
    case = open_card_case(make_card(customer=make_customer(time_zone="Europe/Amsterdam")))
    with changing(case.id) as locked:
        facts = ordering.ordered(locked, issued("ic_new"), by=system(), now=now)

    assert facts.expected_by == datetime.fromisoformat(expected)
    assert facts.expected_by.astimezone(ZoneInfo("Europe/Amsterdam")).hour == 20
    assert not facts.abroad


def test_a_customer_in_another_country_has_longer_to_activate() -> None:
    customer = make_customer(
        country="BE",
        national_ids={},
        contacts={"mail": "b@example.org", "phone": "+12025550188", "postal": BRUSSELS},
    )
    case = open_card_case(make_card(customer=customer))
    with changing(case.id) as locked:
        facts = ordering.ordered(locked, issued("ic_new"), by=system(), now=datetime.now(UTC))

    assert facts.abroad


@pytest.mark.parametrize("reason", [Reason.LOST, Reason.STOLEN, Reason.FRAUD])
def test_a_card_whose_number_changes_is_closed_when_the_new_one_is_ordered_and_noted_once(reason: Reason) -> None:
    card = make_card()
    case = open_card_case(card, reason=reason)
    order(case)
    card.refresh_from_db()
    assert card.state == CardState.CLOSED

    with changing(case.id) as locked:
        blocking.closed(locked, by=system(), now=datetime.now(UTC))

    assert Event.objects.filter(case=case, kind="card.closed").count() == 1


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_card_that_keeps_its_number_works_until_it_is_closed_at_the_end(reason: Reason) -> None:
    card = make_card()
    case = open_card_case(card, reason=reason)
    order(case)
    order(case, "ic_second", again=True)
    card.refresh_from_db()
    assert card.state == CardState.ACTIVE

    with changing(case.id) as locked:
        ordering.activated(locked, by=system(), now=datetime.now(UTC))
        blocking.closed(locked, by=system(), now=datetime.now(UTC))

    card.refresh_from_db()
    assert card.state == CardState.CLOSED
    new = CardReissue.objects.get(case=case).new_card
    assert new is not None
    assert (new.state, new.issuer_token, new.replaces_id) == (CardState.ACTIVE, "ic_second", card.id)


def test_an_order_names_the_old_card_the_case_and_the_networks_reason() -> None:
    card = make_card()
    case = open_card_case(card, reason=Reason.FRAUD)

    request = ordering.order_request(case)

    assert (request.replaces, request.case_id, request.reason) == (card.issuer_token, str(case.id), Replacement.STOLEN)
    assert (request.shipping.postal_code, request.shipping.city) == ("1015 CJ", "Amsterdam")


def test_the_branch_gets_the_card_that_the_post_could_not_deliver(settings: Settings) -> None:
    settings.BRANCH_ADDRESS = "Damrak 1, 1012 LG, Amsterdam, nl"
    case = open_card_case(make_card())

    branch = ordering.branch_request(case).shipping

    assert (branch.line1, branch.postal_code, branch.city, branch.country) == ("Damrak 1", "1012 LG", "Amsterdam", "NL")
    settings.BRANCH_ADDRESS = ""
    with pytest.raises(Conflict) as refused:
        ordering.branch_request(case)
    assert refused.value.code == "no_branch_address"


def test_without_a_postal_address_nothing_is_ordered() -> None:
    case: Case = open_card_case(make_card())
    ContactPoint.objects.filter(customer=case.customer, kind="postal").update(superseded_at=datetime.now(UTC))

    with pytest.raises(Conflict) as refused:
        ordering.order_request(case)

    assert refused.value.code == "no_postal_address"
