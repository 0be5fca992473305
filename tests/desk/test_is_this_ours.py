""" "Is this ours?" at the desk, and reporting a contact that is not ours."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from backoffice.actors import Actor, Channel
from backoffice.cases.models import Case
from backoffice.messages import composing
from backoffice.references import new_reference
from backoffice.refusals import Forbidden
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.trust import reporting
from backoffice.trust.models import Contact, ContactChannel, Direction
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


def settled(at_desk: Desk, pasted: str, reference: str, fits: str) -> Any:
    return at_desk().post("/desk/ours/", {"pasted": pasted, "reference": reference, "fits": fits})


@pytest.fixture
def contact(case: Case) -> Contact:
    return Contact.objects.get(case_id=case.id, channel="mail")


def mail_of(contact: Contact) -> str:
    assert contact.customer is not None
    return composing.mail(
        contact.purpose,
        customer=contact.customer,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=contact.message.context,
    ).text


def test_a_whole_message_is_ours_and_says_what_when_to_whom_and_what_to_tell(
    at_desk: Desk, case: Case, contact: Contact
) -> None:
    page = asked(at_desk, mail_of(contact))

    assert '<p class="notice__title">Ours</p>' in page
    assert "It says that we blocked a card." in page
    assert contact.address_masked in page
    assert "Yes, that is from us." in page
    assert case.customer.name not in page
    assert "Everything is the same" not in page


@pytest.mark.parametrize("dash", ["–", "-", " "])
def test_a_reference_alone_cannot_tell_and_offers_to_compare(at_desk: Desk, contact: Contact, dash: str) -> None:
    page = asked(at_desk, contact.reference.lower().replace("-", dash))

    assert '<p class="notice__title">Cannot tell</p>' in page
    assert "It says that we blocked a card." in page
    assert contact.address_masked in page
    assert "Is what the customer has the same as this?" in page


@pytest.mark.parametrize(
    ("fits", "title"), [("yes", "Ours"), ("no", "Not ours")], ids=["the same", "something else"]
)  # fmt: skip
def test_a_comparison_settles_it(at_desk: Desk, contact: Contact, fits: str, title: str) -> None:
    page = settled(at_desk, contact.reference, contact.reference, fits).content.decode()

    assert f'<p class="notice__title">{title}</p>' in page
    assert ("One press notes the report" in page) == (fits == "no")


@pytest.mark.parametrize(
    ("pasted", "reference", "fits"), [("hello", None, "yes"), (None, "AAA", "yes"), (None, None, "perhaps")]
)
def test_a_comparison_of_something_else_is_refused_and_keeps_the_text(
    at_desk: Desk, contact: Contact, pasted: str | None, reference: str | None, fits: str
) -> None:
    pasted = pasted or contact.reference

    answer = settled(at_desk, pasted, reference or contact.reference, fits)

    assert answer.status_code == 400
    assert pasted in answer.content.decode()
    assert "notice__title" not in answer.content.decode()


def test_a_misheard_reference_names_what_was_meant(at_desk: Desk, contact: Contact) -> None:
    page = asked(at_desk, f"0{contact.reference[1:]}")

    assert '<p class="notice__title">Cannot tell</p>' in page
    assert f"Do they mean {contact.reference}?" in page


def test_a_case_of_which_nobody_was_told_is_known_as_ours(at_desk: Desk) -> None:
    silent = open_card_case(make_card())

    page = asked(at_desk, silent.reference)

    assert '<p class="notice__title">Cannot tell</p>' in page
    assert "This is a case of ours" in page
    assert '<p class="notice__title">Not ours</p>' in asked(at_desk, new_reference())


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
    assert "This is the number of a report" in by_reference


@pytest.mark.parametrize(
    ("pasted", "sender"),
    [
        ("From: a@evil.test\nTo: me@example.org\nReply to post@meridian.example", "•••@evil.test"),
        ("To: me@example.org\nWrite to bad@evil.test or call +31 20 555 0100", "b•••@evil.test"),
        ("Fwd\nFrom: me@example.org\n> From: bad@evil.test", "b•••@evil.test"),
        ("Call +31 20 555 0100 or +31 6 12345678", "+31 ••• ••78"),
        ("They say that they are post@meridian.example", ""),
    ],
)
def test_a_report_notes_who_sent_it_and_not_us_or_the_customer(at_desk: Desk, pasted: str, sender: str) -> None:
    at_desk().post("/desk/ours/report/", {"pasted": pasted, "channel": "mail", "key": str(uuid.uuid4())})

    assert Contact.objects.get(purpose=reporting.PURPOSE).address_masked == sender


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


def test_the_rule_takes_no_report_from_a_customer(case: Case) -> None:
    customer = case.customer.user
    assert customer is not None

    with pytest.raises(Forbidden):
        report(by=actor_of(user=customer, channel=Channel.PORTAL), user=customer)


@pytest.mark.parametrize("channel", ["pigeon", "", "MAIL", "a portal of another company", "nought \0", "other"])
def test_a_report_counts_whatever_channel_it_names(channel: str) -> None:
    hanna = make_staff()

    noted = report(by=actor(hanna), user=hanna, channel=channel)
    again = report(by=actor(hanna), user=hanna, channel="mail")

    noted.refresh_from_db()
    assert (noted.channel, noted.get_channel_display()) == (ContactChannel.OTHER, "in another way")
    assert (noted.direction, noted.address_index) == (Direction.IN, again.address_index)
    assert noted.address_masked
    assert reporting.reports_of(contact=noted) == 2


def test_a_report_of_a_message_that_came_in_another_way_is_one_press(at_desk: Desk) -> None:
    sent = {"pasted": FORGED, "key": str(uuid.uuid4()), "channel": "other"}

    shown = at_desk().post("/desk/ours/", {"pasted": FORGED}).content.decode()
    answer = at_desk().post("/desk/ours/report/", sent)

    assert 'name="channel" value="other"' in shown
    assert (answer.status_code, Contact.objects.get(purpose="reported_suspicious").channel) == (302, "other")


def report(*, by: Actor, user: User, channel: str = "mail") -> Contact:
    return reporting.report_suspicious(pasted=FORGED, channel=channel, key=uuid.uuid4(), by=by, user=user, now=now())
