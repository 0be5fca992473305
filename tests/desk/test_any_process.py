"""The desk with a process that it does not know."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.contrib import admin
from django.urls import path, reverse
from pytest_django import Settings

from backoffice import urls
from backoffice.cases import evidence, opening
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.customers import reading
from backoffice.refusals import Forbidden, Invalid, NotFound
from backoffice.staff.models import Role, User
from tests.catalogue import installed
from tests.desk.conftest import Desk
from tests.desk.nickname import PROCESS
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import ask

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nickname() -> Iterator[None]:
    with installed(PROCESS):
        yield


@pytest.fixture
def hanna() -> User:
    return make_staff(role=Role.SUPPORT)


@pytest.fixture
def item(hanna: User) -> WorkItem:
    """Somebody else asked for a new nickname, which must be compared."""
    case, _new = opening.open_by_form(
        process="nickname",
        by=actor(make_staff(role=Role.SUPPORT)),
        key=str(uuid.uuid4()),
        data={"nickname": "Minnie"},
        customer=make_customer(),
    )
    return ask(case, "compare", stage="compared")


def test_it_is_offered_and_opened_from_the_customer_s_page(at_desk: Desk, hanna: User) -> None:
    customer, desk = make_customer(), at_desk(hanna)
    record = f"/desk/customer/{customer.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})

    offered = {offer.label: offer.url for offer in desk.get(record).context["offers"]}
    sent = {"nickname": "Minnie", "opening_key": str(uuid.uuid4())}
    page = desk.post(offered["Change the nickname"], sent, follow=True).content.decode()

    assert Case.objects.get().process == "nickname"
    assert "Nickname: Minnie" in page


def test_what_is_missing_is_told_on_its_field(at_desk: Desk, hanna: User) -> None:
    customer, desk = make_customer(), at_desk(hanna)
    record = f"/desk/customer/{customer.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})

    answer = desk.post(f"{record}open/nickname/", {"opening_key": str(uuid.uuid4())})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["nickname"]


def test_the_evidence_of_the_item_is_on_its_page(at_desk: Desk, hanna: User, item: WorkItem) -> None:
    page = at_desk(hanna).get(f"/desk/item/{item.id}/").content.decode()

    assert "What was wished" in page
    assert "Minnie" in page


def test_what_is_shown_on_request_is_offered_and_not_shown(at_desk: Desk, hanna: User, item: WorkItem) -> None:
    page = at_desk(hanna).get(f"/desk/item/{item.id}/").content.decode()

    assert "Show: The document" in page
    assert "Wilhelmina" not in page


def test_a_press_with_a_reason_shows_it_and_is_noted(at_desk: Desk, hanna: User, item: WorkItem) -> None:
    way = f"/desk/item/{item.id}/evidence/document/"

    shown = at_desk(hanna).post(way, {"why": "other", "words": "The names look alike"}).content.decode()

    noted = Event.objects.get(case=item.case, kind="item.evidence_shown")
    looked = reading.openings_of(customer=item.case.customer).exclude(reason="").get()
    assert "Wilhelmina" in shown
    assert "Show: The document" not in shown
    assert (noted.actor_id, noted.reason) == (str(hanna.public_id), "The names look alike")
    assert (looked.user, looked.reason, looked.page) == (hanna, "The names look alike", "evidence:compare:document")


def test_it_is_shown_once_and_not_by_coming_back(at_desk: Desk, hanna: User, item: WorkItem) -> None:
    desk = at_desk(hanna)
    desk.post(f"/desk/item/{item.id}/evidence/document/", {"why": "contact"})

    assert "Wilhelmina" not in desk.get(f"/desk/item/{item.id}/").content.decode()


def test_a_reason_that_says_nothing_shows_nothing(at_desk: Desk, hanna: User, item: WorkItem) -> None:
    answer = at_desk(hanna).post(f"/desk/item/{item.id}/evidence/document/", {"why": "other", "words": "x"})

    assert answer.status_code == 400
    assert "Say in a few words" in answer.content.decode()
    assert "Wilhelmina" not in answer.content.decode()
    assert not Event.objects.filter(kind="item.evidence_shown").exists()


def test_who_does_not_answer_the_item_is_shown_nothing(at_desk: Desk, item: WorkItem) -> None:
    approver = make_staff(role=Role.APPROVER)
    desk, way = at_desk(approver), f"/desk/item/{item.id}/evidence/document/"

    without_need = desk.post(way, {"why": "contact"})
    desk.post(f"/desk/customer/{item.case.customer.public_id}/why/", {"why": "contact"})
    page = desk.get(f"/desk/item/{item.id}/").content.decode()
    with_need = desk.post(way, {"why": "contact"})

    assert (without_need.status_code, with_need.status_code) == (403, 403)
    assert "Show: The document" not in page
    assert "Wilhelmina" not in without_need.content.decode() + with_need.content.decode()
    assert not Event.objects.filter(kind="item.evidence_shown").exists()


@pytest.mark.parametrize(
    ("name", "reason", "role", "refused"),
    [
        ("wish", "The names look alike", Role.SUPPORT, NotFound),
        ("passport", "The names look alike", Role.SUPPORT, NotFound),
        ("document", "x", Role.SUPPORT, Invalid),
        ("document", "The names look alike", Role.APPROVER, Forbidden),
    ],
)
def test_the_rule_refuses_whatever_the_face(
    item: WorkItem, name: str, reason: str, role: Role, refused: type[Exception]
) -> None:
    user = make_staff(role=role)

    with pytest.raises(refused):
        evidence.reveal(item=item, name=name, by=actor(user), user=user, reason=reason, now=now())

    assert not Event.objects.filter(kind="item.evidence_shown").exists()


def test_its_own_page_is_mounted_for_who_may_use_the_desk(at_desk: Desk, hanna: User, settings: Settings) -> None:
    settings.ROOT_URLCONF = _mounted_now()
    way = reverse("admin:nickname:all")

    assert "All nicknames" in at_desk(hanna).get(way).content.decode()
    assert at_desk(role=Role.FIELD).get(way).status_code == 302


def _mounted_now() -> ModuleType:
    """The URLs, with the pages of the processes that are installed now."""
    now_mounted = ModuleType("now_mounted")
    now_mounted.urlpatterns = [path("desk/", admin.site.urls), *urls.urlpatterns]  # type: ignore[attr-defined]
    return now_mounted


def test_the_page_with_what_was_shown_answers_the_item_and_keeps_its_address(
    at_desk: Desk, hanna: User, item: WorkItem
) -> None:
    for words, status in (("The names look alike", 200), ("x", 400)):
        shown = at_desk(hanna).post(f"/desk/item/{item.id}/evidence/document/", {"why": "other", "words": words})

        assert shown.status_code == status
        assert shown.headers["HX-Push-Url"] == "false", "loading the page again would ask for the evidence again"
        assert f'action="/desk/item/{item.id}/"' in shown.content.decode(), "an answer would be lost"
