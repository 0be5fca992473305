"""Answering a page that somebody changed while it was open: it says what changed, and keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from backoffice.cases import answering, freezing, meanwhile, withdrawing, worklist
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.customers.models import Access
from backoffice.refusals import Conflict
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff
from tests.playing import CALM, advance, ask, customer_actor, open_card_case
from workflows.base.contracts import OpenChild

pytestmark = pytest.mark.django_db
TYPED = {"outcome": "reached", "reason": "They answer tonight, after the school run"}


@pytest.fixture
def item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


def page_of(desk: Client, item: WorkItem) -> dict[str, str]:
    """What the page of the item sends besides what is typed."""
    page = desk.get(f"/desk/item/{item.id}/").content.decode()
    [seen] = re.findall(r'name="seen" value="(\d+)"', page)
    return {"seen": seen}


def answered_by_a_colleague(item: WorkItem) -> None:
    answering.answer(item_id=item.id, by=actor(make_staff()), data={"outcome": "not_reached", "reason": "Voicemail"})


def claimed_by_a_colleague(item: WorkItem) -> None:
    colleague = make_staff()
    worklist.claim(item_id=item.id, by=actor(colleague), user=colleague)


def frozen(item: WorkItem) -> None:
    freezing.freeze(case_id=item.case_id, by=actor(make_staff()), reason="A second call")


def stopped(item: WorkItem) -> None:
    withdrawing.withdraw(case_id=item.case_id, by=actor(make_staff()), reason="Asked on the telephone")


def ran_out(item: WorkItem) -> None:
    advance(item.case, expires=(item.step,))


@pytest.mark.parametrize(
    ("change", "sentence", "news"),
    [
        (answered_by_a_colleague, "This was answered already.", "Answered: Call the customer, who has not answered"),
        (claimed_by_a_colleague, "A colleague has claimed this.", ""),
        (frozen, "This case is paused while we look into something.", "The case was frozen. “A second call”"),
        (stopped, "This is no longer needed.", "The case is being stopped. “Asked on the telephone”"),
        (ran_out, "The time to answer this ran out.", "Nobody answered in time"),
    ],
)
def test_what_changed_is_said_and_what_was_typed_stays(
    at_desk: Desk, item: WorkItem, change: Callable[[WorkItem], None], sentence: str, news: str
) -> None:
    desk = at_desk()
    seen = page_of(desk, item)
    change(item)

    answer = desk.post(f"/desk/item/{item.id}/", TYPED | seen)
    page = answer.content.decode()

    assert answer.status_code == 409
    assert sentence in page
    assert news in page
    assert "They answer tonight, after the school run" in page
    assert re.search(r'value="reached"[^>]*checked', page)


def test_an_answer_to_an_old_page_is_not_taken_until_it_was_looked_at(at_desk: Desk, item: WorkItem) -> None:
    survey = ask(item.case, "email_survey")
    desk = at_desk()
    seen = page_of(desk, item)
    answering.answer(item_id=survey.id, by=customer_actor(item.case.customer), data=CALM)

    first = desk.post(f"/desk/item/{item.id}/", TYPED | seen)
    item.refresh_from_db()
    state = item.state
    [now] = re.findall(r'name="seen" value="(\d+)"', first.content.decode())
    second = desk.post(f"/desk/item/{item.id}/", TYPED | {"seen": now})

    item.refresh_from_db()
    assert (first.status_code, state) == (409, ItemState.OPEN)
    assert "The customer answered" in first.content.decode()
    assert "They answer tonight" in first.content.decode()
    assert (second.status_code, item.outcome) == (302, "reached")


def test_what_happens_in_a_case_under_it_counts_too(at_desk: Desk, item: WorkItem) -> None:
    advance(item.case, children=(OpenChild("home_visit", "home_visit"),))
    desk = at_desk()
    seen = page_of(desk, item)
    child = Case.objects.get(parent=item.case)
    advance(child, stage="proposed")

    answer = desk.post(f"/desk/item/{item.id}/", TYPED | seen)

    assert answer.status_code == 409
    assert child.reference in answer.content.decode()


def test_my_own_acts_and_what_says_nothing_new_do_not_stand_in_the_way(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff()
    desk = at_desk(hanna)
    seen = page_of(desk, item)
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)
    advance(item.case, reminds=(item.step,))

    assert desk.post(f"/desk/item/{item.id}/", TYPED | seen).status_code == 302


def test_errors_of_the_form_do_not_hide_what_changed_before_it_is_sent_again(at_desk: Desk, item: WorkItem) -> None:
    desk = at_desk()
    seen = page_of(desk, item)

    wrong = desk.post(f"/desk/item/{item.id}/", {"outcome": "reached"} | seen)

    assert wrong.status_code == 400
    assert f'name="seen" value="{seen["seen"]}"' in wrong.content.decode()


@pytest.mark.parametrize("seen", ["", "soon", "-1", "9" * 40, "²"])
def test_a_page_that_does_not_say_what_it_showed_is_taken_as_it_is(at_desk: Desk, item: WorkItem, seen: str) -> None:
    assert at_desk().post(f"/desk/item/{item.id}/", TYPED | {"seen": seen}).status_code == 302


def test_the_rule_itself_refuses_so_that_two_at_once_cannot_both_pass(item: WorkItem) -> None:
    seen = meanwhile.newest(item.case)
    advance(item.case, stage="survey")

    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=item.id, by=actor(make_staff()), data=TYPED, seen=seen)

    assert refused.value.code == "changed"


def test_who_did_not_have_the_page_open_learns_nothing_by_a_conflict(at_desk: Desk, item: WorkItem) -> None:
    claimed_by_a_colleague(item)

    answer = at_desk().post(f"/desk/item/{item.id}/", TYPED | {"seen": "1"})

    assert answer.status_code == 409
    assert item.case.customer.name not in answer.content.decode()


def test_a_reason_for_an_act_stays_when_the_act_came_too_late(at_desk: Desk, item: WorkItem) -> None:
    stopped(item)

    answer = at_desk().post(f"/desk/case/{item.case.reference}/freeze/", {"reason": "They say they did not ask"})

    assert answer.status_code == 409
    assert "They say they did not ask" in answer.content.decode()


def test_after_confirming_who_i_am_a_change_meanwhile_is_still_noticed(at_desk: Desk, item: WorkItem) -> None:
    approval = ask(item.case, "approve_reissue")
    approver = make_staff(role=Role.APPROVER)
    seen = page_of(at_desk(approver), approval)
    typed = {"outcome": "approved", "reason": "All fits"} | seen
    at_desk(approver, seconds_ago=16 * 60).post(f"/desk/item/{approval.id}/", typed)
    advance(item.case, stage="approval")

    again = page_of(at_desk(approver), approval)

    assert again == seen


def test_what_was_typed_stays_where_it_changed_before_i_confirm_who_i_am(at_desk: Desk, item: WorkItem) -> None:
    approval, approver, colleague = (ask(item.case, "approve_reissue"), *(make_staff(role=Role.APPROVER) for _ in "ab"))
    page_of(at_desk(approver), approval)
    worklist.claim(item_id=approval.id, by=actor(colleague), user=colleague)

    typed = {"outcome": "approved", "reason": "The survey and the visit agree"}
    answer = at_desk(approver, seconds_ago=16 * 60).post(f"/desk/item/{approval.id}/", typed)

    assert answer.status_code == 409
    assert "A colleague has claimed this." in answer.content.decode()
    assert typed["reason"] in answer.content.decode()


# --- after one's own act ----------------------------------------------------------------------------------------------


def test_after_an_answer_nobody_is_asked_why_they_read_on(at_desk: Desk, item: WorkItem) -> None:
    desk = at_desk()

    after = desk.post(f"/desk/item/{item.id}/", TYPED, follow=True)
    customer = desk.get(f"/desk/customer/{item.case.customer.public_id}/")

    assert (after.status_code, customer.status_code) == (200, 200)
    assert not Access.objects.filter(refused=True).exists()


@pytest.mark.parametrize("act", ["unfreeze", "hand-over", "release", "freeze", "withdraw"])
def test_after_an_act_of_my_own_the_case_is_still_open_to_me(at_desk: Desk, item: WorkItem, act: str) -> None:
    sue, piotr = make_staff(role=Role.SUPERVISOR), make_staff()
    desk, case = at_desk(sue), f"/desk/case/{item.case.reference}/"
    if act == "unfreeze":
        frozen(item)
    elif act in ("hand-over", "release"):
        worklist.claim(item_id=item.id, by=actor(piotr), user=piotr)
    if act in ("hand-over", "release"):
        desk.post(f"/desk/item/{item.id}/{act}/", {"to": str(make_staff().public_id)})
    else:
        desk.post(f"{case}{act}/", {"reason": "All well, I called them"})

    assert desk.get(case).status_code == 200
    assert desk.get(f"/desk/item/{item.id}/").status_code == 200
    assert Access.objects.filter(user=sue, case_id=item.case_id, refused=False).exists(), "and the customer sees it"


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 403)])
def test_half_an_hour_after_it_the_question_is_asked_again(
    at_desk: Desk, item: WorkItem, minutes: int, status: int
) -> None:
    hanna, then = make_staff(), datetime.now(UTC) - timedelta(minutes=minutes)
    answering.answer(item_id=item.id, by=actor(hanna), data=TYPED, now=then)

    assert at_desk(hanna).get(f"/desk/case/{item.case.reference}/").status_code == status


def test_another_s_act_opens_nothing_to_me(at_desk: Desk, item: WorkItem) -> None:
    answering.answer(item_id=item.id, by=actor(make_staff()), data=TYPED)

    assert at_desk().get(f"/desk/case/{item.case.reference}/").status_code == 403


# --- the next item ----------------------------------------------------------------------------------------------------


def test_after_an_answer_the_next_item_is_offered(at_desk: Desk, item: WorkItem) -> None:
    other = ask(open_card_case(make_card()), "call_customer")

    after = at_desk().post(f"/desk/item/{item.id}/", TYPED, follow=True).content.decode()

    assert other.case.reference in after
    assert f'action="/desk/item/{other.id}/claim/"' in after


def test_what_i_hold_comes_before_what_waits_for_my_role(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff()
    held, _waiting = (ask(open_card_case(make_card()), "call_customer") for _ in range(2))
    worklist.claim(item_id=held.id, by=actor(hanna), user=hanna)

    after = at_desk(hanna).post(f"/desk/item/{item.id}/", TYPED, follow=True)

    assert after.context["next"].url == f"/desk/item/{held.id}/"
    assert after.context["next"].claim_url == ""


def test_what_four_eyes_forbid_me_is_not_offered(at_desk: Desk, item: WorkItem) -> None:
    both = make_staff(role=Role.APPROVER)
    both.groups.add(*make_staff(role=Role.SUPPORT).groups.all())
    identified = ask(item.case, "identify_at_branch")
    ask(item.case, "approve_reissue")
    seen_by_me = {"outcome": "matched", "reason": "Passport", "document": "passport", "document_last": "A123"}

    after = at_desk(both).post(f"/desk/item/{identified.id}/", seen_by_me, follow=True)

    assert after.context["next"].what == "Call the customer, who has not answered"


def test_where_nothing_is_left_it_says_so(at_desk: Desk, item: WorkItem) -> None:
    after = at_desk().post(f"/desk/item/{item.id}/", TYPED, follow=True)

    assert "Nothing else waits for you now." in after.content.decode()
