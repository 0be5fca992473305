"""What a signal said and we could not read waits, sealed, for a person who says why they need it."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.cards.reissue import unread
from backoffice.cards.reissue.signals import fraud_signalled, note_details
from backoffice.cards.reissue.understanding import Details
from backoffice.cases.models import Case, Event
from backoffice.customers.models import Access
from backoffice.refusals import Forbidden, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_staff, now, sign_in
from tests.playing import ask, open_card_case, outside_actor

pytestmark = pytest.mark.django_db
SAYS = "The signal also said something that we could not read"
REASON = {"why": "review", "words": "The score may matter"}


def a_case(details: Details | None = None) -> Case:
    details = details or Details(
        not_understood={"data.score": ["We do not know this field."]}, rest='{"score": "<b>9"}'
    )
    case, _ = fraud_signalled(signal_id="s1", card=make_card(), by=outside_actor())
    note_details(signal_id="s1", details=details, by=outside_actor())
    return case


def desk(role: Role = Role.SUPPORT) -> Client:
    return sign_in(Client(), make_staff(role=role))


def test_the_page_of_the_case_says_so_and_leads_to_it() -> None:
    case = a_case()
    ask(case, "call_customer")

    page = desk().get(f"/desk/case/{case.reference}/").content.decode()

    assert SAYS in page
    assert f"/desk/case/{case.reference}/signals/unread/" in page
    assert "&lt;b&gt;9" not in page


def test_a_signal_of_which_all_was_read_leaves_nothing_to_show() -> None:
    case = a_case(Details())
    ask(case, "call_customer")

    assert SAYS not in desk().get(f"/desk/case/{case.reference}/").content.decode()
    assert desk().post(f"/desk/case/{case.reference}/signals/unread/", REASON).status_code == 404


def test_it_is_shown_for_a_reason_that_the_customer_can_read() -> None:
    case = a_case()
    ask(case, "call_customer")
    here, at_desk = f"/desk/case/{case.reference}/signals/unread/", desk()

    before = at_desk.get(here)
    refused = at_desk.post(here, {"why": "other", "words": "x"})
    page = at_desk.post(here, REASON).content.decode()

    assert (before.status_code, "&lt;b&gt;9" in before.content.decode()) == (200, False)
    assert (refused.status_code, "&lt;b&gt;9" in refused.content.decode()) == (400, False)
    assert "&lt;b&gt;9" in page
    assert "data.score" in page
    event = Event.objects.get(case=case, kind="card.rest_shown")
    assert event.reason.endswith("The score may matter")
    assert Access.objects.filter(customer=case.customer, page="signals:unread").count() == 1


def test_who_has_no_need_to_know_is_asked_why_first() -> None:
    case = a_case()

    assert desk(Role.APPROVER).get(f"/desk/case/{case.reference}/signals/unread/").status_code == 403


def test_a_role_that_never_reads_customers_is_refused() -> None:
    case, admin = a_case(), make_staff(role=Role.ADMINISTRATOR)

    with pytest.raises(Forbidden):
        unread.read(case_id=case.id, by=actor(admin), user=admin, reason="I am curious about it", now=now())
    assert not Event.objects.filter(kind="card.rest_shown").exists()


def test_a_case_without_a_signal_has_nothing_unread() -> None:
    hanna = make_staff()

    with pytest.raises(NotFound):
        unread.read(
            case_id=open_card_case(make_card()).id, by=actor(hanna), user=hanna, reason="Just to see", now=now()
        )
