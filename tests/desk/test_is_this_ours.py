""" "Is this ours?" at the desk, and reporting a contact that is not ours."""

from __future__ import annotations

import uuid

import pytest

from backoffice.actors import Actor, Channel
from backoffice.cases.models import Case
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.trust import reporting
from backoffice.trust.models import Contact
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff, now
from tests.playing import advance, open_card_case
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db
FORGED = "From: Meridian <help@evil.example>\nYour account is closed. Send your PIN to http://evil.example/pin"


@pytest.fixture
def case() -> Case:
    case = open_card_case(make_card())
    advance(case, notices=(SendNotice("card_blocked"),))
    return case


def asked(at_desk: Desk, pasted: str) -> str:
    return at_desk().post("/desk/ours/", {"pasted": pasted}).content.decode()


def test_ours_says_what_when_to_whom_and_what_to_tell(at_desk: Desk, case: Case) -> None:
    contact = Contact.objects.get(case_id=case.id, channel="mail")

    page = asked(at_desk, contact.reference.lower())

    assert '<p class="notice__title">Ours</p>' in page
    assert "It says that we blocked a card." in page
    assert contact.address_masked in page
    assert "Yes, that is from us." in page
    assert case.customer.name not in page


def test_a_forged_message_is_not_ours_and_says_why(at_desk: Desk) -> None:
    page = asked(at_desk, FORGED)

    assert '<p class="notice__title">Not ours</p>' in page
    assert "evil.example" in page
    assert "One press notes the report" in page


def test_a_few_words_cannot_tell_and_say_what_to_ask(at_desk: Desk) -> None:
    page = asked(at_desk, "hello there")

    assert '<p class="notice__title">Cannot tell</p>' in page
    assert "Ask for the reference" in page


def test_an_empty_box_is_told(at_desk: Desk) -> None:
    answer = at_desk().post("/desk/ours/", {"pasted": " "})

    assert answer.status_code == 400


def test_a_report_is_noted_once_without_the_text(at_desk: Desk) -> None:
    hanna, key = make_staff(), str(uuid.uuid4())
    desk = at_desk(hanna)

    for _ in range(2):
        page = desk.post("/desk/ours/report/", {"pasted": FORGED, "channel": "mail", "key": key}, follow=True)

    noted = Contact.objects.get(purpose=reporting.PURPOSE)
    assert (noted.direction, noted.channel, noted.by, noted.address_masked) == (
        "in",
        "mail",
        hanna,
        "h•••@evil.example",
    )
    assert noted.reference in page.content.decode()
    assert "PIN" not in str(Contact.objects.values_list())


def test_a_sender_that_was_reported_is_still_not_ours(at_desk: Desk) -> None:
    desk = at_desk()
    desk.post("/desk/ours/report/", {"pasted": FORGED, "channel": "mail", "key": str(uuid.uuid4())})

    by_address, by_reference = (
        asked(at_desk, "help@evil.example"),
        asked(at_desk, Contact.objects.get(purpose=reporting.PURPOSE).reference),
    )

    assert '<p class="notice__title">Not ours</p>' in by_address
    assert '<p class="notice__title">Ours</p>' not in by_reference


def test_the_same_sender_reported_again_is_counted(at_desk: Desk) -> None:
    desk = at_desk()
    for _ in range(2):
        sent = {"pasted": FORGED, "channel": "mail", "key": str(uuid.uuid4())}
        page = desk.post("/desk/ours/report/", sent, follow=True)

    assert "This sender was reported 2 times." in page.content.decode()


@pytest.mark.parametrize("wrong", [{"channel": "pigeon"}, {"key": "x"}])
def test_a_report_that_cannot_be_read_is_not_noted(at_desk: Desk, wrong: dict[str, str]) -> None:
    sent = {"pasted": FORGED, "channel": "mail", "key": str(uuid.uuid4())} | wrong

    assert at_desk().post("/desk/ours/report/", sent).status_code == 400
    assert not Contact.objects.exists()


def test_a_report_is_a_post(at_desk: Desk) -> None:
    assert at_desk().get("/desk/ours/report/").headers["Location"] == "/desk/ours/"


def test_the_rule_takes_no_report_from_a_customer_and_none_without_a_channel(case: Case) -> None:
    hanna, customer = make_staff(), case.customer.user
    assert customer is not None

    with pytest.raises(Forbidden):
        report(by=actor_of(user=customer, channel=Channel.PORTAL), user=customer)
    with pytest.raises(Invalid):
        report(by=actor(hanna), user=hanna, channel="pigeon")


def report(*, by: Actor, user: User, channel: str = "mail") -> Contact:
    return reporting.report_suspicious(pasted=FORGED, channel=channel, key=uuid.uuid4(), by=by, user=user, now=now())
