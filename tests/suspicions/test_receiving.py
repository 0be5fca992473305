"""A report is matched, grouped, and pauses what is sensitive in the same transaction."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from backoffice.cases import freezing, opening
from backoffice.cases.models import Case, CaseState, Command, Event
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff.models import Role
from backoffice.suspicions import deciding, receiving
from backoffice.suspicions.models import Match, Proof, Report, Source, Suspicion
from backoffice.trust import reporting
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import customer_actor, outside_actor
from tests.suspicions.conftest import (
    SMISH,
    TWIN,
    UNLIKE,
    analyst,
    held_by,
    reported_by_stranger,
    reports,
    sensitive_case,
    strange,
)
from tests.suspicions.test_deciding import GOOD
from tests.trust.pasting import send


def state(case: Case) -> str:
    case.refresh_from_db()
    return str(case.state)


def test_what_is_not_ours_pauses_the_customers_open_cases_in_the_same_moment(maria: Customer) -> None:
    card, others = sensitive_case(maria), sensitive_case(make_customer())

    report = reports(maria)

    assert (report.match, report.proof, report.paused) == (Match.NOT_OURS, Proof.CUSTOMER, 1)
    assert (state(card), state(others)) == (CaseState.FROZEN, CaseState.OPEN)
    assert report.case is not None
    assert report.case.process == "suspicious_contact"
    assert state(report.case) == CaseState.OPEN
    facts = Command.objects.get(case=report.case).payload["facts"]
    assert facts == {"match": "not_ours"}
    kinds = Event.objects.filter(case=report.case).values_list("kind", flat=True)
    assert {"case.opened", "suspicious.reported", "suspicious.paused"} <= set(kinds)


def test_no_event_and_no_fact_says_what_was_reported(maria: Customer) -> None:
    report = reports(maria, strange(SMISH, "+31 6 12345678"))

    told = [str(one) for one in Event.objects.filter(case=report.case).values_list("data", "reason")]
    told += [str(one) for one in Command.objects.filter(case=report.case).values_list("payload", flat=True)]
    told += [str(one) for one in Report.objects.extra(select={"raw": "text"}).values_list("raw", flat=True)]
    assert not any("parcel" in one or "12345678" in one for one in told)


def test_a_message_of_ours_to_this_customer_is_told_and_pauses_nothing(maria: Customer) -> None:
    card = sensitive_case(maria)
    sent = send(maria, "mail", now=now())

    report = reports(maria, strange(sent.text, channel="mail"))

    assert (report.match, report.ours, report.group) == (Match.OURS, sent.message.contact, None)
    assert (state(card), report.paused) == (CaseState.OPEN, 0)


def test_our_message_to_somebody_else_is_not_said_to_be_theirs(maria: Customer) -> None:
    other = make_customer()
    sent = send(other, "mail", now=now())

    report = reports(maria, strange(sent.text, channel="mail"))

    assert (report.match, report.ours) == (Match.CANNOT_TELL, None)


def test_what_we_cannot_tell_pauses_at_once_and_asks_for_more(maria: Customer) -> None:
    card, others = sensitive_case(maria), sensitive_case(make_customer())

    report = reports(maria, strange("It was odd", channel="other"))

    assert (report.match, report.paused) == (Match.CANNOT_TELL, 1)
    assert (state(card), state(others)) == (CaseState.FROZEN, CaseState.OPEN)
    assert Command.objects.get(case=report.case).payload["facts"] == {"match": "cannot_tell"}


def test_what_a_stranger_says_and_nobody_can_tell_pauses_nothing(maria: Customer) -> None:
    card = sensitive_case(maria)

    report = reported_by_stranger(maria, strange("It was odd", channel="other"))

    assert (report.match, report.paused, state(card)) == (Match.CANNOT_TELL, 0, CaseState.OPEN)


def test_a_message_of_ours_vouches_for_no_voice_and_no_visitor(maria: Customer) -> None:
    """A fraudster has us send one, rings, and says: look, we have just written to you."""
    sent = send(maria, "mail", now=now())

    spoken = [strange(sent.text, channel="call"), strange(sent.text, channel="person")]
    spoken.append(strange(sent.text, channel="mail", is_on_now=True))
    matches = [reports(maria, one).match for one in spoken]

    assert matches == [Match.NOT_OURS, Match.CANNOT_TELL, Match.NOT_OURS]
    assert reports(maria, strange(sent.text, channel="mail")).match == Match.OURS


def test_nobody_reads_or_adds_to_anothers_report_by_its_key(maria: Customer) -> None:
    key = uuid.uuid4()
    hers = reports(maria, key=key)

    with pytest.raises(Conflict, match="another report"):
        reports(make_customer(), key=key)
    with pytest.raises(Conflict, match="another report"):
        reported_by_stranger(None, key=key)
    assert reports(maria, key=key) == hers


def test_the_same_key_is_one_report(maria: Customer) -> None:
    key = uuid.uuid4()

    first, second = reports(maria, key=key), reports(maria, key=key)

    assert first.pk == second.pk
    assert Case.objects.filter(process="suspicious_contact").count() == 1


def test_the_same_contact_again_goes_into_the_open_case(maria: Customer) -> None:
    first, again, other = reports(maria), reports(maria, strange(TWIN)), reports(maria, strange(UNLIKE))

    assert first.case == again.case
    assert other.case not in (None, first.case)


def test_reports_of_the_same_number_host_or_words_are_one_group(maria: Customer) -> None:
    first = reports(maria)
    words = reports(make_customer(), strange(TWIN))
    host = reported_by_stranger(None, strange("Look at https://www.parcel-desk.example/other, it is a trick"))
    number = reports(make_customer(), strange(UNLIKE, "+1 206 555 0188", channel="call"))
    same_number = reported_by_stranger(None, strange("", "+12065550188", channel="call"))

    assert first.group == words.group == host.group
    assert number.group == same_number.group != first.group
    assert Suspicion.objects.count() == 2


def test_a_fraud_that_copies_our_words_makes_no_genuine_message_a_fraud(maria: Customer) -> None:
    sent = send(maria, "mail", now=now())
    words = sent.text.partition("We blocked your card")[2].partition("How to check")[0]
    copy = reports(make_customer(), strange(f"{words} Pay at https://fee-desk.example/pay", channel="mail"))
    assert copy.group is not None
    told: dict[str, Any] = held_by(analyst(), copy.group)
    deciding.confirm(**told, reason="It copies us", words=replace(GOOD, host="fee-desk.example"))

    genuine = reports(maria, strange(sent.text, channel="mail"))
    part = reports(maria, strange(words, channel="mail"))
    again = reports(maria, strange("Look at https://fee-desk.example", channel="mail"))

    assert (genuine.match, genuine.group) == (Match.OURS, None)
    assert (part.match, part.group == copy.group) == (Match.CANNOT_TELL, False)
    assert (again.match, again.group) == (Match.NOT_OURS, copy.group)


def test_pressing_again_while_somebody_is_on_the_telephone_is_the_same_contact(maria: Customer) -> None:
    on_now = strange("", channel="call", is_on_now=True)
    first, again, others = reports(maria, on_now), reports(maria, on_now), reports(make_customer(), on_now)
    strangers = reported_by_stranger(maria, strange("", channel="call"))

    assert (again.group, again.case) == (first.group, first.case)
    assert first.group not in (others.group, strangers.group)


def test_what_nobody_vouches_for_adds_no_marks_to_a_group(maria: Customer) -> None:
    fraud = reports(maria)
    poison = reported_by_stranger(None, strange("https://parcel-desk.example and https://police-desk.example"))
    other = reports(make_customer(), strange("https://police-desk.example is not yours?", channel="mail"))

    assert poison.group == fraud.group != other.group


def test_links_that_anybody_has_group_nothing(maria: Customer) -> None:
    first = reports(maria, strange("Look at https://bit.ly/one and be rich"))
    second = reports(make_customer(), strange("See https://bit.ly/two or be sorry"))

    assert first.group != second.group


def test_a_report_of_staff_for_a_customer_pauses_and_names_who_said_so(maria: Customer) -> None:
    card, hanna = sensitive_case(maria), make_staff()
    told: dict[str, Any] = {"pasted": SMISH, "channel": "sms", "key": uuid.uuid4(), "user": hanna}

    contact = reporting.report_suspicious(by=actor(hanna), now=now(), customer=maria, **told)

    report = Report.objects.get(contact=contact)
    assert (report.proof, report.source, report.paused) == (Proof.STAFF, Source.DESK, 1)
    assert state(card) == CaseState.FROZEN
    contact.refresh_from_db()
    assert report.case is not None
    assert contact.case_reference == report.case.reference


def test_a_report_at_the_desk_without_a_customer_waits_for_an_analyst_alone(db: None) -> None:
    hanna = make_staff()
    told: dict[str, Any] = {"pasted": SMISH, "channel": "sms", "key": uuid.uuid4(), "user": hanna}

    contact = reporting.report_suspicious(by=actor(hanna), now=now(), **told)

    report = Report.objects.get(contact=contact)
    assert (report.case, report.proof, report.group is None) == (None, Proof.NONE, False)


def test_everybody_opens_it_by_the_same_form_too(maria: Customer) -> None:
    card = sensitive_case(maria)
    data = {"how": "sms", "text": SMISH, "sender": ""}

    case, _new = opening.open_by_form(
        process="suspicious_contact", customer=maria, by=customer_actor(maria), key="k", data=data
    )

    assert (Report.objects.get(case=case).match, state(card)) == (Match.NOT_OURS, CaseState.FROZEN)


def test_a_customer_reports_for_nobody_else_and_not_without_end(maria: Customer) -> None:
    with pytest.raises(NotFound):
        reports(make_customer(), by=customer_actor(maria))
    for _ in range(receiving.PER_ACCOUNT.times - 1):
        receiving.check_whose(
            receiving.Incoming(reported=strange(), key=uuid.uuid4(), source=Source.PORTAL, customer=maria),
            by=customer_actor(maria),
            now=now(),
        )
    with pytest.raises(Conflict, match="within an hour"):
        reports(maria), reports(maria)


def test_a_machine_reports_nothing_here(maria: Customer) -> None:
    with pytest.raises(Forbidden):
        reports(maria, by=outside_actor())


def test_another_cause_keeps_a_case_paused(maria: Customer) -> None:
    card, supervisor = sensitive_case(maria), make_staff(role=Role.SUPERVISOR)
    freezing.freeze(case_id=card.id, by=actor(supervisor), reason="suspicious")

    reports(maria)

    card.refresh_from_db()
    assert freezing.causes_of(card) == {"suspicious", "contact_reported"}
    assert Event.objects.filter(case=card, kind="case.frozen_too").count() == 1
