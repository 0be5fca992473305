"""Threat 8, on every route: without a need or a reason a case shows nothing but that it is there, and it is noted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backoffice.cards.models import Card
from backoffice.cases.models import Case, CommandState, Event, Part, WorkItem
from backoffice.customers import reading
from backoffice.customers.models import Access
from backoffice.messages.models import Message
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from tests.api.conftest import Api, said
from tests.factories import actor, make_card, make_domain, make_staff, now, sign_in
from tests.playing import advance, ask, open_card_case
from tests.visits.visiting import agreed
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db
REASON = "They called about it"


@pytest.fixture
def case() -> Case:
    """In nobody's hands: it waits for its customer, and was told so by mail."""
    case = open_card_case(make_card())
    ask(case, "email_survey", stage="survey", notices=(SendNotice("card_blocked"),))
    return case


@pytest.fixture
def nosy() -> User:
    return make_staff(role=Role.COMPLIANCE)


def at_desk(user: User) -> Client:
    return sign_in(Client(), user)


def pages_of(case: Case) -> dict[str, str]:
    """The pages of the admin for what belongs to the case."""
    contact = Contact.objects.filter(case_id=case.id).latest("at")
    card = Card.objects.get(customer=case.customer)
    return {
        "event": f"/desk/cases/event/{Event.objects.filter(case=case).latest('number').pk}/",
        "command": f"/desk/cases/command/{case.outbox.latest('number').pk}/",
        "contact": f"/desk/trust/contact/{contact.pk}/",
        "message": f"/desk/outgoing/message/{Message.objects.get(contact=contact).pk}/",
        "card": f"/desk/cards/card/{card.pk}/",
        "domain": f"/desk/domains/domain/{make_domain(customer=case.customer).pk}/",
        "access": f"/desk/customers/access/{Access.objects.create(**_refused(case)).pk}/",
        "visit": f"/desk/visits/visit/{agreed().pk}/",
    }


def _refused(case: Case) -> dict[str, object]:
    return {"customer": case.customer, "user": make_staff(), "at": now(), "refused": True}


WHAT = ["event", "command", "contact", "message", "card", "domain", "access", "visit"]


@pytest.mark.parametrize("page", ["change/", "history/"])
@pytest.mark.parametrize("what", WHAT)
def test_a_page_of_the_admin_asks_why_and_notes_it(case: Case, nosy: User, what: str, page: str) -> None:
    address, desk = pages_of(case)[what] + page, at_desk(nosy)

    asked = desk.get(address)
    noted = Access.objects.filter(user=nosy).values_list("refused", flat=True)

    assert asked.status_code == 403
    assert "Why do you open this record?" in asked.content.decode()
    assert list(noted) == [True]

    given = desk.post(address, {"_open": "1", "why": "other", "words": REASON})
    assert given.headers["Location"] == address
    assert desk.get(address).status_code == 200
    assert Access.objects.filter(user=nosy).latest("pk").reason == REASON


@pytest.mark.parametrize("what", [one for one in WHAT if one not in ("access", "command", "visit")])
def test_a_page_of_the_admin_opens_for_a_case_in_ones_hands(case: Case, what: str) -> None:
    hanna = make_staff(role=Role.SUPPORT)
    Part.objects.create(root=case, user=hanna, part="requester")

    assert at_desk(hanna).get(pages_of(case)[what] + "change/").status_code == 200
    assert Access.objects.get(user=hanna).case_id == case.id


def test_a_contact_that_is_nobodys_is_read_without_a_reason(nosy: User) -> None:
    contact = Contact.objects.create(channel="mail", direction="in", at=now())

    assert at_desk(nosy).get(f"/desk/trust/contact/{contact.pk}/change/").status_code == 200
    assert not Access.objects.exists()


@pytest.mark.parametrize("what", ["case", "workitem"])
def test_a_case_and_an_item_lead_to_their_page_at_the_desk_which_asks(case: Case, nosy: User, what: str) -> None:
    record = case if what == "case" else case.items.get()

    asked = at_desk(nosy).get(f"/desk/cases/{what}/{record.pk}/change/", follow=True)

    assert asked.status_code == 403
    assert Access.objects.get(user=nosy).refused


LISTS = ["cases/case", "cases/workitem", "cases/event", "trust/contact", "outgoing/message", "visits/visit"]


