from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import Actor, system
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.messages.telling import tell
from backoffice.references import check_character, grouped, new_reference
from backoffice.refusals import Forbidden, Invalid
from backoffice.trust.models import Contact, Direction
from backoffice.trust.recognising import Recognition, Verdict, recognise
from tests.factories import make_customer
from tests.messages.telling import written

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def customer(db: None) -> Customer:
    customer = make_customer()
    customer.phrase = "blue kettle 7"
    customer.save(update_fields=["phrase"])
    return customer


LETTERS = [f"ABCDEFGHJKMN{last}" for last in "PQRSTVWXYZ"]


@pytest.fixture
def sent(customer: Customer) -> Message:
    return written(
        tell,
        customer=customer,
        case_id=uuid4(),
        case_reference=new_reference(),
        template="card_blocked",
        context={"reason": "fraud", "last_four": "4242", "until": "2026-11-26T16:00:00+00:00"},
        channels=("mail", "sms"),
        by=system(),
        now=NOW,
    )[0]


@pytest.fixture
def genuine(sent: Message, customer: Customer) -> str:
    """The whole mail as a customer pastes it."""
    words = composing.mail(
        sent.template,
        customer=customer,
        case_reference=sent.contact.case_reference,
        check_code=sent.contact.reference,
        context=sent.context,
    )
    head = f"From: {settings.DEFAULT_FROM_EMAIL}\nTo: {sent.point.value}\nSubject: {words.subject}\n\n"
    return head + words.text


def ask(pasted: str, agent: Actor) -> Recognition:
    return recognise(pasted=pasted, by=agent, now=NOW)


def test_a_check_code_is_ours(sent: Message, agent: Actor) -> None:
    answer = ask(sent.contact.reference, agent)

    assert answer.verdict == Verdict.OURS
    (seen,) = answer.contacts
    assert seen.reference == sent.contact.reference
    assert seen.to == sent.point.masked
    assert seen.about == "It says that we blocked a card."
    assert any("sign in" in sentence for sentence in answer.tell)


@pytest.mark.parametrize("form", ["{}", " {} ", "[{}]", "the code is {}"])
def test_a_case_reference_is_ours_and_shows_all_its_contacts(sent: Message, agent: Actor, form: str) -> None:
    answer = ask(form.format(sent.contact.case_reference), agent)

    assert answer.verdict == Verdict.OURS
    assert {seen.channel for seen in answer.contacts} == {"e-mail", "text message"}


def test_a_reference_heard_on_the_telephone_is_found(sent: Message, agent: Actor) -> None:
    heard = sent.contact.reference.replace("-", " ").lower()

    assert ask(heard, agent).verdict == Verdict.OURS


def test_a_reference_without_a_digit_is_found_too(sent: Message, agent: Actor) -> None:
    body = next(body for body in LETTERS if check_character(body).isalpha())
    Contact.objects.filter(pk=sent.contact_id).update(reference=grouped(body + check_character(body)))

    assert ask((body + check_character(body)).lower(), agent).verdict == Verdict.OURS


def test_the_whole_mail_is_ours(genuine: str, agent: Actor) -> None:
    answer = ask(genuine, agent)

    assert answer.why == ()
    assert answer.verdict == Verdict.OURS


def test_a_mail_quoted_in_an_answer_is_ours(genuine: str, agent: Actor) -> None:
    assert ask("\n".join(f"> {line}" for line in genuine.splitlines()), agent).verdict == Verdict.OURS


def test_a_part_of_our_mail_without_its_first_line_is_ours(genuine: str, agent: Actor) -> None:
    part = genuine.split("blue kettle 7", 1)[1]

    assert ask(part, agent).verdict == Verdict.OURS


def test_the_sms_is_ours(sent: Message, customer: Customer, agent: Actor) -> None:
    message = Message.objects.get(contact__channel="sms")
    text = composing.sms(
        message.template,
        customer=customer,
        case_reference=message.contact.case_reference,
        check_code=message.contact.reference,
        context=message.context,
    ).text

    assert ask(text, agent).verdict == Verdict.OURS


