"""The page of a case: where it stands, what is to be done, and what I may do."""

from __future__ import annotations

import pytest

from backoffice.actors import Level
from backoffice.cases import answering, freezing
from backoffice.cases.models import Case, CaseState, IncidentKind, Part
from backoffice.references import new_reference
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_customer_with_new_phone, make_staff
from tests.playing import advance, ask, customer_actor, open_card_case, open_incident
from workflows.base.contracts import DoEffect, OpenChild, SendNotice

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A case in which a support agent has to call the customer."""
    case = open_card_case(make_card(customer=make_customer_with_new_phone()))
    advance(case, stage="blocked")
    advance(case, stage="told", notices=(SendNotice("card_blocked"),))
    ask(case, "call_customer", stage="survey")
    return case


def test_it_says_what_it_is_where_it_stands_and_what_is_to_be_done(at_desk: Desk, case: Case) -> None:
    page = at_desk().get(f"/desk/case/{case.reference}/").content.decode()

    assert "Card reissue: fraud" in page
    assert "Waiting on us" in page
    assert "Call the customer, who has not answered" in page
    assert "VISA ····" in page
    assert "phone changed 3 days ago" in page
    assert "It says that we blocked a card." in page


def test_a_reference_is_taken_as_it_is_typed(at_desk: Desk, case: Case) -> None:
    assert at_desk().get(f"/desk/case/{case.reference.replace('-', '').lower()}/").status_code == 200


@pytest.mark.parametrize("typed", ["K7Q-4MX-3", "nonsense"])
def test_a_malformed_reference_is_told(at_desk: Desk, typed: str) -> None:
    answer = at_desk().get(f"/desk/case/{typed}/")

    assert answer.status_code == 400
    assert f"{typed.upper()} is not a reference: a character in it is wrong" in answer.content.decode()


def test_an_unknown_reference_is_told(at_desk: Desk) -> None:
    reference = new_reference()

    answer = at_desk().get(f"/desk/case/{reference}/")

    assert answer.status_code == 404
    assert f"There is no case {reference}" in answer.content.decode()


def test_the_steps_of_the_process_are_shown(at_desk: Desk, case: Case) -> None:
    steps = at_desk().get(f"/desk/case/{case.reference}/").context["steps"]

    assert [(step.label, step.state) for step in steps[:4]] == [
        ("Card blocked", "done"),
        ("Customer told", "done"),
        ("Survey", "current"),
        ("Risk assessed", "future"),
    ]


def test_what_the_process_adds_stands_on_the_page_and_on_those_of_the_cases_under_it(at_desk: Desk, case: Case) -> None:
    advance(case, effects=(DoEffect("assess_risk"),), children=(OpenChild("home_visit", "home_visit"),))
    below = Case.objects.get(parent=case)
    desk = at_desk()

    for shown in (case, below):
        page = desk.get(f"/desk/case/{shown.reference}/").content.decode()
        assert "telephone number changed less than 30 days ago" in page


def test_what_the_customer_proved_is_shown_with_how(at_desk: Desk, case: Case) -> None:
    item = ask(case, "prove_identity")
    answering.answer(
        item_id=item.id, by=customer_actor(case.customer, level=Level.CONFIRMED, proof="webauthn"), data={}
    )

    page = at_desk().get(f"/desk/case/{case.reference}/").content.decode()

    assert "a passkey, at the portal" in page


def test_the_timeline_is_filtered_by_who_acted(at_desk: Desk, case: Case) -> None:
    freezing.freeze(case_id=case.id, by=actor(make_staff()), reason="A call that we did not make")
    desk = at_desk()

    people = desk.get(f"/desk/case/{case.reference}/?show=people")
    system_only = desk.get(f"/desk/case/{case.reference}/?show=system")

    assert [event.sentence for event in people.context["events"]] == [
        "The case was frozen. “A call that we did not make”"
    ]
    assert "frozen" not in " ".join(event.sentence for event in system_only.context["events"])


def test_a_long_timeline_goes_on_from_a_number(at_desk: Desk, case: Case) -> None:
    for stage in ["checked", "survey"] * 30:
        advance(case, stage=stage)
    desk = at_desk()

    first = desk.get(f"/desk/case/{case.reference}/")
    rest = desk.get(first.context["older"].partition("#")[0])

    assert len(first.context["events"]) == 50
    assert rest.context["events"][-1].number == 1


def test_the_visit_under_the_case_is_related(at_desk: Desk, case: Case) -> None:
    advance(case, children=(OpenChild("home_visit", "home_visit"),))
    child = Case.objects.get(parent=case)

    page = at_desk().get(f"/desk/case/{case.reference}/").content.decode()

    assert child.reference in page
    assert "under this one" in page


def test_anyone_of_the_desk_freezes_and_says_why(at_desk: Desk, case: Case) -> None:
    answer = at_desk().post(
        f"/desk/case/{case.reference}/freeze/", {"reason": "They say they did not ask"}, follow=True
    )

    case.refresh_from_db()
    assert case.state == CaseState.FROZEN
    assert "The case is frozen." in answer.content.decode()


def test_freezing_without_a_reason_changes_nothing(at_desk: Desk, case: Case) -> None:
    answer = at_desk().post(f"/desk/case/{case.reference}/freeze/", {"reason": " "})

    case.refresh_from_db()
    assert answer.status_code == 400
    assert case.state == CaseState.OPEN


def test_who_paused_a_case_does_not_let_it_go_on(at_desk: Desk, case: Case) -> None:
    supervisor = make_staff(role=Role.SUPERVISOR)
    freezing.freeze(case_id=case.id, by=actor(supervisor), reason="Suspicion")
    desk = at_desk(supervisor)

    page = desk.get(f"/desk/case/{case.reference}/").content.decode()
    refused = desk.post(f"/desk/case/{case.reference}/unfreeze/", {"reason": "All well"})

    case.refresh_from_db()
    assert "You froze this case; another supervisor must unfreeze it." in page
    assert refused.status_code == 403
    assert case.state == CaseState.FROZEN


def test_another_supervisor_lets_it_go_on(at_desk: Desk, case: Case) -> None:
    freezing.freeze(case_id=case.id, by=actor(make_staff()), reason="Suspicion")

    at_desk(role=Role.SUPERVISOR).post(f"/desk/case/{case.reference}/unfreeze/", {"reason": "All well"})

    case.refresh_from_db()
    assert case.state == CaseState.OPEN


@pytest.mark.parametrize("what", ["unfreeze", "withdraw"])
def test_what_counts_asks_for_the_second_factor_again(at_desk: Desk, case: Case, what: str) -> None:
    if what == "unfreeze":
        freezing.freeze(case_id=case.id, by=actor(make_staff()), reason="Suspicion")
    desk = at_desk(role=Role.SUPERVISOR, seconds_ago=16 * 60)

    asked = desk.post(f"/desk/case/{case.reference}/{what}/", {"reason": "All well"})

    case.refresh_from_db()
    assert asked.headers["Location"].startswith("/account/2fa/reauthenticate/?next=")
    assert case.state == (CaseState.FROZEN if what == "unfreeze" else CaseState.OPEN)


def test_a_case_is_withdrawn_with_a_reason(at_desk: Desk, case: Case) -> None:
    at_desk().post(f"/desk/case/{case.reference}/withdraw/", {"reason": "Asked on the telephone"})

    case.refresh_from_db()
    assert case.state == CaseState.STOPPING


def test_past_the_point_of_no_return_the_page_says_why_not(at_desk: Desk, case: Case) -> None:
    advance(case, no_return=True, stage="ordered")
    desk = at_desk()

    page = desk.get(f"/desk/case/{case.reference}/").content.decode()
    refused = desk.post(f"/desk/case/{case.reference}/withdraw/", {"reason": "Asked on the telephone"})

    case.refresh_from_db()
    assert "It is too late to stop this" in page
    assert refused.status_code == 409
    assert "Nothing was changed." in refused.content.decode()
    assert case.state == CaseState.OPEN


def test_a_role_that_does_not_stop_cases_is_refused(at_desk: Desk, case: Case) -> None:
    refused = at_desk(role=Role.COMPLIANCE).post(f"/desk/case/{case.reference}/withdraw/", {"reason": "No"})

    assert refused.status_code == 403
    assert "Your role does not stop cases." in refused.content.decode()


def test_trying_again_where_nothing_is_broken_is_refused(at_desk: Desk, case: Case) -> None:
    refused = at_desk(role=Role.SUPERVISOR).post(f"/desk/case/{case.reference}/retry/")

    assert refused.status_code == 409
    assert "Nothing of this case needs attention now." in refused.content.decode()


def test_an_unknown_action_is_no_page(at_desk: Desk, case: Case) -> None:
    assert at_desk().post(f"/desk/case/{case.reference}/delete/").status_code == 404


def test_what_needs_attention_stands_on_top(at_desk: Desk, case: Case) -> None:
    open_incident(case, IncidentKind.PROCESS_FAILS, error="LookupError")

    page = at_desk().get(f"/desk/case/{case.reference}/").content.decode()

    assert "waits for a mended version" in page
    assert "Only a supervisor or an administrator can try this again." in page


def test_a_case_without_anything_to_do_says_what_is_waited_for(at_desk: Desk, case: Case) -> None:
    advance(case, withdraws=("call_customer",))
    hanna = make_staff()
    Part.objects.create(root=case, user=hanna, part="requester")

    assert "Received, being processed." in at_desk(hanna).get(f"/desk/case/{case.reference}/").content.decode()