@pytest.mark.parametrize("address", [*LISTS, "cards/card", "domains/domain", "customers/access"])
def test_a_list_of_the_admin_says_no_more_than_reference_process_state_and_times(
    case: Case, nosy: User, address: str
) -> None:
    Case.objects.filter(pk=case.pk).update(outcome_reason="a secret reason", subject="VISA ····4242")
    pages_of(case)
    reading.open_record(customer=agreed().case.customer, by=actor(nosy), user=nosy, now=now(), reason=REASON)

    page = at_desk(nosy).get(f"/desk/{address}/").content.decode()

    point = case.customer.contact_points.get(kind="mail")
    hidden = [case.customer.family_name, point.masked, "a secret reason", "Survey", "We blocked", REASON]
    hidden += [] if address == "cards/card" else ["····4242"]
    assert [text for text in hidden if text in page] == []


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("cases/case", "subject__contains=4242"),
        ("cases/case", "customer__family_name=Jansen"),
        ("cases/case", "stage=survey"),
        ("cases/case", "outcome__exact=rejected"),
        ("cases/event", "kind=card.blocked"),
        ("cases/event", "data__contains=4242"),
        ("cases/workitem", "answer__isnull=False"),
        ("cases/workitem", "kind=email_survey"),
        ("cases/command", "payload__contains=approved"),
        ("trust/contact", "customer__id=1"),
        ("trust/contact", "address_masked__contains=a"),
        ("outgoing/message", "template=card_blocked"),
        ("visits/visit", "found=mismatch"),
        ("cards/card", "customer=1"),
        ("domains/domain", "customer__id=1"),
        ("customers/access", "reason__contains=called"),
    ],
)
def test_a_list_of_the_admin_is_narrowed_only_by_what_it_offers(nosy: User, address: str, query: str) -> None:
    """Otherwise each field could be guessed, letter by letter."""
    assert at_desk(nosy).get(f"/desk/{address}/?{query}").status_code == 400


def test_a_filter_that_is_offered_narrows(case: Case, nosy: User) -> None:
    desk = at_desk(nosy)

    for query, shown in (("process=card_reissue", True), ("process=home_visit", False), ("state__exact=open", True)):
        assert (case.reference in desk.get(f"/desk/cases/case/?{query}").content.decode()) is shown
    assert desk.get(f"/desk/visits/visit/?starts__year={date.today().year}").status_code == 200  # noqa: DTZ011


def test_what_was_answered_is_on_no_page_of_a_command(case: Case) -> None:
    case.outbox.update(state=CommandState.DEAD, payload={"facts": {"card_where": "a secret place"}})
    sam = make_staff(role=Role.SUPERVISOR)
    reading.open_record(customer=case.customer, by=actor(sam), user=sam, now=now(), reason=REASON)

    page = at_desk(sam).get(f"/desk/cases/command/{case.outbox.latest('number').pk}/change/")

    assert page.status_code == 200
    assert "a secret place" not in page.content.decode()


def test_an_administrator_sees_dead_letters_but_reads_none(case: Case) -> None:
    otto = make_staff(role=Role.ADMINISTRATOR)
    desk, command = at_desk(otto), case.outbox.latest("number")

    assert case.reference in desk.get("/desk/cases/command/").content.decode()
    assert desk.get(f"/desk/cases/command/{command.pk}/change/").status_code == 403
    assert Access.objects.get(user=otto).refused


def test_what_may_be_done_to_a_case_is_asked_without_saying_what_it_is_about(case: Case, nosy: User) -> None:
    Case.objects.filter(pk=case.pk).update(subject="VISA ····4242")

    page = at_desk(nosy).get(f"/desk/case/{case.reference}/freeze/").content.decode()

    assert case.reference in page
    assert "4242" not in page
    assert "fraud" not in page.lower()


# --- the API ----------------------------------------------------------------------------------------------------------


def addresses_of(case: Case) -> dict[str, str]:
    return {
        "case": f"cases/{case.reference}",
        "timeline": f"cases/{case.reference}/timeline",
        "item": f"items/{WorkItem.objects.get(case=case).pk}",
        "choices": f"processes?customer={case.customer.public_id}",
    }


@pytest.mark.parametrize("what", ["case", "timeline", "item", "choices"])
def test_the_api_asks_for_a_need_or_a_reason_and_notes_it(case: Case, nosy: User, what: str) -> None:
    api, address = Api(nosy), addresses_of(case)[what]

    refused = api.get(address)
    read = api.read(address, reason=REASON)
    again = api.get(address)

    assert (refused.status_code, said(refused)["code"]) == (403, "no_reason")
    assert (read.status_code, again.status_code) == (200, 200)
    assert [(one.refused, one.reason) for one in Access.objects.filter(user=nosy).order_by("pk")] == [
        (True, ""),
        (False, REASON),
    ]


@pytest.mark.parametrize("what", ["case", "timeline", "item", "choices"])
def test_the_api_shows_a_case_in_ones_hands_and_notes_it(case: Case, what: str) -> None:
    hanna = make_staff(role=Role.SUPPORT)
    Part.objects.create(root=case, user=hanna, part="requester")

    assert Api(hanna).get(addresses_of(case)[what]).status_code == 200
    noted = Access.objects.get(user=hanna)
    assert (noted.case_id, noted.refused) == (case.id, False)
    assert list(reading.openings_of(customer=case.customer)) == [noted]


