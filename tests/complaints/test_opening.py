"""A complaint comes in: by its customer, at the desk, about a call; and whom it names is kept from it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from backoffice.actors import Channel
from backoffice.cases import alarms
from backoffice.cases.models import Case, KeptFrom, WorkItem
from backoffice.complaints import naming
from backoffice.complaints.models import Complaint
from backoffice.customers.models import Customer
from backoffice.messages.models import Message
from backoffice.refusals import Invalid
from backoffice.staff.models import Role, User
from backoffice.telephony.models import Call
from backoffice.trust.models import Contact
from tests.complaints.complaining import WRITTEN, begin, complain, hanna, rung
from tests.factories import actor, make_card, make_customer, make_staff, now
from tests.playing import open_card_case
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db


def kept(case: Case) -> set[int]:
    return set(KeptFrom.objects.filter(root=case).values_list("user_id", flat=True))


def refused(customer: Customer, **data: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as found:
        complain(customer, **data)
    return found.value.errors


def test_a_customer_has_the_number_at_once_and_a_mail_with_it(maria: Customer) -> None:
    person = make_person()
    sent = {"key": str(uuid.uuid4()), "topic": "fee", "text": "You charged me twice."}

    response = person.client.post("/portal/open/complaint/", sent, follow=True)

    case = Case.objects.get(process="complaint")
    shown = response.content.decode()
    assert case.reference in shown
    assert "You have our answer by" in shown
    assert "You charged me twice." in shown
    begin(case)
    message = Message.objects.select_related("contact").get(template="complaint.received")
    assert case.reference in message.contact.subject
    assert message.send_after - case.opened_at < timedelta(minutes=1)


def test_only_two_fields_must_be_filled_in_and_each_fault_stands_on_its_field(maria: Customer) -> None:
    assert set(refused(maria, topic="", text="")) == {"topic", "text"}
    assert set(refused(maria, contact="K7Q-4MX-2")) == {"contact"}
    assert set(refused(maria, text="x" * 4001)) == {"text"}
    assert complain(maria).reference


def test_payments_have_15_business_days_and_everything_else_eight_weeks(maria: Customer) -> None:
    card = open_card_case(make_card(customer=maria))
    for topic, rule in (("payment", "payments"), ("visit", "others")):
        assert Complaint.of(complain(maria, topic=topic)).rule == rule
    about = Complaint.of(complain(maria, topic="other", case=card.reference))
    assert about.rule == "payments"
    assert about.about_case == card


def test_a_complaint_about_a_call_brings_its_facts_and_keeps_its_agent_away(maria: Customer) -> None:
    agent = hanna()
    call = rung(maria, agent)

    case = complain(maria, contact=call.contact.reference)

    assert Complaint.of(case).contact == call.contact
    assert kept(case) == {agent.pk}


def test_a_code_of_somebody_elses_contact_is_not_known(maria: Customer) -> None:
    assert set(refused(maria, contact=rung(make_customer(), hanna()).contact.reference)) == {"contact"}


def test_who_had_contact_can_be_chosen_and_nobody_else(maria: Customer) -> None:
    agent, stranger = hanna(), make_staff()
    rung(maria, agent)

    assert kept(complain(maria, topic="person", person=str(agent.public_id))) == {agent.pk}
    assert set(refused(maria, topic="person", person=str(stranger.public_id))) == {"person"}


NAMED = [
    "Hanna Visser was rude to me",
    "that HANNA VISSER!!!",
    "hanna lied to me",
    "Mrs Vissser hung up",
    "vsiser",
    "Hánna",
    "Frau Visser, the worst",
    "badge B-VISSER",
]


@pytest.mark.parametrize("text", NAMED, ids=[str(number) for number, _text in enumerate(NAMED)])
def test_a_name_typed_in_anger_is_found(maria: Customer, text: str) -> None:
    agent = hanna()
    agent.staff_profile.badge_number = "B-VISSER"
    agent.staff_profile.save()
    rung(maria, agent)

    assert kept(complain(maria, topic="person", text=text)) == {agent.pk}
    assert kept(complain(maria, topic="person", whom=text)) == {agent.pk}


def test_a_given_name_alone_names_only_whom_the_customer_knows(maria: Customer) -> None:
    known, other = hanna(), make_staff(first_name="Hanna", last_name="Smit")
    rung(maria, known)
    found = naming.named_in("Hanna was rude. I spoke to nobody else.", known=[known])
    assert found == [known]
    assert other in naming.named_in("Hanna Smit", known=[])


def test_a_short_family_name_is_found_with_the_given_name_or_where_a_name_is_asked_for(maria: Customer) -> None:
    user = make_staff(first_name="Wei", last_name="Li")
    assert naming.named_in("Wei Li was rude") == [user]
    assert naming.named_in("Li", is_name=True) == [user]
    assert naming.named_in("Li", known=[user]) == [user]
    assert naming.named_in("li is a unit of length in China") == []


def test_a_word_of_a_text_finds_nobody_by_chance_and_a_misspelt_name_finds_them(maria: Customer) -> None:
    user = make_staff(first_name="Sam", last_name="Prins")
    assert naming.named_in("I could not print it. Somebody sad said so.") == []
    assert naming.named_in("print", is_name=True) == [user]
    assert naming.named_in(f"He calls himself “{user.username}”!") == [user]
    assert kept(complain(maria, text="Nobody was nice.", whom="Prinss")) == {user.pk}


def test_who_came_to_the_door_is_known_by_their_given_name(maria: Customer) -> None:
    visitor = make_staff(first_name="Vera", last_name="Houtman")
    case = open_card_case(make_card(customer=maria))
    done = {"performer": "person", "state": "answered", "answered_by": visitor, "answered_at": now(), "holder": visitor}
    WorkItem.objects.create(case=case, kind="visit", step="visit", opened_at=now(), level=0, **done)
    assert kept(complain(maria, topic="visit", text="Vera came forty minutes late.")) == {visitor.pk}


def test_a_name_that_nobody_has_is_noted_for_its_owner(maria: Customer) -> None:
    complaint = Complaint.of(complain(maria, topic="person", whom="Zebulon Quartermain"))
    assert complaint.name_unknown
    assert kept(complaint.case) == set()


def test_text_of_any_kind_is_read_in_time(maria: Customer) -> None:
    make_staff(first_name="Hanna", last_name="Visser")
    for text in ("-" * 4000, "a " * 2000, "ab" * 2000, "é" * 4000):
        complain(maria, text=text)


def test_nobody_enters_a_complaint_about_themselves(maria: Customer) -> None:
    agent = hanna()
    rung(maria, agent)
    with pytest.raises(Invalid) as found:
        complain(maria, by=actor(agent), came="phone", topic="person", whom="Visser")
    assert "names you" in found.value.errors["whom"][0]
    colleague = make_staff(first_name="Otto", last_name="Prins")
    assert kept(complain(maria, by=actor(colleague), came="phone", topic="person", whom="Visser")) == {agent.pk}


def test_the_desk_says_how_it_came_and_since_when_the_clock_runs(maria: Customer) -> None:
    desk = actor(make_staff(first_name="Otto", last_name="Prins"))
    earlier = (now() - timedelta(days=10)).date()
    with pytest.raises(Invalid) as found:
        complain(maria, by=desk)
    assert set(found.value.errors) == {"came"}
    with pytest.raises(Invalid) as found:
        complain(maria, by=desk, came="phone", received_on=earlier.isoformat())
    assert set(found.value.errors) == {"received_on"}
    with pytest.raises(Invalid) as found:
        complain(maria, by=desk, came="letter", received_on=(now() + timedelta(days=3)).date().isoformat())
    assert set(found.value.errors) == {"received_on"}
    with pytest.raises(Invalid) as found:
        complain(maria, by=desk, came="letter", received_on=(now() - timedelta(days=62)).date().isoformat())
    assert set(found.value.errors) == {"received_on"}

    today = Complaint.of(complain(maria, by=desk, came="phone"))
    by_letter = Complaint.of(complain(maria, by=desk, came="letter", received_on=earlier.isoformat()))

    assert (today.came, by_letter.came) == ("phone", "letter")
    assert by_letter.final_by < today.final_by
    assert by_letter.by_letter


def test_a_machine_with_the_account_of_a_colleague_complains_by_the_api(maria: Customer) -> None:
    desk = actor(make_staff(), channel=Channel.API)
    assert Complaint.of(complain(maria, by=desk)).came == "api"


def owner_of(case: Case) -> User | None:
    return User.objects.filter(public_id=begin(case) or uuid.uuid4()).first()


def test_its_owner_has_the_fewest_and_is_never_the_person_complained_of(maria: Customer) -> None:
    busy, free = (
        make_staff(role=Role.SUPERVISOR, last_name="Aalders"),
        make_staff(role=Role.SUPERVISOR, last_name="Zwart"),
    )
    from tests.complaints.complaining import ask_owner

    ask_owner(complain(maria), holder=str(busy.public_id))
    assert owner_of(complain(maria)) == free
    rung(maria, free)
    assert owner_of(complain(maria)) == busy
    Contact.objects.filter(by=free).update(by=None)
    Call.objects.filter(agent=free).update(agent=None)
    ask_owner(complain(maria), holder=str(free.public_id))
    ask_owner(complain(maria), holder=str(free.public_id))
    assert owner_of(complain(maria)) == busy


def test_where_a_supervisor_is_complained_of_compliance_owns_it(maria: Customer) -> None:
    boss, carla = (
        make_staff(role=Role.SUPERVISOR, last_name="Aalders"),
        make_staff(role=Role.COMPLIANCE, last_name="Zwart"),
    )
    make_staff(role=Role.SUPERVISOR, last_name="Kuiper")
    case = complain(maria, topic="person", text="Hanna Aalders shouted at me.")

    assert kept(case) == {boss.pk}
    assert case.outbox.get().payload["facts"]["independent"] is True
    assert owner_of(case) == carla
    both = complain(maria, topic="person", text="Hanna Aalders shouted, and Zwart laughed.")
    other = make_staff(role=Role.COMPLIANCE, last_name="Bakker")
    assert owner_of(both) == other
    assert kept(both) == {boss.pk, carla.pk}


def test_who_entered_it_does_not_own_it(maria: Customer) -> None:
    entered = make_staff(role=Role.SUPERVISOR, last_name="Aalders")
    case = complain(maria, by=actor(entered), came="phone")
    assert owner_of(case) is None
    assert owner_of(complain(maria)) == entered


def test_without_anybody_who_can_own_it_the_role_does(maria: Customer) -> None:
    make_staff(role=Role.SUPERVISOR, last_name="Aalders")
    case = complain(maria, text="Hanna Aalders shouted at me.")
    assert owner_of(case) is None
    alarm = alarms.open_ones().get()
    assert "nobody may answer it" in alarms.sentence(alarm)
    assert case.reference not in str(alarm.told)
    make_staff(role=Role.COMPLIANCE, last_name="Zwart")
    assert owner_of(complain(maria, text="Hanna Aalders shouted at me.")) is not None
    assert alarms.open_ones().count() == 1


def test_the_same_page_sent_twice_is_one_complaint() -> None:
    person = make_person()
    sent = {"key": str(uuid.uuid4()), "topic": "fee", "text": WRITTEN}
    for _time in range(2):
        person.client.post("/portal/open/complaint/", sent)
    assert Case.objects.filter(process="complaint").count() == 1


def test_the_complaints_of_the_demonstration_can_be_made(maria: Customer) -> None:
    from demo.complaints import ANSWER_TO_ROBOCALL, OTHERS, ROBOCALL
    from demo.complaints import complain as complain_in_the_demonstration

    call = rung(maria, hanna())
    case = complain_in_the_demonstration(maria, ROBOCALL, contact=call.contact.reference)
    assert Complaint.of(case).contact == call.contact
    assert 20 < len(ANSWER_TO_ROBOCALL) < 4000
    assert {Complaint.of(complain_in_the_demonstration(maria, told)).topic for told in OTHERS} == {
        told.topic for told in OTHERS
    }
