"""The voice menu: whoever rings hears whether one of us is calling about their case, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from backoffice.references import ALPHABET, new_reference
from backoffice.telephony import menu, menu_branches
from backoffice.telephony.api import GATEWAY
from backoffice.telephony.believed import BELIEVED_FOR
from backoffice.telephony.menu import MOST_A_MINUTE, Found, Step
from backoffice.telephony.menu_branches import Branch
from backoffice.telephony.models import Call, CallState
from backoffice.voice.contract import (
    INCOMING,
    Answer,
    Answered,
    Arrived,
    Ask,
    Asked,
    Command,
    Event,
    HangUp,
    Left,
    PromptOver,
    Refuse,
    Role,
    Say,
    What,
    Why,
)
from devstack.telephones.words import Report
from tests.telephony.calling import NOON, go, in_state, prepared
from tests.telephony.voice_office import Office
from tests.voice.gateway.exchange import until
from tests.voice.gateway.listening import NEEDS_PHONES

pytestmark = pytest.mark.django_db
S = CallState
REFERENCE = "K7Q-4MX-2"
KEYED = "5774692"
IN = f"{INCOMING}1"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def said(digits: str, now: datetime = NOON) -> str:
    (say,) = menu.next_commands(conversation=IN, step=Step.ASKED, digits=digits, now=now)
    assert isinstance(say, Say)
    assert say.role is Role.CUSTOMER
    return say.text


def test_a_letter_is_keyed_in_by_the_key_that_shows_it() -> None:
    assert menu.keyed(REFERENCE) == KEYED
    for _each in range(50):
        assert menu.keyed(new_reference()).isdecimal()
    assert {menu.keyed(letter) for letter in ALPHABET} == set("23456789")


@pytest.mark.parametrize("reached", [(S.DIALLING,), (S.DIALLING, S.RINGING), (S.DIALLING, S.RINGING, S.ANSWERED)])
def test_a_call_that_is_on_is_vouched_for(reached: tuple[CallState, ...]) -> None:
    in_state(*reached)

    assert menu.find(KEYED, now=NOON) == (Found.CALLING, REFERENCE)
    assert said(KEYED).startswith("Yes. One of us is on the telephone about the case K, seven, Q")


@pytest.mark.parametrize("reached", [(), (S.DIALLING, S.NOT_ANSWERED), (S.DIALLING, S.ANSWERED, S.ENDED)])
def test_a_call_that_is_not_dialled_or_is_over_is_not(reached: tuple[CallState, ...]) -> None:
    go(prepared(), [*reached])

    assert menu.find(KEYED, now=NOON)[0] is Found.NOBODY
    assert said(KEYED).startswith("No. Nobody of us")


def test_another_reference_is_answered_as_one_that_nobody_has() -> None:
    in_state(S.DIALLING, S.RINGING)

    assert said("2222222") == said(menu.keyed("9TR-8XX-2"))


def test_a_call_that_was_not_heard_of_for_fifteen_seconds_cannot_be_checked() -> None:
    in_state(S.DIALLING, S.RINGING)

    later = NOON + BELIEVED_FOR + timedelta(seconds=1)

    assert menu.find(KEYED, now=later) == (Found.CANNOT_CHECK, "")
    assert "Do not talk to whoever is calling you" in said(KEYED, later)


def test_a_call_that_somebody_makes_to_us_never_counts() -> None:
    call = in_state(S.DIALLING, S.RINGING)
    Call.objects.filter(pk=call.pk).update(direction="in")

    assert menu.find(KEYED, now=NOON)[0] is Found.NOBODY


def test_a_call_about_no_case_is_found_by_no_digits() -> None:
    call = in_state(S.DIALLING)
    Call.objects.filter(pk=call.pk).update(case_reference="")

    assert menu.find("", now=NOON)[0] is Found.NOBODY


def test_who_keys_in_nothing_is_told_what_to_do() -> None:
    assert said("").startswith("We could not read a reference.")


def test_who_arrives_is_answered_and_asked(settings: Settings) -> None:
    settings.COMPANY_NAME = "Meridian Bank"

    answer, ask = menu.next_commands(conversation=IN, step=Step.ARRIVED, digits="", now=NOON)

    assert isinstance(answer, Answer)
    assert isinstance(ask, Ask)
    assert (ask.least, ask.most) == (7, 7)
    assert ask.text.startswith("This is Meridian Bank.")


def test_who_was_answered_is_hung_up() -> None:
    (said,) = menu.next_commands(conversation=IN, step=Step.ASKED, digits=KEYED, now=NOON)

    (command,) = menu.next_commands(conversation=IN, step=Step.SAID, digits="", now=NOON)

    assert isinstance(command, HangUp)
    assert command.key != said.key


def test_more_calls_in_a_minute_than_people_make_are_refused() -> None:
    for _each in range(MOST_A_MINUTE):
        assert len(menu.next_commands(conversation=IN, step=Step.ARRIVED, digits="", now=NOON)) == 2

    (refused,) = menu.next_commands(conversation=IN, step=Step.ARRIVED, digits="", now=NOON)
    assert isinstance(refused, Refuse)
    later = NOON + timedelta(minutes=1)
    assert len(menu.next_commands(conversation=IN, step=Step.ARRIVED, digits="", now=later)) == 2


@pytest.mark.parametrize(
    ("what", "step"),
    [
        (Arrived(called="0800", caller="+31205550111"), (Step.ARRIVED, "")),
        (Asked(key=f"menu:{IN}:asked", digits=KEYED), (Step.ASKED, KEYED)),
        (Asked(key=f"menu:{IN}:asked", digits=None), (Step.ASKED, "")),
        (PromptOver(key=f"menu:{IN}:said", whole=True), (Step.SAID, "")),
        (Asked(key=f"menu:{IN}:chosen", digits="1"), (Step.CHOSEN, "1")),
        (Asked(key="another", digits="1"), None),
        (PromptOver(key="menu:in-2:said", whole=True), None),
        (Answered(role=Role.CUSTOMER), None),
        (Left(role=Role.CUSTOMER, why=Why.HUNG_UP), None),
    ],
)
def test_only_events_of_the_menu_are_its_steps(what: What, step: tuple[Step, str] | None) -> None:
    event = Event(instance="i", conversation=IN, number=1, at=datetime.now(UTC), what=what)

    assert menu.step_of(event) == step


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A branch under the digit 7, and the conversations that it took over."""
    begun: list[str] = []
    hang_up = HangUp(key="seven", conversation=IN)
    seven = Branch(
        name="seven",
        digit="7",
        offer="For something else, press 7.",
        is_open=lambda: True,
        begin=lambda conversation, now: begun.append(conversation),
        hear=lambda event, by, now: event.conversation in begun,
        proceed=lambda conversation, now: [hang_up],
    )
    monkeypatch.setattr(menu_branches, "_branches", {})
    menu_branches.offer(seven)
    return begun


