"""The sample process at the desk: opened, on the worklist, answered with its evidence, followed, withdrawn."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.actors import Level
from backoffice.cases import answering
from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import Customer
from backoffice.staff.models import Role
from tests.factories import make_staff, sign_in
from tests.playing import advance, ask, customer_actor
from tests.sample.conftest import OPENING

pytestmark = pytest.mark.django_db


def at_desk(role: Role = Role.SUPPORT) -> Client:
    return sign_in(Client(), make_staff(role=role))


def page_of(desk: Client, address: str) -> str:
    return desk.get(address).content.decode()


def test_it_is_on_the_menu_of_the_customer_and_its_form_opens_a_case(holder: Customer) -> None:
    desk, record = at_desk(), f"/desk/customer/{holder.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})
    assert "Hand over a locker" in page_of(desk, record)
    key = re.search(r'name="opening_key" value="([^"]+)"', page_of(desk, f"{record}open/locker_handover/"))
    assert key is not None

    desk.post(f"{record}open/locker_handover/", {"opening_key": key[1], **OPENING})

    assert (Case.objects.get().process, Case.objects.get().subject) == ("locker_handover", "Locker 12")


def test_who_may_not_open_it_has_no_line_and_no_form(holder: Customer) -> None:
    desk, record = at_desk(Role.COMPLIANCE), f"/desk/customer/{holder.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})

    assert "Hand over a locker" not in page_of(desk, record)
    assert desk.get(f"{record}open/locker_handover/").status_code == 403


def test_its_check_is_on_the_approvers_worklist_and_no_other(case: Case) -> None:
    ask(case, "check_handover", stage="checked")

    assert "Approve the handover" in page_of(at_desk(Role.APPROVER), "/desk/")
    assert "Approve the handover" not in page_of(at_desk(Role.SUPPORT), "/desk/")


def test_the_approver_sees_what_the_holder_answered_and_decides(case: Case) -> None:
    agree = ask(case, "agree", stage="agreed")
    answers = {"emptied": "yes", "keys": "2", "where": "branch", "decision": "agreed"}
    proven = customer_actor(case.customer, level=Level.CONFIRMED)
    answering.answer(item_id=agree.id, by=proven, data=answers)
    item, desk = ask(case, "check_handover", stage="checked"), at_desk(Role.APPROVER)

    page = page_of(desk, f"/desk/item/{item.id}/")
    desk.post(f"/desk/item/{item.id}/", {"outcome": "approved", "reason": "All is in order"})

    item.refresh_from_db()
    assert "What the holder answered" in page
    assert "How many keys do you have?" in page
    assert item.outcome == "approved"


def test_the_page_of_the_case_has_its_steps_and_its_own_sentences(case: Case) -> None:
    advance(case, stage="checked")
    desk = at_desk()
    desk.post(f"/desk/customer/{case.customer.public_id}/why/", {"why": "contact"})

    page = page_of(desk, f"/desk/case/{case.reference}/")

    assert "Handover of a locker" in page
    assert "Announced" in page


def test_it_is_found_by_its_reference_and_withdrawn(case: Case) -> None:
    desk = at_desk()
    desk.post(f"/desk/customer/{case.customer.public_id}/why/", {"why": "contact"})
    found: Any = desk.get("/desk/", {"q": case.reference.lower()}, follow=True)

    desk.post(f"/desk/case/{case.reference}/withdraw/", {"reason": "Asked by telephone"})

    case.refresh_from_db()
    assert "Handover of a locker" in found.content.decode()
    assert case.state == CaseState.STOPPING