FORGERIES = {
    "a link elsewhere": lambda mail: mail + "\nUnblock it at https://meridian-secure.example.net/login?id=1",
    "a link without http": lambda mail: mail + "\nUnblock it at meridian-bank.com",
    "our name before an @ in a link": lambda mail: mail + "\nhttp://meridian.example@192.0.2.7/login",
    "our name below another domain": lambda mail: mail + "\nwww.meridian.example.evil.test/login",
    "letters that look alike": lambda mail: mail + "\nhttps://meridian.ex\u0430mple/login",
    "a link with invisible characters": lambda mail: mail + "\nht\u200btps://evil.test/",
    "a defanged link": lambda mail: mail + "\nhxxps://evil.test/",
    "asks for the PIN": lambda mail: mail + "\nTo go on, answer with your PIN.",
    "asks for the password in Dutch": lambda mail: mail + "\nStuur ons uw wachtwoord.",
    "asks for the CVC": lambda mail: mail.replace("Sign in as you always do and tell us", "Tell us your CVC and"),
    "another sender": lambda mail: mail.replace("post@meridian.example", "post@meridian-mail.test"),
    "another address to answer to": lambda mail: mail + "\nAnswer to help@meridian.test please",
    "another number to ring": lambda mail: mail + "\nRing us on +44 20 7946 0018 now",
    "another subject": lambda mail: mail.replace("Subject: We stopped", "Subject: URGENT, we stopped the"),
    "another addressee": lambda mail: mail.replace("\nTo: ", "\nTo: somebody.else@example.org, "),
    "no phrase": lambda mail: mail.replace(
        "Your phrase: blue kettle 7", "Dear customer, here is your bank speaking to you"
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_mail_that_copies_our_reference_is_not_ours(genuine: str, agent: Actor, forgery: str) -> None:
    forged = FORGERIES[forgery](genuine)
    assert forged != genuine

    answer = ask(forged, agent)

    assert answer.verdict == Verdict.NOT_OURS
    assert answer.why[0] == "It quotes a reference of ours, but it is not the message that we sent."
    assert len(answer.why) >= 2
    assert answer.report


def test_harmless_words_around_our_mail_make_it_doubtful_and_not_ours(genuine: str, agent: Actor) -> None:
    added = "\nDear friend, your cousin told me that you should transfer all of your savings to a safe account today"

    answer = ask(genuine + added, agent)

    assert answer.verdict == Verdict.CANNOT_TELL
    assert answer.contacts


@pytest.mark.django_db
def test_a_reference_whose_check_character_is_wrong_is_not_ours(agent: Actor) -> None:
    good = new_reference()
    bad = good[:-1] + ("2" if good[-1] != "2" else "3")

    answer = ask(f"[{bad}]" if any(s.isalpha() for s in bad) else "AB2-CD3-2", agent)

    assert answer.verdict == Verdict.NOT_OURS
    assert "check character" in answer.why[0]
    assert "one character after the other" in answer.ask_next[0]


@pytest.mark.django_db
def test_a_reference_that_we_never_gave_is_not_ours(agent: Actor) -> None:
    assert ask(new_reference(13), agent).verdict == Verdict.NOT_OURS


@pytest.mark.django_db
def test_a_long_message_without_a_reference_is_not_ours(agent: Actor) -> None:
    text = "Dear customer, your account was limited. " * 4 + "Open http://evil.test and type your password."

    answer = ask(text, agent)

    assert answer.verdict == Verdict.NOT_OURS
    assert any("evil.test" in why for why in answer.why)
    assert any("password" in why for why in answer.why)


def test_an_address_shows_what_we_sent_to_it(sent: Message, agent: Actor) -> None:
    answer = ask(sent.point.value.upper(), agent)

    assert answer.verdict == Verdict.OURS
    assert [seen.reference for seen in answer.contacts] == [sent.contact.reference]


def test_a_telephone_number_shows_what_we_sent_to_it(sent: Message, agent: Actor) -> None:
    number = Message.objects.get(contact__channel="sms").point.value

    assert ask(f"{number[:2]} {number[2:5]}-{number[5:8]}-{number[8:]}", agent).verdict == Verdict.OURS


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["nobody@example.org", "+31 6 12345678"])
def test_an_address_to_which_we_sent_nothing_is_not_ours(agent: Actor, typed: str) -> None:
    answer = ask(typed, agent)

    assert answer.verdict == Verdict.NOT_OURS
    assert "We sent nothing" in answer.why[0]


def test_what_was_reported_to_us_is_in_the_register_and_yet_not_ours(sent: Message, agent: Actor) -> None:
    liar = "security@meridian-mail.test"
    reported = Contact.objects.create(
        channel="mail",
        direction=Direction.IN,
        purpose="told us",
        address_index=index_of(kind=ContactKind.MAIL, value=liar),
        at=NOW,
    )

    assert ask(liar, agent).verdict == Verdict.NOT_OURS
    assert ask(reported.reference, agent).verdict == Verdict.NOT_OURS


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["post@meridian.example", "+31 20 555 0100"])
def test_our_own_address_proves_nothing(agent: Actor, typed: str) -> None:
    assert ask(typed, agent).verdict == Verdict.CANNOT_TELL


@pytest.mark.django_db
def test_the_words_of_a_subject_are_known_but_prove_nothing(agent: Actor) -> None:
    answer = ask("we stopped a payment", agent)

    assert answer.verdict == Verdict.CANNOT_TELL
    assert "It says that we blocked a card." in answer.why
    assert any("reference" in sentence for sentence in answer.ask_next)


@pytest.mark.django_db
def test_words_of_no_subject_of_ours_ask_for_the_reference(agent: Actor) -> None:
    answer = ask("your parcel is waiting", agent)

    assert answer.verdict == Verdict.CANNOT_TELL
    assert any("reference" in sentence for sentence in answer.ask_next)


def test_an_answer_names_nobody(genuine: str, customer: Customer, agent: Actor) -> None:
    said = str(ask(genuine, agent))

    for secret in (customer.family_name, customer.phrase, "4242"):
        assert secret not in said


def test_an_answer_takes_a_handful_of_statements(genuine: str, agent: Actor) -> None:
    with CaptureQueriesContext(connection) as captured:
        ask(genuine, agent)

    assert len(captured) <= 3


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", ["", "  \n ", "\u200b"])
def test_nothing_is_answered_with_what_to_paste(agent: Actor, nothing: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(nothing, agent)

    assert "pasted" in refused.value.errors


@pytest.mark.django_db
def test_only_staff_may_ask() -> None:
    with pytest.raises(Forbidden):
        ask("hello", system())


@pytest.mark.django_db
def test_a_huge_paste_is_answered_in_a_second(agent: Actor) -> None:
    began = datetime.now(UTC)
    for hostile in ("a@" * 50_000, "a-" * 50_000, "www." * 50_000, "1 " * 50_000, ">" * 100_000, "aaa-" * 25_000):
        ask(hostile, agent)

    assert (datetime.now(UTC) - began).total_seconds() < 6


@pytest.mark.parametrize("pasted", ["somebody rang me", "a parcel waits for you"])
def test_words_of_nobodys_subject_are_not_taken_for_ours(pasted: str, agent: Actor) -> None:
    found = ask(pasted, agent)

    assert not any("with this subject" in why for why in found.why)
