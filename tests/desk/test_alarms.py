"""An alarm can be acted on: whom to call and the number, what came of it, and who closed it."""

from __future__ import annotations

import pytest

from backoffice.cases import answering, incidents
from backoffice.cases.models import Case, Event, Incident, IncidentKind, ItemState, Resolution, WorkItem
from backoffice.customers import contact_points, reading
from backoffice.customers.models import Access
from backoffice.staff.models import Role
from backoffice.visits import calling_off
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_customer_with_new_phone, make_staff
from tests.playing import advance, ask, close, customer_actor, incidents_of, open_card_case, open_incident
from tests.visits.visiting import at_the_door, in_the_window
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db
WHY = {"why": "other", "words": "An alarm of the visit"}
CAME = {"outcome": "new_visit", "reason": "The battery was empty", "called_visitor": "reached"}


@pytest.fixture
def alarm() -> WorkItem:
    """A visitor of whom nothing was heard, and the item that asks a supervisor to look into it."""
    visit = at_the_door()
    advance(visit.case, effects=(DoEffect("alarm", {"why": "no_result"}),))
    return ask(visit.case, "look_into_alarm")


def number_of(case: Case) -> str:
    point = contact_points.current(customer=case.customer, kind="phone")
    assert point is not None
    return str(point.value)


def test_it_says_whom_to_call_and_offers_the_number_without_showing_it(at_desk: Desk, alarm: WorkItem) -> None:
    visitor = alarm.case.visit.visitor
    page = at_desk(role=Role.SUPERVISOR).get(f"/desk/item/{alarm.id}/").content.decode()

    assert "Call the visitor first" in page
    assert visitor is not None
    assert visitor.get_full_name() in page
    assert "Show: The customer&#x27;s telephone number" in page
    assert number_of(alarm.case) not in page


@pytest.mark.parametrize("kind", ["look_into_alarm", "look_into_incident", "call_customer", "correct_address"])
def test_a_press_with_a_reason_shows_the_number_and_the_customer_sees_who_looked(at_desk: Desk, kind: str) -> None:
    if kind == "look_into_alarm":
        visit = at_the_door()
        item, sue = ask(visit.case, kind), make_staff(role=Role.SUPERVISOR)
    elif kind == "look_into_incident":
        case, sue = open_card_case(make_card()), make_staff(role=Role.SUPERVISOR)
        open_incident(case, IncidentKind.STEP_FAILS, key="1")
        item = WorkItem.objects.get(kind=kind)
    else:
        item, sue = ask(open_card_case(make_card()), kind), make_staff()
    desk = at_desk(sue)

    page = desk.post(f"/desk/item/{item.id}/evidence/customer_phone/", WHY).content.decode()

    assert number_of(item.case) in page
    looked = reading.openings_of(customer=item.case.customer).get(reason="An alarm of the visit")
    assert looked.user == sue
    assert Event.objects.filter(case=item.case, kind="item.evidence_shown", reason="An alarm of the visit").exists()
    assert number_of(item.case) not in desk.get(f"/desk/item/{item.id}/").content.decode()


@pytest.mark.parametrize(
    "reason", [{}, {"why": "other", "words": "x"}, {"why": "other", "words": "4242 4242 4242 4242"}]
)
def test_without_a_good_reason_no_number_is_shown_and_nothing_noted(
    at_desk: Desk, alarm: WorkItem, reason: dict[str, str]
) -> None:
    way = f"/desk/item/{alarm.id}/evidence/customer_phone/"

    answer = at_desk(role=Role.SUPERVISOR).post(way, reason)

    assert answer.status_code == 400
    assert number_of(alarm.case) not in answer.content.decode()
    assert not Access.objects.exclude(reason="").exists()


def test_who_may_not_do_the_item_gets_no_number(at_desk: Desk, alarm: WorkItem) -> None:
    answer = at_desk(role=Role.SUPPORT).post(f"/desk/item/{alarm.id}/evidence/customer_phone/", WHY)

    assert answer.status_code == 403
    assert number_of(alarm.case) not in answer.content.decode()


def test_a_new_number_is_shown_with_a_warning(at_desk: Desk) -> None:
    item = ask(open_card_case(make_card(customer=make_customer_with_new_phone())), "call_customer")

    page = at_desk().post(f"/desk/item/{item.id}/evidence/customer_phone/", WHY).content.decode()

    assert "who answers may be somebody else" in page