def chosen(digit: str) -> list[Command]:
    return list(menu.next_commands(conversation=IN, step=Step.CHOSEN, digits=digit, now=NOON))


def test_where_there_are_branches_the_check_is_one_press_away(branch: list[str]) -> None:
    _answer, ask = menu.next_commands(conversation=IN, step=Step.ARRIVED, digits="", now=NOON)
    assert isinstance(ask, Ask)
    assert ask.choices == ("1", "7")
    assert "press 1. For something else, press 7. To stop" in ask.text

    (reference,) = chosen("1")

    assert isinstance(reference, Ask)
    assert (reference.least, branch) == (7, [])


def test_a_branch_takes_the_conversation_over_and_hears_of_it_from_then_on(branch: list[str]) -> None:
    hung_up = Event(instance="i", conversation=IN, number=1, at=NOON, what=Left(role=Role.CUSTOMER, why=Why.HUNG_UP))
    assert not menu_branches.hear(hung_up, GATEWAY, NOON)

    (command,) = chosen("7")

    assert (command.key, branch) == ("seven", [IN])
    assert menu_branches.hear(hung_up, GATEWAY, NOON)


@pytest.mark.parametrize("digit", ["", "2"])
def test_what_is_no_choice_ends_the_line(branch: list[str], digit: str) -> None:
    (say,) = chosen(digit)

    assert isinstance(say, Say)
    assert branch == []


@pytest.mark.parametrize(("name", "digit"), [("other", "1"), ("other", "7"), ("seven", "8")])
def test_a_second_branch_of_a_digit_or_a_name_is_refused(branch: list[str], name: str, digit: str) -> None:
    known = menu_branches.behind("7")
    assert known is not None

    with pytest.raises(ValueError, match="menu"):
        menu_branches.offer(replace(known, name=name, digit=digit))


@NEEDS_PHONES
def test_a_real_telephone_asks_is_answered_and_is_hung_up(office: Office, client: Client) -> None:
    arrived, asked, said = (len(office.gateway.told(kind)) for kind in (Arrived, Asked, PromptOver))
    office.runner.run(office.customer.say_tone(0))
    office.runner.run(office.customer.dial(f"sip:0800@127.0.0.1:{office.gateway.sip_port}"))
    office.runner.run(office.customer.sees(Report.RINGING))
    office.runner.run(until(lambda: len(office.gateway.told(Arrived)) > arrived))
    office.proceeds(client)
    office.runner.run(office.customer.sees(Report.ESTABLISHED))
    office.runner.run(office.customer.heard(lambda level: level.rms > 300))
    office.runner.run(office.customer.press(KEYED))
    office.runner.run(until(lambda: len(office.gateway.told(Asked)) > asked))
    assert office.gateway.told(Asked)[-1].digits == KEYED
    office.proceeds(client)
    office.runner.run(office.customer.heard(lambda level: level.rms > 300))
    office.runner.run(until(lambda: len(office.gateway.told(PromptOver)) > said, within=30))
    office.proceeds(client)
    office.runner.run(office.customer.sees(Report.CLOSED))