@pytest.mark.parametrize("what", ["case", "timeline", "item"])
@pytest.mark.parametrize("role", [Role.FIELD, Role.ADMINISTRATOR, None])
def test_a_role_that_never_reads_is_refused_with_a_reason_too_and_noted(
    case: Case, role: Role | None, what: str
) -> None:
    user = make_staff(role=role)

    refused = Api(user).read(addresses_of(case)[what], reason=REASON)

    assert (refused.status_code, said(refused)["code"]) == (403, "no_reading")
    assert Access.objects.get(user=user).refused


@pytest.mark.parametrize("address", ["cases/222-222-X", "cases/nonsense", "items/00000000-0000-4000-8000-000000000000"])
def test_a_role_that_never_reads_does_not_learn_what_there_is(address: str) -> None:
    assert Api(make_staff(role=Role.ADMINISTRATOR)).get(address).status_code == 403


@pytest.mark.parametrize("reason", ["x", "  \t ", "because\x00of that one", "line\x1bone and two"])
def test_a_reason_that_says_nothing_or_is_no_text_opens_nothing(case: Case, nosy: User, reason: str) -> None:
    answer = Api(nosy).read(f"cases/{case.reference}", reason=reason)

    assert answer.status_code in (400, 403)
    assert not reading.openings_of(customer=case.customer).exists()


def test_a_reason_is_noted_in_any_script_and_stands_in_no_address(case: Case, nosy: User) -> None:
    as_sent = "Klientka dzwoniła w sprawie karty".encode().decode("latin-1")

    answer = Api(nosy).read(f"cases/{case.reference}", reason=as_sent)

    assert answer.status_code == 200
    assert Access.objects.get(user=nosy).reason == "Klientka dzwoniła w sprawie karty"
    assert Api(make_staff(role=Role.COMPLIANCE)).get(f"cases/{case.reference}", reason=REASON).status_code == 403


def test_the_list_of_the_api_says_no_more_than_the_admins(case: Case, nosy: User) -> None:
    [line] = said(Api(nosy).get("cases"))["results"]

    assert set(line) == {"reference", "process", "state", "opened_at", "closed_at"}


def test_what_a_withdrawal_and_an_opening_answer_is_a_line_of_the_list(case: Case) -> None:
    api = Api(make_staff(role=Role.SUPPORT))
    told = {"process": "card_reissue", "key": "k", "card": str(make_card().public_id), "reason": "lost"}

    for answer in (api.post("cases", told), api.post(f"cases/{case.reference}/withdrawal", {"reason": "x"})):
        assert set(said(answer)) == {"reference", "process", "state", "opened_at", "closed_at"}


# --- all routes at once -----------------------------------------------------------------------------------------------


def command(user: User, case: Case) -> int:
    try:
        call_command("case", "show", case.reference, "--by", user.username, "--json", stdout=io.StringIO())
    except CommandError:
        return 403
    return 200


ROUTES: dict[str, Callable[[User, Case], int]] = {
    "desk": lambda user, case: at_desk(user).get(f"/desk/case/{case.reference}/").status_code,
    "item at the desk": lambda user, case: at_desk(user).get(f"/desk/item/{case.items.get().pk}/").status_code,
    "customer at the desk": lambda user, case: (
        at_desk(user).get(f"/desk/customer/{case.customer.public_id}/").status_code
    ),
    "admin": lambda user, case: at_desk(user).get(pages_of(case)["event"] + "change/").status_code,
    "customer in the admin": lambda user, case: (
        at_desk(user).get(f"/desk/customers/customer/{case.customer.pk}/change/").status_code
    ),
    "api": lambda user, case: Api(user).get(f"cases/{case.reference}").status_code,
    "command line": command,
}


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE])
@pytest.mark.parametrize("route", ROUTES)
def test_each_route_refuses_and_notes_and_shows_once_there_is_a_need(case: Case, route: str, role: Role) -> None:
    user = make_staff(role=role)

    assert ROUTES[route](user, case) == 403
    assert list(Access.objects.filter(user=user).values_list("refused", flat=True)) == [True]

    Part.objects.create(root=case, user=user, part="requester")
    assert ROUTES[route](User.objects.get(pk=user.pk), case) == 200
    assert Access.objects.filter(user=user).latest("pk").case_id == case.id


@pytest.mark.parametrize("route", ROUTES)
def test_each_route_closes_again_with_the_case(case: Case, route: str) -> None:
    user = make_staff(role=Role.SUPPORT)
    Part.objects.create(root=case, user=user, part="requester")
    advance(case)
    Case.objects.filter(pk=case.pk).update(state="closed")
    case.refresh_from_db()

    assert ROUTES[route](user, case) == 403


def test_a_machine_learns_the_reference_of_its_own_signal_only(case: Case) -> None:
    token = Api(make_staff(role=None))

    for address in ("cases", f"cases/{case.reference}", "items", "processes"):
        answer = token.get(address)
        assert answer.status_code == 403
        assert case.reference not in json.dumps(said(answer))