def test_who_was_called_and_what_came_of_it_is_in_the_row_in_the_name_of_who_did_it(
    at_desk: Desk, alarm: WorkItem
) -> None:
    sue = make_staff(role=Role.SUPERVISOR)

    at_desk(sue).post(f"/desk/item/{alarm.id}/", CAME | {"called_customer": "not_reached"})
    page = at_desk(sue).get(f"/desk/case/{alarm.case.reference}/").content.decode()

    incident = Incident.objects.get(case=alarm.case)
    assert incident.called == {"visitor": "reached", "customer": "not_reached"}
    assert (incident.came_of_it, incident.resolution) == ("The battery was empty", Resolution.LOOKED_INTO)
    assert incident.resolved_by == sue
    assert "the visitor: called and reached, the customer: called, not reached" in page
    assert "“The battery was empty”" in page


def test_nobody_has_to_be_called(at_desk: Desk, alarm: WorkItem) -> None:
    at_desk(role=Role.SUPERVISOR).post(f"/desk/item/{alarm.id}/", {"outcome": "alternative", "reason": "They wrote"})

    assert Incident.objects.get(case=alarm.case).called is None
    assert incidents_of(alarm.case) == []


def test_a_second_alarm_stands_beside_the_first(at_desk: Desk) -> None:
    visit = in_the_window()
    assert visit.visitor is not None
    calling_off.feels_unsafe(case_id=visit.case_id, by=actor(visit.visitor, channel="field"), user=visit.visitor)
    calling_off.nobody_expected(case_id=visit.case_id, by=customer_actor(visit.case.customer))

    page = at_desk(role=Role.SUPERVISOR).get(f"/desk/case/{visit.case.reference}/").content.decode()

    assert incidents_of(visit.case) == [("alarm", "visitor_unsafe"), ("alarm", "nobody_expected")]
    assert "the visitor does not feel safe" in page
    assert "the customer expects nobody" in page
    assert "visitor_unsafe" not in page


def test_an_alarm_after_the_visit_has_a_work_item_too(at_desk: Desk) -> None:
    visit = in_the_window()
    calling_off.cancel(case_id=visit.case_id, alternative="branch", by=customer_actor(visit.case.customer))
    calling_off.nobody_expected(case_id=visit.case_id, by=customer_actor(visit.case.customer))

    [item] = WorkItem.objects.filter(case=visit.case, kind="look_into_incident", state=ItemState.OPEN)
    sue = make_staff(role=Role.SUPERVISOR)
    answering.answer(
        item_id=item.id,
        by=actor(sue),
        data={"outcome": "looked_into", "reason": "A neighbour rang", "called_customer": "reached"},
    )

    incident = Incident.objects.get(case=visit.case)
    assert (incident.resolved_by, incident.called) == (sue, {"customer": "reached"})


