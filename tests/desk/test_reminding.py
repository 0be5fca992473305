"""Reminding a customer by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.cases import reminding
from backoffice.cases.models import Event, WorkItem
from backoffice.refusals import NotFound
from backoffice.staff.models import Role
from backoffice.trust.models import Contact
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff, now
from tests.playing import ask, close, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> WorkItem:
    return ask(open_card_case(make_card()), "email_survey")


def test_the_customer_is_written_to_once_more_and_it_is_noted(at_desk: Desk, survey: WorkItem) -> None:
    answer = at_desk(role=Role.SUPPORT).post(f"/desk/item/{survey.id}/remind/")

    assert answer.status_code == 302
    assert Contact.objects.get(case_id=survey.case_id).purpose == "card_reissue.survey_reminder"
    assert Event.objects.get(case=survey.case, kind="item.reminded").actor_kind == "staff"


def test_within_an_hour_there_is_no_second_message(at_desk: Desk, survey: WorkItem) -> None:
    desk = at_desk(role=Role.SUPPORT)
    desk.post(f"/desk/item/{survey.id}/remind/")

    again = desk.post(f"/desk/item/{survey.id}/remind/")
    reminding.remind_by_hand(item_id=survey.id, by=actor(make_staff()), now=now() + timedelta(minutes=61))

    assert again.status_code == 409
    assert "less than an hour ago" in again.content.decode()
    assert Contact.objects.filter(case_id=survey.case_id).count() == 2


def test_a_role_that_does_not_write_to_customers_is_refused(at_desk: Desk, survey: WorkItem) -> None:
    assert at_desk(role=Role.APPROVER).post(f"/desk/item/{survey.id}/remind/").status_code == 403
    assert not Contact.objects.exists()


def test_what_waits_for_us_or_is_closed_needs_no_reminder(at_desk: Desk, survey: WorkItem) -> None:
    call = ask(survey.case, "call_customer")
    desk = at_desk(role=Role.SUPPORT)

    ours = desk.post(f"/desk/item/{call.id}/remind/")
    close(survey.case)
    closed = desk.post(f"/desk/item/{survey.id}/remind/")

    assert (ours.status_code, closed.status_code) == (409, 409)
    assert not Contact.objects.filter(purpose="card_reissue.survey_reminder").exists()


def test_what_is_not_there_is_told(survey: WorkItem) -> None:
    with pytest.raises(NotFound):
        reminding.remind_by_hand(item_id=survey.case_id, by=actor(make_staff()))


def test_the_page_offers_it_or_says_why_not(at_desk: Desk, survey: WorkItem) -> None:
    ask(survey.case, "call_customer")
    desk = at_desk(role=Role.SUPPORT)

    before = desk.get(f"/desk/case/{survey.case.reference}/").content.decode()
    desk.post(f"/desk/item/{survey.id}/remind/")
    after = desk.get(f"/desk/case/{survey.case.reference}/").content.decode()

    assert "Remind by mail" in before
    assert "less than an hour ago" not in before
    assert "less than an hour ago" in after
