from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.customers.contact_points import current
from backoffice.customers.models import Customer
from backoffice.messages.telling import tell
from backoffice.references import new_reference
from backoffice.trust import checking
from backoffice.trust.checking import Answer, Check, check
from backoffice.trust.models import Contact, Direction
from tests.factories import make_customer
from tests.messages.telling import written

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def customer(db: None) -> Customer:
    return make_customer()


@pytest.fixture
def contact(customer: Customer) -> Contact:
    (message,) = written(
        tell,
        customer=customer,
        case_id=uuid4(),
        case_reference=new_reference(),
        template="card_blocked",
        context={"reason": "fraud", "last_four": "4242"},
        by=system(),
        now=NOW,
    )
    return message.contact


def ask(typed: str, last_three: str = "", address: str = "192.0.2.1", now: datetime = NOW) -> Check:
    return check(typed=typed, last_three=last_three, address=address, now=now, padded=False)


def current_number(customer: Customer) -> str:
    point = current(customer=customer, kind="phone")
    assert point is not None
    return str(point.value)


def last_three(customer: Customer) -> str:
    return current_number(customer)[-3:]


def test_a_check_code_says_what_it_was_and_what_it_asks(contact: Contact) -> None:
    answer = ask(contact.reference.lower().replace("-", " "))

    assert answer.answer == Answer.OURS
    assert answer.says == "Yes, this code is ours: e-mail, Monday 23 November 2026. It says that we blocked a card."
    assert "sign in" in answer.asks
    assert "anything else" in answer.now_do


def spellings(code: str) -> list[str]:
    full_width = "".join(chr(ord(one) + 0xFEE0) for one in code)
    return [
        *(
            code.lower(),
            code.replace("-", ""),
            code.replace("-", " "),
            code.replace("-", "–"),
            code.replace("-", " — "),
        ),
        *(code.replace("-", "\u2011"), code.replace("-", "\u2212"), code.replace("-", "."), code.replace("-", "-\n")),
        *(full_width, f"“{code}”.", f"[{code}]", f"\u2066{code}\u2069", "\u200b".join(code), f"\ufeff {code}\u00ad"),
        *(f"The code of this message is {code}: type it", f"Is this from us? {code} at meridian.example/check"),
    ]


@pytest.mark.parametrize("number", range(17))
def test_a_code_is_known_in_whatever_way_it_is_written(contact: Contact, number: int) -> None:
    assert ask(spellings(contact.reference)[number]).answer == Answer.OURS


def test_a_code_beside_the_reference_of_its_case_is_known(contact: Contact) -> None:
    assert ask(f"Case {contact.case_reference}. Is this from us? {contact.reference}").answer == Answer.OURS


def test_two_codes_are_answered_one_at_a_time(contact: Contact) -> None:
    answer = ask(f"{contact.reference} {new_reference(13)}")

    assert answer.answer == Answer.CANNOT_TELL
    assert "one code at a time" in answer.asks


def test_an_answer_names_nobody_and_nothing_of_the_card(contact: Contact, customer: Customer) -> None:
    said = " ".join(str(part) for part in vars(ask(contact.reference)).values())

    for secret in (customer.given_name, customer.family_name, customer.phrase, "4242", contact.case_reference):
        assert secret not in said


def test_a_case_reference_alone_answers_the_same_for_known_and_unknown(contact: Contact) -> None:
    assert ask(contact.case_reference) == ask(new_reference())
    assert ask(contact.case_reference).answer == Answer.CANNOT_TELL


def test_a_case_reference_answers_together_with_the_last_three_digits(contact: Contact, customer: Customer) -> None:
    digits = last_three(customer)
    wrong = f"{(int(digits) + 1) % 1000:03d}"

    for typed in (digits, f" {digits[0]}-{digits[1:]}", current_number(customer), full_width(digits)):
        assert ask(contact.case_reference, typed).answer == Answer.OURS
    assert ask(contact.case_reference, wrong) == ask(new_reference(), wrong)
    assert ask(new_reference(), wrong).answer == Answer.CANNOT_TELL


def full_width(digits: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in digits)


