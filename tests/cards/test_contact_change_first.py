"""Threat 3: a thief who first changes a customer's addresses does not get a card through them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.actors import Level, system
from backoffice.cards.models import Card, CardState
from backoffice.cards.reissue import posted_codes
from backoffice.cases import answering
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.customers.postal import PostalAddress
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role
from backoffice.trust.models import Code
from tests.factories import actor, make_address, make_card, make_customer, make_staff, new_phone_number
from tests.playing import CALM, advance, ask, customer_actor, open_card_case
from workflows.base.contracts import DoEffect, SendNotice

pytestmark = pytest.mark.django_db
THIEFS: dict[ContactKind, str | PostalAddress] = {
    ContactKind.MAIL: "thief@example.net",
    ContactKind.PHONE: new_phone_number(),
    ContactKind.POSTAL: make_address("Dievensteeg 1"),
}


@pytest.fixture
def stolen() -> Case:
    """The thief has the session: they changed every address two days ago, and reports the card lost."""
    customer = make_customer(days=400)
    for kind, value in THIEFS.items():
        contact_points.supersede(
            customer=customer,
            kind=kind,
            value=value,
            how="portal",
            by=system(),
            now=datetime.now(UTC) - timedelta(days=2),
        )
    return open_card_case(make_card(customer=customer), reason="lost", by=customer_actor(customer))


def test_the_old_addresses_are_told_at_once(stolen: Case) -> None:
    advance(stolen, notices=(SendNotice("card_blocked"),))

    points = [
        message.destination
        for message in Message.objects.filter(template="card_reissue.card_blocked").select_related("point")
    ]
    told = {(point.superseded_at is None, point.kind) for point in points}
    assert told == {(True, "mail"), (True, "phone"), (False, "mail"), (False, "phone")}


def test_the_risk_is_high_whatever_the_thief_says(stolen: Case) -> None:
    item = ask(stolen, "email_survey")
    answering.answer(item_id=item.id, by=customer_actor(stolen.customer, level=Level.CONFIRMED), data=CALM)

    assert advance(stolen, effects=(DoEffect("assess_risk"),)).facts["risk"] == "high"


def test_no_code_goes_to_the_new_address(stolen: Case) -> None:
    done = advance(stolen, effects=(DoEffect("post_code"),))

    assert done.facts == {}
    assert not Code.objects.filter(case_id=stolen.id).exists()
    assert not Message.objects.filter(template="post_code").exists()
    assert Event.objects.filter(case=stolen, kind="card.code_not_posted").count() == 1


def test_a_month_later_a_code_goes_to_it(stolen: Case) -> None:
    with changing(stolen.id) as locked:
        until = posted_codes.post(locked, by=system(), now=datetime.now(UTC) + timedelta(days=29))

    assert until is not None


def test_an_insider_who_helps_does_not_approve_the_case_they_opened() -> None:
    insider = make_staff(role=Role.APPROVER)
    case = open_card_case(make_card(), by=actor(insider))
    item = ask(case, "approve_reissue")

    with pytest.raises(Forbidden):
        answering.answer(item_id=item.id, by=actor(insider), data={"outcome": "approved", "reason": "they called"})


def test_there_is_nothing_to_activate_and_no_other_case_to_open(stolen: Case) -> None:
    by = customer_actor(stolen.customer, level=Level.CONFIRMED)
    item = ask(stolen, "activate_card")
    old = Card.objects.get(customer=stolen.customer)

    with pytest.raises(Invalid):
        answering.answer(item_id=item.id, by=by, data={"last_four": old.last_four})
    with pytest.raises(Conflict):
        open_card_case(old, reason="damaged", by=by)
    assert old.state == CardState.BLOCKED
    assert ContactPoint.objects.filter(customer=stolen.customer).exclude(superseded_at=None).count() == 3