def test_try_again_is_not_offered_for_what_nothing_would_be_tried_for(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    open_incident(case, IncidentKind.ENGINE_LOST)
    item, supervisor = WorkItem.objects.get(kind="look_into_incident"), at_desk(role=Role.SUPERVISOR)
    said = {"reason": "Started by hand"}

    page = supervisor.get(f"/desk/item/{item.id}/").content.decode()
    refused = supervisor.post(f"/desk/item/{item.id}/", {"outcome": "try_again", **said})

    assert "Try again" not in page
    assert refused.status_code == 400
    assert incidents_of(case) == [("engine_lost", "")]
    supervisor.post(f"/desk/item/{item.id}/", {"outcome": "looked_into", **said})
    assert incidents_of(case) == []


@pytest.mark.parametrize("kind", IncidentKind)
def test_the_list_of_what_needs_attention_offers_to_try_only_what_can_be_tried(
    at_desk: Desk, kind: IncidentKind
) -> None:
    case = open_card_case(make_card())
    open_incident(case, kind, key="issuer" if kind == IncidentKind.OUTSIDE_AWAY else "")

    page = at_desk(role=Role.SUPERVISOR).get("/desk/?tab=attention").content.decode()

    offered = f"/desk/case/{case.reference}/retry/" in page
    assert offered is (kind in (IncidentKind.DEAD_LETTER, IncidentKind.OUTSIDE_AWAY))
    assert ("Trying again does not help here." in page) is not offered


def test_trying_again_clears_no_alarm_about_a_visit(at_desk: Desk, alarm: WorkItem) -> None:
    supervisor = at_desk(role=Role.SUPERVISOR)

    page = supervisor.get(f"/desk/case/{alarm.case.reference}/").content.decode()
    refused = supervisor.post(f"/desk/case/{alarm.case.reference}/retry/")

    alarm.refresh_from_db()
    assert "Trying again does not help here." in page
    assert refused.status_code == 409
    assert incidents_of(alarm.case) == [("alarm", "no_result")]
    assert alarm.state == ItemState.OPEN


def test_trying_another_trouble_again_leaves_the_alarm(at_desk: Desk, alarm: WorkItem) -> None:
    open_incident(alarm.case, IncidentKind.DEAD_LETTER, key="1", error="KeyError")

    at_desk(role=Role.SUPERVISOR).post(f"/desk/case/{alarm.case.reference}/retry/")

    assert incidents_of(alarm.case) == [("alarm", "no_result")]


# --- what no work item asks for ---------------------------------------------------------------------------------------


def test_a_case_that_ended_as_failed_is_closed_by_a_person_in_their_name(at_desk: Desk) -> None:
    case, sue = open_card_case(make_card()), make_staff(role=Role.SUPERVISOR)
    close(case, "failed")
    desk, incident = at_desk(sue), Incident.objects.get(case=case)
    page = desk.get(f"/desk/case/{case.reference}/").content.decode()
    way = f"/desk/case/{case.reference}/incident/{incident.pk}/"

    desk.post(way, {"reason": "A new card was ordered by hand", "called_customer": "reached"})

    incident.refresh_from_db()
    assert way in page
    assert (incident.resolved_by, incident.came_of_it) == (sue, "A new card was ordered by hand")
    assert incidents_of(case) == []


def test_it_needs_words_and_a_supervisor_and_is_closed_once(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    close(case, "failed")
    incident, supervisor = Incident.objects.get(case=case), at_desk(role=Role.SUPERVISOR)
    way = f"/desk/case/{case.reference}/incident/{incident.pk}/"

    statuses = [
        at_desk(role=Role.SUPPORT).post(way, {"reason": "x"}).status_code,
        supervisor.post(way, {"reason": " "}).status_code,
        supervisor.post(way, {"reason": "4242 4242 4242 4242"}).status_code,
        supervisor.post(f"/desk/case/{open_card_case(make_card()).reference}/incident/{incident.pk}/").status_code,
        supervisor.post(way, {"reason": "Done"}).status_code,
        supervisor.post(way, {"reason": "Done again"}).status_code,
    ]

    incident.refresh_from_db()
    assert statuses == [403, 400, 400, 404, 302, 409]
    assert incident.came_of_it == "Done"


def test_who_looks_into_it_says_so_and_the_next_one_sees_it(at_desk: Desk) -> None:
    case = open_card_case(make_card())
    close(case, "failed")
    incident, sue, sam = Incident.objects.get(case=case), *(make_staff(role=Role.SUPERVISOR) for _ in range(2))
    way, of_case = f"/desk/case/{case.reference}/incident/{incident.pk}/", f"/desk/case/{case.reference}/"

    assert "I look into it" in at_desk(sue).get(way).content.decode()
    assert at_desk(role=Role.SUPPORT).post(way, {"mine": "1"}).status_code == 403
    assert at_desk(sue).post(way, {"mine": "1"}).headers["Location"] == of_case
    late = at_desk(sam).post(way, {"mine": "1"}, follow=True).content.decode()

    incident.refresh_from_db()
    assert (incident.looked_into_by, incident.resolved_at) == (sue, None)
    assert "Somebody else looks into it already." in late
    assert f"{sue.get_full_name()} looks into it" in late
    assert "I look into it" not in at_desk(sam).get(way).content.decode()
    at_desk(sam).post(way, {"reason": "Done"})
    assert at_desk(sue).post(way, {"mine": "1"}).status_code == 409
    assert "looks into it" not in at_desk(sam).get(of_case).content.decode()


def test_what_ends_by_itself_or_has_a_work_item_is_not_closed_from_the_page(at_desk: Desk, alarm: WorkItem) -> None:
    open_incident(alarm.case, IncidentKind.OUTSIDE_AWAY, key="issuer")
    open_incident(alarm.case, IncidentKind.STEP_FAILS, key="1")

    page = at_desk(role=Role.SUPERVISOR).get(f"/desk/case/{alarm.case.reference}/")

    assert len(page.context["incident_lines"]) == 3
    assert {line.close_url for line in page.context["incident_lines"]} == {""}


def test_resolving_notes_no_call_where_nobody_called(alarm: WorkItem) -> None:
    assert incidents.called_in({"outcome": "x", "called_visitor": "", "called_customer": "reached"}) == {
        "customer": "reached"
    }
