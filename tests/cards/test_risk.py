from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backoffice.actors import Actor, ActorKind, Level, system
from backoffice.cards.models import Card, CardReissue, Reason
from backoffice.cards.reissue import risk
from backoffice.cases import answering
from backoffice.cases.models import Case, Event
from backoffice.cases.timeline_view import sentence_for_staff
from backoffice.cases.unit_of_work import changing
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.customers.postal import PostalAddress
from tests.cards.test_forms import MOVED
from tests.factories import make_address, make_card, make_customer, make_customer_with_new_phone, new_phone_number
from tests.playing import CALM, ask, customer_actor, open_card_case
from workflows.card_reissue.facts import Risk

pytestmark = pytest.mark.django_db
NEW: dict[ContactKind, str | PostalAddress] = {
    ContactKind.PHONE: new_phone_number(),
    ContactKind.MAIL: "elsewhere@example.org",
    ContactKind.POSTAL: make_address("Elders 1"),
}


def survey(case: Case, **answers: Any) -> None:
    item = ask(case, "email_survey")
    by = customer_actor(case.customer, level=Level.CONFIRMED)
    answering.answer(item_id=item.id, by=by, data=CALM | answers)


def test_old_addresses_and_a_calm_survey_are_a_low_risk() -> None:
    case = open_card_case(make_card())
    survey(case)

    assert risk.assess(case, now=datetime.now(UTC)) == risk.Assessed(Risk.LOW, ())


@pytest.mark.parametrize("kind", list(ContactKind))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seconds=st.integers(0, int(timedelta(days=60).total_seconds())))
@example(seconds=int(timedelta(days=30).total_seconds()) - 1)
@example(seconds=int(timedelta(days=30).total_seconds()))
@example(seconds=0)
def test_an_address_that_changed_within_thirty_days_is_a_high_risk(kind: ContactKind, seconds: int) -> None:
    now = datetime.now(UTC)
    customer = make_customer(days=400)
    contact_points.supersede(
        customer=customer,
        kind=kind,
        value=NEW[kind],
        how="portal",
        by=system(),
        now=now - timedelta(seconds=seconds),
    )
    case = open_card_case(make_card(customer=customer))

    found = risk.assess(case, now=now)

    young = seconds < timedelta(days=30).total_seconds()
    assert found == (risk.Assessed(Risk.HIGH, (kind.value,)) if young else risk.Assessed(Risk.LOW, ()))


def test_a_swapped_sim_is_a_high_risk_whatever_the_age_of_the_number() -> None:
    case = open_card_case(make_card())
    point = contact_points.current(customer=case.customer, kind=ContactKind.PHONE)
    assert point is not None
    operator = Actor(kind=ActorKind.OUTSIDE, id="operator")
    contact_points.mark_sim_swapped(point=point, by=operator, now=datetime.now(UTC))

    assert risk.assess(case, now=datetime.now(UTC)).level == "high"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"contacted": "call", "asked_for_secrets": "refused"}, "contacted"),
        ({"contacted": "call", "asked_for_secrets": "told", "told_what": ["pin"]}, "told_secret"),
        (MOVED, "address_wrong"),
    ],
)
def test_what_the_customer_tells_may_be_a_high_risk(answers: dict[str, Any], why: str) -> None:
    case = open_card_case(make_card(), reason=Reason.LOST)
    survey(case, **answers)

    assert risk.assess(case, now=datetime.now(UTC)) == risk.Assessed(Risk.HIGH, (why,))


def test_the_latest_survey_counts() -> None:
    case = open_card_case(make_card())
    survey(case, contacted="call", asked_for_secrets="refused")
    survey(case)

    assert risk.assess(case, now=datetime.now(UTC)).level == "low"


def test_the_risk_is_written_down_with_all_its_reasons() -> None:
    card: Card = make_card(customer=make_customer_with_new_phone())
    case = open_card_case(card)
    survey(case, contacted="call", asked_for_secrets="refused")

    with changing(case.id) as locked:
        risk.assessed(locked, by=system(), now=datetime.now(UTC))

    reissue = CardReissue.objects.get(case=case)
    assert reissue.risk == "high"
    assert reissue.risk_why == "contacted,phone"
    event = Event.objects.get(case=case, kind="card.risk")
    assert event.data == {"risk": "high", "why": "contacted,phone"}
    assert sentence_for_staff(event, case.process) == (
        "Risk: high (somebody asked the customer for secrets; telephone number changed less than 30 days ago)."
    )
