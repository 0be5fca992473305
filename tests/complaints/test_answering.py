"""Answering a complaint: reasons, redress, holding letter, another look; each fault on its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from backoffice.cases import answering, catalogue
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.complaints import panels, words
from backoffice.complaints.answering import APPROVED_ABOVE
from backoffice.complaints.models import Complaint, Decision, Redress
from backoffice.complaints.ombudsmen import ombudsman_of
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Invalid, Refused
from backoffice.staff.models import Role, User
from tests.complaints.complaining import ask_owner, begin, complain, tell
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import advance, ask, close, customer_actor
from tests.portal.conftest import Person, make_person
from workflows.base.contracts import DoEffect, SendNotice
from workflows.complaint.spec import COMPLAINT_PROCESS

pytestmark = pytest.mark.django_db
REASONS = "You are right: nobody told you why the robot rang. We have changed that."
UPHELD = {"outcome": "upheld", "reasons": REASONS}
DAY = timedelta(days=1)


@pytest.fixture
def owner(db: None) -> User:
    return make_staff(role=Role.SUPERVISOR, first_name="Sam", last_name="Prins")


@pytest.fixture
def case(maria: Customer) -> Case:
    case = complain(maria, topic="payment")
    begin(case)
    return case


def answer(case: Case, by: User, kind: str = "answer_complaint", **data: Any) -> answering.Receipt:
    waiting = WorkItem.objects.filter(case=case, kind=kind, state=ItemState.OPEN).first()
    item = waiting or ask_owner(case, kind)
    return answering.answer(item_id=item.id, by=actor(by), data=data, session=answering.Session(by, ""))


def faults(case: Case, by: User, kind: str = "answer_complaint", **data: Any) -> set[str]:
    with pytest.raises(Invalid) as refused:
        answer(case, by, kind, **data)
    return set(refused.value.errors)


def facts(case: Case) -> dict[str, Any]:
    """What the last answer told the process."""
    told: dict[str, Any] = case.outbox.order_by("-number")[0].payload["facts"]
    return told


def test_an_answer_needs_a_decision_and_reasons(case: Case, owner: User) -> None:
    assert faults(case, owner) == {"outcome", "reasons"}
    assert faults(case, owner, outcome="upheld", reasons="No.") == {"reasons"}
    assert answer(case, owner, **UPHELD).outcome == "upheld"
    decision = Decision.objects.get()
    assert (decision.reasons, decision.by, decision.told_at) == (REASONS, owner, None)
    assert facts(case) == {}


def test_redress_is_checked_field_by_field(case: Case, owner: User) -> None:
    for amount in ("-1", "0", "1.001", "much", "99999999"):
        assert faults(case, owner, **UPHELD, amount=amount, currency="EUR") == {"amount"}
    assert faults(case, owner, **UPHELD, correction="on") == {"what"}
    assert faults(case, owner, **UPHELD, free_service="on") == {"what"}
    assert faults(case, owner, **UPHELD, amount="5", currency="XXX") == {"currency"}
    assert faults(case, owner, **UPHELD, what="A year without the fee.") == {"what"}


@pytest.mark.parametrize(
    ("data", "above"),
    [
        ({"amount": "50.00", "currency": "EUR"}, False),
        ({"amount": "50.01", "currency": "EUR"}, True),
        ({"apology": "on"}, False),
        ({"free_service": "on", "what": "A year without the fee of the card."}, True),
    ],
    ids=["at the limit", "above it", "apology", "free service"],
)
def test_four_eyes_are_needed_above_the_limit(case: Case, owner: User, data: dict[str, Any], above: bool) -> None:
    answer(case, owner, **UPHELD, **data)

    assert facts(case) == {"redress": True} | ({"above_limit": True} if above else {})
    assert APPROVED_ABOVE == 5000
    assert "amount" not in str(case.outbox.order_by("-number")[0].payload)


def test_who_answers_does_not_approve(case: Case, owner: User) -> None:
    from django.contrib.auth.models import Group

    answer(case, owner, **UPHELD, amount="80", currency="EUR")
    owner.groups.add(Group.objects.get(name=Role.APPROVER.value))
    item = ask(case, "approve_redress")
    by = actor(User.objects.get(pk=owner.pk))
    with pytest.raises(Refused, match="another person"):
        answering.answer(
            item_id=item.id,
            by=by,
            data={"outcome": "approved", "reason": "Fine by me."},
            session=answering.Session(User.objects.get(pk=owner.pk), ""),
        )


def test_what_is_promised_is_owed_with_a_day_and_then_given(case: Case, owner: User) -> None:
    answer(case, owner, **UPHELD, apology="on", amount="25", currency="EUR")
    tell(case, promise=True)
    owed = Redress.objects.order_by("pk")
    assert [one.given_at for one in owed] == [None, None]
    assert all(one.due_at and now() + 13 * DAY < one.due_at < now() + 15 * DAY for one in owed)
    assert {words.redress_in_words(one) for one in owed} == {"25.00 EUR", "an apology in writing"}

    item = ask(case, "give_redress")
    by = make_staff()
    answering.answer(item_id=item.id, by=actor(by), data={}, session=answering.Session(by, ""))

    assert all(one.given_at and one.given_by == by for one in Redress.objects.all())


def test_each_item_gives_what_its_own_answer_promised(case: Case, owner: User) -> None:
    """Of two answers, the first promise may be open when the second is made."""
    answer(case, owner, **UPHELD, amount="25", currency="EUR")
    tell(case, promise=True)
    first = ask(case, "give_redress")
    advance(case, effects=(DoEffect("reopen"),), stage="reopened")
    answer(case, make_staff(role=Role.COMPLIANCE), "review_complaint", **UPHELD, amount="40", currency="EUR")
    tell(case, promise=True, moment="review")
    second = ask(case, "give_redress")
    assert [words.redress_lines(case, one)[0][1] for one in (first, second)] == ["25.00 EUR", "40.00 EUR"]

    by = make_staff()
    answering.answer(item_id=second.id, by=actor(by), data={}, session=answering.Session(by, ""))

    assert list(Redress.objects.exclude(given_at=None).values_list("amount_minor", flat=True)) == [4000]
    answering.answer(item_id=first.id, by=actor(by), data={}, session=answering.Session(by, ""))
    assert not Redress.objects.filter(given_at=None).exists()


def test_what_is_sent_back_is_not_typed_again_and_its_approver_reads_it(case: Case, owner: User) -> None:
    answer(case, owner, **UPHELD, amount="80", currency="EUR")
    approval = ask(case, "approve_redress")
    assert REASONS in str(words.redress_lines(case, approval))
    form = catalogue.answering(ask_owner(case)).form_for(ask_owner(case), by=actor(owner))
    assert form["reasons"].value() == REASONS


def test_nobody_takes_back_what_is_answered_before_they_have_what_was_promised(case: Case, owner: User) -> None:
    from backoffice.cases import withdrawing

    by = customer_actor(case.customer)
    answer(case, owner, **UPHELD, amount="25", currency="EUR")
    assert withdrawing.why_not_withdraw(case, by=by) == ""
    tell(case, promise=True)
    assert "We owe you" in withdrawing.why_not_withdraw(Case.objects.get(pk=case.pk), by=by)
    Redress.objects.update(given_at=now())
    assert "nothing to take back" in withdrawing.why_not_withdraw(Case.objects.get(pk=case.pk), by=by)
    advance(case, effects=(DoEffect("reopen"),), stage="reopened")
    assert withdrawing.why_not_withdraw(Case.objects.get(pk=case.pk), by=by) == ""


def test_a_holding_letter_needs_its_reason_and_its_day(case: Case, owner: User) -> None:
    hold = {"outcome": "hold", "reasons": "The other bank has not sent us the papers yet."}
    stop = Complaint.of(case).hard_stop.date()
    assert faults(case, owner, outcome="hold", reasons="") == {"reasons", "hold_until"}
    assert faults(case, owner, **hold) == {"hold_until"}
    due = Complaint.of(case).final_by.date()
    for day in (now().date(), due):
        assert faults(case, owner, **hold, hold_until=day.isoformat()) == {"hold_until"}
    assert faults(case, owner, **hold, hold_until=(stop + DAY).isoformat()) == {"hold_until"}
    assert faults(case, owner, **hold, hold_until=stop.isoformat(), apology="on") == {"apology"}
    assert faults(case, owner, **UPHELD, hold_until=stop.isoformat()) == {"outcome"}

    answer(case, owner, **hold, hold_until=stop.isoformat())

    complaint = Complaint.objects.get(case=case)
    assert complaint.answer_by == complaint.hard_stop
    assert complaint.held_because == hold["reasons"]
    assert facts(case)["until"]
    assert faults(case, owner, **hold) == {"outcome"}


def test_nobody_holds_what_has_eight_weeks(maria: Customer, owner: User) -> None:
    case = complain(maria, topic="visit")
    assert faults(case, owner, outcome="hold", reasons=REASONS) == {"outcome"}


def test_compliance_answers_what_is_overdue_and_it_is_an_alarm(case: Case) -> None:
    advance(case, effects=(DoEffect("alarm_overdue"),), stage="overdue", notices=(SendNotice("overdue"),))
    case.refresh_from_db()
    assert case.open_incidents == 1
    carla = make_staff(role=Role.COMPLIANCE)
    assert answer(case, carla, "answer_overdue", **UPHELD).outcome == "upheld"


def test_the_customer_accepts_or_says_why_not(case: Case, owner: User) -> None:
    answer(case, owner, **UPHELD)
    tell(case)
    item, by = ask(case, "react"), customer_actor(case.customer)
    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=by, data={"decision": "reopened"})
    assert set(refused.value.errors) == {"because"}
    answering.answer(item_id=item.id, by=by, data={"decision": "reopened", "because": "It was not a robot."})
    advance(case, effects=(DoEffect("reopen"),), stage="reopened")
    complaint = Complaint.objects.get(case=case)
    assert complaint.reopened_because == "It was not a robot."
    assert complaint.reopened_at is not None
    assert complaint.answer_by > now() + 15 * DAY
    owner.groups.add(*make_staff(role=Role.COMPLIANCE).groups.all())
    same = User.objects.get(pk=owner.pk)
    with pytest.raises(Refused, match="another person"):
        answer(case, same, "review_complaint", **UPHELD)
    carla = make_staff(role=Role.COMPLIANCE)
    answer(case, carla, "review_complaint", outcome="partly", reasons=REASONS)
    assert Decision.objects.get(verdict="partly").again
    last = ask(case, "react_again")
    with pytest.raises(Invalid):
        answering.answer(item_id=last.id, by=by, data={"decision": "reopened", "because": "Again."})
    assert answering.answer(item_id=last.id, by=by, data={"decision": "escalated"}).outcome == "escalated"


def test_the_desk_notes_what_a_customer_says_by_letter(case: Case, owner: User) -> None:
    answer(case, owner, **UPHELD)
    tell(case)
    desk = make_staff()
    assert faults(case, desk, "note_reaction") == {"decision"}
    assert faults(case, desk, "note_reaction", decision="reopened") == {"because"}
    assert answer(case, desk, "note_reaction", decision="reopened", because="It was no robot.").outcome == "reopened"
    assert Complaint.objects.get(case=case).reopened_because == "It was no robot."


def test_nobody_of_us_takes_a_complaint_back_or_freezes_it(case: Case, owner: User) -> None:
    from backoffice.cases import freezing, withdrawing

    assert "Only the customer" in withdrawing.why_not_withdraw(case, by=actor(owner))
    assert withdrawing.why_not_withdraw(case, by=customer_actor(case.customer)) == ""
    assert "never stops" in freezing.why_not_freeze(case, by=actor(owner))
    assert freezing.freeze_what_is_sensitive(customer=case.customer, by=actor(owner), reason="x") == 0


def page(person: Person, case: Case) -> str:
    return person.client.get(reverse("portal:case", args=[case.reference])).content.decode()


def test_what_the_customer_reads_is_true_at_each_moment(owner: User) -> None:
    person = make_person()
    case = complain(person.customer, topic="payment", text="I am furious.")
    begin(case)
    assert "You have our answer by" in page(person, case)
    assert "15 business days" in page(person, case)
    stop = Complaint.of(case).hard_stop.date()
    answer(case, owner, outcome="hold", reasons="The other bank is silent.", hold_until=stop.isoformat())
    assert "The other bank is silent." in page(person, case)
    answer(case, owner, **UPHELD, apology="on")
    assert REASONS not in page(person, case)
    tell(case, promise=True)
    shown = page(person, case)
    assert REASONS in shown
    assert "An apology in writing" in shown
    assert "Kifid" in shown
    assert "When you have our answer" not in shown
    close(case)
    assert "You are right." in page(person, case)
    assert not Complaint.objects.get(case=case).live


def test_who_is_late_says_so(owner: User) -> None:
    person = make_person()
    case = complain(person.customer)
    Complaint.objects.filter(case=case).update(answer_by=now() - DAY)
    advance(case, stage="overdue")
    shown = page(person, case)
    assert "We are late" in shown
    assert "that is our fault" in shown
    assert "Kifid" in shown

    answer(case, owner, **UPHELD)
    tell(case)
    assert "We are late with" not in page(person, case)
    advance(case, effects=(DoEffect("reopen"),), stage="reopened")
    assert "at the latest" in page(person, case)
    Complaint.objects.filter(case=case).update(answer_by=now() - DAY)
    assert "We are late. You should have had our answer by now." in page(person, case)
    client = Client()
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    assert "late since" in client.get(reverse("admin:complaint:board")).content.decode()


def test_a_letter_holds_the_reasons_and_a_mail_does_not(owner: User) -> None:
    person = make_person()
    case = complain(person.customer, by=actor(owner), came="letter")
    answer(case, make_staff(role=Role.SUPERVISOR, first_name="Ria"), **UPHELD, apology="on")
    notices = tuple(SendNotice(name, {"verdict": "upheld"}) for name in ("final", "final_letter"))
    advance(case, effects=(DoEffect("gather_evidence", {"moment": "answer"}),), notices=notices)
    told = letters_of(case)
    assert REASONS in told["letter"]
    assert "an apology in writing" in told["letter"]
    assert "once more" in told["letter"]
    assert REASONS not in told["mail"]
    assert "Kifid" in told["mail"]
    assert "It costs you nothing." in told["mail"]

    advance(case, effects=(DoEffect("reopen"),), stage="reopened")
    answer(case, make_staff(role=Role.COMPLIANCE), "review_complaint", outcome="rejected", reasons=REASONS)
    second = tuple(SendNotice(name, {"verdict": "rejected"}) for name in ("final", "final_letter"))
    advance(case, effects=(DoEffect("gather_evidence", {"moment": "review"}),), notices=second)
    assert "once more" not in letters_of(case)["letter"]
    assert "our last answer" in letters_of(case)["letter"]


def letters_of(case: Case) -> dict[str, str]:
    """By channel, the newest message of the case in words."""
    told = {}
    messages = Message.objects.filter(contact__case_id=case.id).select_related("contact__customer")
    for message in messages.order_by("contact__at", "contact__pk"):
        make = composing.letter if message.contact.channel == "letter" else composing.mail
        said = make(
            message.template,
            customer=case.customer,
            case_reference=case.reference,
            check_code=message.contact.reference,
            context=message.context,
        )
        told[message.contact.channel] = said.text
        assert REASONS not in str(message.context)
    return told


def test_only_a_body_that_says_so_itself_is_called_free() -> None:
    free = {country: ombudsman_of(Customer(country=country)).is_free for country in ("NL", "IT", "DE", "PL", "US")}
    assert [country for country, is_free in free.items() if is_free] == ["NL"]
    assert "Bundesbank" in ombudsman_of(Customer(country="DE")).name


OFFERS = re.compile(
    r"\b(discount|upgrade|offer(s|ed)?|buy|purchase|price|premium|subscribe|special|deal|save money|try our|product"
    r"|new card|open an account|recommend)\b",
    re.IGNORECASE,
)
MINE = ["templates/complaint", "templates/messages/complaint"]


@pytest.mark.parametrize("folder", MINE)
def test_nothing_is_offered_for_sale_on_a_complaint(folder: str) -> None:
    files = list((Path(settings.BASE_DIR) / folder).iterdir())
    assert files
    assert [(path.name, found.group()) for path in files if (found := OFFERS.search(path.read_text()))] == []
    others = [process.name for process in catalogue.all_processes() if process.name != COMPLAINT_PROCESS.name]
    advertised = [
        (path.name, name)
        for path in files
        for name in others
        if f'"{name}"' in path.read_text() or f"{name}/" in path.read_text()
    ]
    assert advertised == []


def test_the_desk_sees_age_and_clock(case: Case) -> None:
    complaint = Complaint.of(case)
    complaint.received_at = datetime(2026, 11, 2, 12, tzinfo=UTC)
    aged = [
        panels.clock_lines(complaint, now=complaint.received_at + days * DAY, waits=True)[0] for days in (0, 1, 6, 7)
    ]
    assert aged == [
        ("Age", f"{told}, NL") for told in ("0 business days", "1 business day", "4 business days", "5 business days")
    ]
    lines = dict(panels.clock_lines(complaint, now=complaint.received_at, waits=True))
    assert "on the customer's clock (Europe/Amsterdam)" in lines["Answer due"]
    assert "Never later than" in lines
