"""The first page of the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from backoffice.cases import answering, freezing, worklist
from backoffice.cases.models import IncidentKind, WorkItem
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_customer_with_new_phone, make_staff
from tests.playing import advance, ask, incidents_of, open_card_case, open_incident
from workflows.base.contracts import OpenChild

pytestmark = pytest.mark.django_db


def a_call(*, due: timedelta | None = None) -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer", due=due)


def test_the_first_page_shows_what_waits_for_my_roles_and_not_for_others(at_desk: Desk) -> None:
    mine, others = a_call(), ask(open_card_case(make_card()), "approve_reissue")

    page = at_desk(role=Role.SUPPORT).get("/desk/").content.decode()

    assert mine.case.reference in page
    assert "Call the customer" in page
    assert mine.case.customer.name in page
    assert others.case.reference not in page


def test_a_row_says_why_now(at_desk: Desk) -> None:
    ask(open_card_case(make_card(customer=make_customer_with_new_phone())), "approve_reissue")

    assert "phone changed 3 days ago" in at_desk(role=Role.APPROVER).get("/desk/").content.decode()


def test_what_was_done_before_is_the_reason_where_nothing_changed(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    identified = ask(case, "identify_at_branch")
    answer(identified, {"outcome": "matched", "reason": "Passport", "document": "passport", "document_last": "A123"})
    ask(case, "approve_reissue")

    assert "after “Identify the customer at the branch”" in at_desk(role=Role.APPROVER).get("/desk/").content.decode()


def test_what_has_no_other_reason_just_came_up(at_desk: Desk) -> None:
    ask(open_card_case(make_card()), "approve_reissue")

    assert "just came up" in at_desk(role=Role.APPROVER).get("/desk/").content.decode()


def answer(item: WorkItem, data: dict[str, str]) -> None:
    answering.answer(item_id=item.id, by=actor(make_staff()), data=data)


def test_one_press_claims_and_comes_back(at_desk: Desk) -> None:
    item, hanna = a_call(), make_staff()

    answer = at_desk(hanna).post(f"/desk/item/{item.id}/claim/?next=/desk/%3Ftab=roles", follow=True)

    item.refresh_from_db()
    assert item.holder == hanna
    assert answer.redirect_chain == [("/desk/?tab=roles", 302)]
    assert f"{item.case.reference} is yours now." in answer.content.decode()


def test_a_claim_never_leads_to_another_site(at_desk: Desk) -> None:
    item = a_call()

    answer = at_desk().post(f"/desk/item/{item.id}/claim/?next=https://evil.example/")

    assert answer.headers["Location"].startswith(f"/desk/item/{item.id}/#")


def test_of_two_who_claim_the_second_is_told(at_desk: Desk) -> None:
    item, first = a_call(), make_staff()
    worklist.claim(item_id=item.id, by=actor(first), user=first)

    answer = at_desk().post(f"/desk/item/{item.id}/claim/")

    assert answer.status_code == 409
    assert "A colleague has claimed this" in answer.content.decode()


def test_a_claim_is_a_post(at_desk: Desk) -> None:
    assert at_desk().get(f"/desk/item/{a_call().id}/claim/").status_code == 405


def test_overdue_work_is_counted_and_said_in_words(at_desk: Desk) -> None:
    item = a_call(due=timedelta(hours=-2))

    page = at_desk().get("/desk/?tab=overdue").content.decode()

    assert item.case.reference in page
    assert "due 2 hours ago" in page
    assert "work--late" in page


def test_a_list_goes_on_where_its_page_ended_and_counts_no_further_than_fifty(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    item = ask(case, "call_customer")
    fields = {f.attname: getattr(item, f.attname) for f in WorkItem._meta.concrete_fields if f.attname != "id"}
    WorkItem.objects.bulk_create(WorkItem(**fields | {"step": f"call-{number}"}) for number in range(60))
    desk = at_desk()

    first = desk.get("/desk/?tab=roles")
    seen = {row.url for row in first.context["rows"]}
    second = desk.get(first.context["older"])
    third = desk.get(second.context["older"])

    assert "50+" in first.content.decode()
    urls = [row.url for page in (first, second, third) for row in page.context["rows"]]
    assert len(seen) == 25
    assert len(urls) == len(set(urls)) == 61
    assert third.context["older"] == ""


@pytest.mark.parametrize(
    "cursor", ["yesterday", "2026-01-01_x", "2026-01-01T00:00:00_6b1e7a52-0000-4000-8000-000000000000"]
)
def test_a_page_that_cannot_be_read_is_refused_with_words(at_desk: Desk, cursor: str) -> None:
    answer = at_desk().get("/desk/", {"tab": "roles", "after": cursor})

    assert answer.status_code == 400
    assert "Start at its first page" in answer.content.decode()


def test_a_case_that_needs_attention_shows_why_and_is_tried_again(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    open_incident(case, IncidentKind.DEAD_LETTER, key="1", error="KeyError")
    open_incident(case, IncidentKind.OUTSIDE_AWAY, key="issuer", code="no_answer_in_time")
    supervisor = at_desk(role=Role.SUPERVISOR)

    page = supervisor.get("/desk/?tab=attention").content.decode()
    supervisor.post(f"/desk/case/{case.reference}/retry/")

    assert "The process could not be told something" in page
    assert "The issuer does not answer just now; we try again every few seconds" in page
    assert incidents_of(case) == [("outside_away", "issuer")]


def test_who_may_not_try_again_is_told_who_can(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    open_incident(case, IncidentKind.OUTSIDE_AWAY, key="issuer", code="no_answer_in_time")
    support = at_desk(role=Role.SUPPORT)

    page = support.get("/desk/?tab=attention").content.decode()
    refused = support.post(f"/desk/case/{case.reference}/retry/")

    case.refresh_from_db()
    assert "A supervisor or an administrator can try this again." in page
    assert refused.status_code == 403
    assert incidents_of(case) == [("outside_away", "issuer")]


def test_a_paused_case_stands_there_once_until_a_supervisor_lets_it_go_on(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    advance(case, children=(OpenChild("home_visit", "home_visit"),))
    freezing.freeze(case_id=case.id, by=actor(make_staff()), reason="Somebody rang in their name.")
    sam = make_staff(role=Role.SUPERVISOR)

    paused = at_desk(sam).get("/desk/?tab=attention").content.decode()
    freezing.unfreeze(case_id=case.id, by=actor(sam), reason="It was the customer.")
    going_on = at_desk(sam).get("/desk/?tab=attention").content.decode()

    assert paused.count("Frozen: a supervisor looks into it") == 1
    assert case.reference in paused
    assert "Try again" not in paused
    assert "Nothing needs attention" in going_on


def test_an_administrator_sees_what_is_broken_but_not_whose_it_is(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    open_incident(case, IncidentKind.OUTSIDE_AWAY, key="issuer", code="no_answer_in_time")

    page = at_desk(role=Role.ADMINISTRATOR).get("/desk/?tab=attention").content.decode()

    assert case.reference in page
    assert case.customer.name not in page


def test_empty_lists_say_so(at_desk: Desk) -> None:
    desk = at_desk()

    assert "Nothing waits for you" in desk.get("/desk/").content.decode()
    assert "Nothing is overdue" in desk.get("/desk/?tab=overdue").content.decode()
    assert "Nothing needs attention" in desk.get("/desk/?tab=attention").content.decode()


def test_a_field_agent_does_not_come_in(at_desk: Desk) -> None:
    assert at_desk(role=Role.FIELD).get("/desk/").status_code in (302, 403)
    assert at_desk(role=Role.FIELD).get("/desk/", follow=True).status_code == 403


def test_who_is_not_signed_in_signs_in_as_on_every_face(client: Client) -> None:
    answer = client.get("/desk/?tab=roles")

    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).headers["Location"].startswith("/account/login/")


def test_administrators_are_shown_no_way_that_is_not_theirs(at_desk: Desk) -> None:
    page = at_desk(role=Role.ADMINISTRATOR).get("/desk/").content.decode()

    assert 'id="desk-search"' not in page
    assert "/desk/ours/" not in page
    assert "customer's name" not in page
