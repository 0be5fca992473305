"""What "is this ours?" says beside its verdict, and how the agent settles what it cannot tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import Actor, system
from backoffice.customers.models import Customer
from backoffice.references import near_misses
from backoffice.refusals import Forbidden, Invalid
from backoffice.trust.recognising import settle
from backoffice.trust.verdicts import Verdict
from tests.trust.pasting import (
    EVIL,
    NOT_OURS,
    NOW,
    OURS,
    World,
    ask,
    send,
    slip,
    swapped,
    without_reference,
)


def test_ours_says_what_it_is_and_to_whom_it_went(world: World, agent: Actor) -> None:
    answer = ask(world.mail.text, agent)

    (seen,) = answer.contacts
    assert (seen.reference, seen.to) == (world.mail.code, world.mail.message.destination.masked)
    assert seen.about == "It says that we blocked a card."
    assert f"We sent it to {seen.to} on Monday 23 November 2026." in answer.tell
    assert any("sign in" in sentence for sentence in answer.tell)
    assert answer.why == ()
    assert not answer.compare


def test_a_message_of_four_months_ago_is_ours_and_asks_when_it_came(world: World, agent: Actor) -> None:
    answer = ask(world.old.text, agent)

    assert answer.verdict == OURS
    assert any("Sunday 26 July 2026" in sentence for sentence in answer.ask_next)


def test_a_reference_alone_shows_what_to_compare(world: World, agent: Actor) -> None:
    answer = ask(world.mail.code, agent)

    assert answer.compare
    assert [seen.reference for seen in answer.contacts] == [world.mail.code]
    assert any("what it says and what it asks" in sentence for sentence in answer.ask_next)


def test_a_case_shows_all_that_was_sent_about_it_first_what_is_most_like(world: World, agent: Actor) -> None:
    without_code = world.sms.text.replace(world.sms.code, "")

    assert {seen.channel for seen in ask(world.mail.case, agent).contacts} == {"e-mail", "text message"}
    assert ask(without_code, agent).contacts[0].reference == world.sms.code


def test_an_older_message_of_a_case_with_many_is_found_by_its_code(world: World, agent: Actor) -> None:
    for days in range(1, 8):
        send(world.customer, "mail", case_reference=world.mail.case, now=NOW + timedelta(days=days))

    assert ask(world.mail.text, agent).verdict == OURS


def test_a_customer_with_another_language_since_has_the_same_messages(world: World, agent: Actor) -> None:
    Customer.objects.update(language="pl")

    assert ask(world.mail.text, agent).verdict == OURS


def test_one_slip_is_looked_up_and_named(world: World, agent: Actor) -> None:
    for misheard in (slip(world.mail.code), swapped(world.mail.code), "0" + world.mail.code[1:]):
        answer = ask(misheard, agent)

        assert answer.compare
        assert [seen.reference for seen in answer.contacts] == [world.mail.code]
        assert any(f"Do they mean {world.mail.code}?" in why for why in answer.why)


def test_what_no_slip_explains_is_to_be_read_again(world: World, agent: Actor) -> None:
    answer = ask("AAA-AAA-AAA-AAA-22", agent)

    assert not near_misses("AAA-AAA-AAA-AAA-22") or not answer.contacts
    assert not answer.compare
    assert "one character after the other" in answer.ask_next[0]


def test_our_text_without_its_reference_says_which_message_it_is(world: World, agent: Actor) -> None:
    answer = ask(without_reference(world.mail), agent)

    assert "Its words are ours, but anybody can copy them." in answer.why
    assert any("It says that we blocked a card." in why for why in answer.why)
    assert [seen.reference for seen in answer.contacts] == [world.mail.code]
    assert any("reference" in sentence for sentence in answer.ask_next)


def test_an_address_lists_what_was_sent_there_lately(world: World, agent: Actor) -> None:
    answer = ask(world.mail.to, agent)

    assert {seen.reference for seen in answer.contacts} == {world.mail.code, world.called.reference}
    assert not answer.compare


def test_an_address_to_which_nothing_went_says_that_it_can_be_another(world: World, agent: Actor) -> None:
    answer = ask("nobody@example.org", agent)

    assert "We sent nothing" in answer.why[0]
    assert any("another of theirs" in why for why in answer.why)


def test_what_was_added_is_shown_to_the_agent(world: World, agent: Actor) -> None:
    answer = ask(world.mail.text + "\nDear friend, move your savings to a safe account today", agent)

    assert any("move your savings to a safe account" in why for why in answer.why)


@pytest.mark.parametrize(("fits", "verdict"), [(True, OURS), (False, NOT_OURS)])
def test_the_agent_settles_it_by_comparing(world: World, agent: Actor, fits: bool, verdict: Verdict) -> None:
    for pasted in (world.mail.code, world.mail.case, slip(world.mail.code)):
        answer = settle(pasted=pasted, reference=world.mail.code, fits=fits, by=agent, now=NOW)

        assert (answer.verdict, answer.report) == (verdict, not fits)
        assert [seen.reference for seen in answer.contacts] == [world.mail.code]


def test_no_comparison_makes_a_fraud_ours(world: World, agent: Actor) -> None:
    forged = f"{world.mail.code}: sign in at {EVIL}"

    assert settle(pasted=forged, reference=world.mail.code, fits=True, by=agent, now=NOW).verdict == NOT_OURS


def test_only_what_the_text_leads_to_can_be_settled(world: World, agent: Actor) -> None:
    for pasted, reference in ((world.mail.code, world.others.code), ("hello", world.mail.code)):
        with pytest.raises(Invalid):
            settle(pasted=pasted, reference=reference, fits=True, by=agent, now=NOW)
    with pytest.raises(Forbidden):
        settle(pasted=world.mail.code, reference=world.mail.code, fits=True, by=system(), now=NOW)


def test_an_answer_names_nobody(world: World, agent: Actor) -> None:
    said = str([ask(text, agent) for text in (world.mail.text, world.mail.code, world.mail.to)])

    for secret in (world.customer.family_name, world.customer.phrase, "4242", world.mail.to):
        assert secret not in said


def test_an_answer_takes_a_handful_of_statements(world: World, agent: Actor) -> None:
    for pasted in (world.mail.text, slip(world.mail.code), world.mail.to, f"{world.mail.text} {world.sms.to}"):
        with CaptureQueriesContext(connection) as captured:
            ask(pasted, agent)

        assert len(captured) <= 3


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", ["", "  \n ", "\u200b", "\u2066\u00ad"])
def test_nothing_is_answered_with_what_to_paste(agent: Actor, nothing: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(nothing, agent)

    assert "pasted" in refused.value.errors


@pytest.mark.django_db
def test_only_staff_may_ask() -> None:
    with pytest.raises(Forbidden):
        ask("hello", system())