def test_a_case_is_ours_by_what_was_sent_last_and_says_how_to_check_another(
    contact: Contact, customer: Customer
) -> None:
    answer = ask(contact.case_reference, last_three(customer))

    assert answer.says.startswith("Yes, this case is ours. What we sent last: e-mail, Monday 23 November 2026.")
    assert "Type its long code" in answer.now_do


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", "-", "hello", "K7Q-4MX-3", "K7Q-4MX-O", "½½½", "' OR 1=1 --", "A" * 100_000, "\u200b", "1234567"]
)
def test_what_is_no_whole_reference_is_to_be_read_again_and_is_not_called_a_fraud(typed: str) -> None:
    answer = ask(typed)

    assert answer.answer == Answer.CANNOT_TELL
    assert "Read it once more" in answer.asks


def test_a_misread_code_tells_nothing_about_codes_that_differ_by_one_character(contact: Contact) -> None:
    genuine, unknown = contact.reference, new_reference(13)
    misread = [code[:-1] + next(one for one in "23" if one != code[-1]) for code in (genuine, unknown)]

    assert ask(misread[0]) == ask(misread[1])
    assert ask(misread[0]).answer == Answer.CANNOT_TELL


@pytest.mark.django_db
def test_a_whole_code_that_we_never_made_is_not_ours() -> None:
    assert ask(new_reference(13)).answer == Answer.NOT_OURS


def test_the_number_of_a_report_is_no_code_of_a_message(customer: Customer) -> None:
    report = Contact.objects.create(channel="mail", direction=Direction.IN, purpose="reported_suspicious", at=NOW)

    answer = ask(report.reference)

    assert answer.answer == Answer.CANNOT_TELL
    assert "a report" in answer.says


def test_known_and_unknown_take_the_same_queries(contact: Contact, customer: Customer) -> None:
    def queries(typed: str, digits: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            ask(typed, digits)
        return len(captured)

    digits = last_three(customer)
    counts = {queries(t, d) for t in (contact.reference, new_reference(13), "nonsense") for d in ("", digits)}
    counts |= {queries(t, d) for t in (contact.case_reference, new_reference()) for d in (digits, "000")}

    assert len(counts) == 1


def test_the_three_digits_cannot_be_tried_through_from_many_addresses(contact: Contact, customer: Customer) -> None:
    answers = {ask(contact.case_reference, f"{n:03d}", address=f"192.0.2.{n}").answer for n in range(5)}
    blocked = ask(contact.case_reference, last_three(customer), address="198.51.100.7")

    assert answers <= {Answer.CANNOT_TELL, Answer.OURS}
    assert ask_case_alone(contact) != blocked
    assert blocked.answer == Answer.CANNOT_TELL
    assert blocked == ask_until_refused(new_reference())


def ask_case_alone(contact: Contact) -> Check:
    return check(typed=contact.case_reference, address="203.0.113.99", now=NOW + timedelta(hours=2), padded=False)


def ask_until_refused(reference: str) -> Check:
    return [ask(reference, "000", address=f"203.0.113.{n}") for n in range(6)][-1]


def test_one_address_is_answered_twenty_times_and_again_in_the_next_window(contact: Contact) -> None:
    answers = [ask(contact.reference).answer for _try in range(21)]

    assert answers[:20] == [Answer.OURS] * 20
    assert answers[20] == Answer.CANNOT_TELL
    assert ask(contact.reference, address="198.51.100.7").answer == Answer.OURS
    assert ask(contact.reference, now=NOW + timedelta(minutes=10)).answer == Answer.OURS


def test_ten_thousand_tries_learn_nothing(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "IN_ALL", replace(checking.IN_ALL, times=300))
    answers = [ask(new_reference(13), "123", address=f"2001:db8::{n:x}").answer for n in range(10_000)]

    assert Answer.OURS not in answers
    assert answers.count(Answer.NOT_OURS) == checking.IN_ALL.times
    assert answers.count(Answer.CANNOT_TELL) == 10_000 - checking.IN_ALL.times


def test_a_padded_answer_takes_the_same_time_for_known_and_unknown(
    contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PADDED_TO", timedelta(milliseconds=60))

    def seconds(typed: str, n: int) -> float:
        began = time.perf_counter()
        check(typed=typed, address=f"192.0.2.{n}", now=NOW)
        return time.perf_counter() - began

    known = [seconds(contact.reference, n) for n in range(15)]
    unknown = [seconds(new_reference(13), n) for n in range(15)]

    assert abs(median(known) - median(unknown)) < 0.01
    assert min(known + unknown) >= 0.055
