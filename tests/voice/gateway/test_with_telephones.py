"""Taking digits in whole calls, with real telephones of another make: threat 17, and how it can end."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.voice.contract import (
    Answered,
    Ask,
    Asked,
    Capture,
    Captured,
    Failure,
    Item,
    Join,
    Keying,
    Left,
    Outcome,
    Part,
    Refusal,
    Role,
    Say,
    Stage,
    State,
    Why,
)
from backoffice.voice.gateway import capturing
from backoffice.voice.gateway.proving import verified
from tests.voice.gateway.exchange import Exchange, new_key, until
from tests.voice.gateway.listening import (
    AGENT_SAYS,
    CUSTOMER_SAYS,
    NEEDS_PHONES,
    SILENT,
    Story,
    asked,
    is_asked,
    is_speech,
    is_tone,
)

pytestmark = NEEDS_PHONES


def test_both_hear_each_other_and_keys_pass_until_they_are_parted(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = await it.joined()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        await it.customer.heard(is_tone(AGENT_SAYS))
        phase_of = it.running.switchboard.clock._phase_of
        phases = {phase_of[telephone.leg].offset for telephone in it.gateway.conversations[conversation].telephones}
        assert len(phases) == 1, "no frame waits for the tick of the other leg"
        await it.customer.press("7")
        await it.agent.receives("7")

        await it.do(Part(key=new_key(), conversation=conversation))
        await it.agent.heard(lambda level: level.rms <= SILENT)
        await it.customer.press("8")
        await it.do(Join(key=new_key(), conversation=conversation))
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        assert [digit.digit for digit in it.agent.digits()] == ["7"]

    play(story)


def test_the_agent_hears_nothing_of_what_is_keyed_in_and_the_proof_says_so(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation, key = await asked(it, Item.CARD_NUMBER, Item.EXPIRY, Item.SECURITY_CODE)
        cut = time.monotonic()
        await it.customer.press("4242424242424242#")
        for item in (Item.EXPIRY, Item.SECURITY_CODE):
            await is_asked(it, conversation, item)
            await it.customer.heard(is_speech)
            await it.customer.press("1131#" if item is Item.EXPIRY else "123#")
        captured = await it.told(conversation, Captured)
        over = time.monotonic()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))

        assert (captured.key, captured.outcome) == (key, Outcome.DONE)
        assert (captured.token, captured.brand, captured.last_four) == ("pm_1", "visa", "4242")
        assert it.provider.asked[0][2].startswith(b"type=card&card[number]=4242424242424242&card[exp_month]=11")
        heard = [level for level in it.agent.levels(cut) if level.at < over - 0.3]
        assert len(heard) > 40
        assert max(level.rms for level in heard) <= SILENT
        assert it.agent.digits() == []
        assert captured.proof is not None
        window = verified(captured.proof, it.public_key)
        assert window.is_clean
        assert window.frames >= 50 * (over - cut - 1)
        assert window.capture == key

    play(story)


def test_without_the_cut_the_agent_hears_all_of_it(play: Callable[[Story], None]) -> None:
    """The control of the test above: the same keys in a call that is not cut."""

    async def story(it: Exchange) -> None:
        await it.joined()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        began = time.monotonic()
        await it.customer.press("123#")
        await it.agent.receives("123#")
        assert max(level.rms for level in it.agent.levels(began)) > 2000

    play(story)


def test_tones_in_the_sound_are_taken_too_and_not_heard(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        await it.customer.say_tone(0)  # who presses a key is not heard humming
        conversation, _key = await asked(it, Item.SECURITY_CODE)
        cut = time.monotonic()
        await it.customer.press_tones("951#")
        captured = await it.told(conversation, Captured)
        over = time.monotonic()

        assert captured.outcome is Outcome.DONE
        assert it.provider.asked[0][2] == b"cvc_update[cvc]=951"
        assert max(level.rms for level in it.agent.levels(cut) if level.at < over - 0.3) <= SILENT
        assert captured.proof is not None
        assert verified(captured.proof, it.public_key).is_clean

    play(story)


def test_how_far_the_customer_is_can_be_followed_but_not_how_many_digits_there_are(
    play: Callable[[Story], None],
) -> None:
    async def story(it: Exchange) -> None:
        conversation, key = await asked(it, Item.SECURITY_CODE)
        await it.customer.press("12#")
        await until(lambda: it.office.of(conversation, Keying)[-1].stage is Stage.ASKED_AGAIN)
        await it.customer.heard(is_speech)
        await it.customer.press("1234#")
        await it.told(conversation, Captured)

        told = [(one.key, one.item, one.stage) for one in it.office.of(conversation, Keying)]
        stages = [Stage.ASKED, Stage.TYPING, Stage.ASKED_AGAIN, Stage.TYPING, Stage.ENTERED]
        assert told == [(key, Item.SECURITY_CODE, stage) for stage in stages]

    play(story)


@pytest.mark.parametrize(
    ("keys", "outcome"), [("*", Outcome.STOPPED), ("1*", Outcome.STOPPED), ("12#", Outcome.GIVEN_UP)]
)
def test_a_star_or_too_many_wrong_tries_end_it_and_the_agent_is_put_back(
    play: Callable[[Story], None], keys: str, outcome: Outcome
) -> None:
    async def story(it: Exchange) -> None:
        conversation, _key = await asked(it, Item.SECURITY_CODE, tries=1)
        await it.customer.press(keys)
        captured = await it.told(conversation, Captured)

        assert captured.outcome is outcome
        assert captured.token == ""
        assert it.provider.asked == []
        await it.agent.heard(is_tone(CUSTOMER_SAYS))

    play(story)


@pytest.mark.parametrize(
    ("answers", "outcome", "code"),
    [
        ((402, b'{"error":{"decline_code":"stolen_card"}}'), Outcome.DECLINED, "stolen_card"),
        ((500, b""), Outcome.UNAVAILABLE, ""),
    ],
)
def test_a_provider_that_declines_or_fails_ends_it(
    play: Callable[[Story], None], answers: tuple[int, bytes], outcome: Outcome, code: str
) -> None:
    async def story(it: Exchange) -> None:
        it.provider.answers = answers
        failures = it.running.switchboard.failures
        before = failures[Failure.PROVIDER]
        conversation, _key = await asked(it, Item.SECURITY_CODE)
        await it.customer.press("123#")
        captured = await it.told(conversation, Captured)

        assert (captured.outcome, captured.code) == (outcome, code)
        assert failures[Failure.PROVIDER] - before == (outcome is Outcome.UNAVAILABLE)
        await it.agent.heard(is_tone(CUSTOMER_SAYS))

    play(story)


def test_who_hangs_up_in_the_middle_has_given_nothing_away(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation, _key = await asked(it, Item.SECURITY_CODE)
        await it.customer.press("12")
        await it.customer.hang_up()
        captured = await it.told(conversation, Captured)

        assert captured.outcome is Outcome.HUNG_UP
        assert it.provider.asked == []
        left = await it.told(conversation, Left)
        assert (left.role, left.why) == (Role.CUSTOMER, Why.HUNG_UP)
        assert captured.proof is not None
        assert verified(captured.proof, it.public_key).is_clean
        assert isinstance(state := it.gateway.look(conversation), State)
        assert [one.state for one in state.telephones] == ["over", "up"] or not state.joined

    play(story)


def test_an_agent_who_hangs_up_in_the_middle_does_not_end_it(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation, _key = await asked(it, Item.SECURITY_CODE)
        await it.agent.hang_up()
        await it.told(conversation, Left)
        await it.customer.press("123#")
        captured = await it.told(conversation, Captured)

        assert captured.outcome is Outcome.DONE
        assert captured.proof is not None
        assert verified(captured.proof, it.public_key).is_clean

    play(story)


def test_a_capture_needs_no_agent(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = uuid.uuid4().hex
        await it.call(Role.CUSTOMER, conversation)
        await it.told(conversation, Answered)
        await it.do(Capture(key=new_key(), conversation=conversation, items=(Item.SECURITY_CODE,), language="en"))
        await it.customer.heard(is_speech)
        await it.customer.press("123#")
        captured = await it.told(conversation, Captured)

        assert captured.outcome is Outcome.DONE
        assert captured.proof is None

    play(story)


def test_an_agent_who_stays_cut_off_for_a_key_that_is_held_down_can_be_joined_again(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capturing, "RESTORED_WITHIN", timedelta(seconds=0.2))

    async def story(it: Exchange) -> None:
        conversation, _key = await asked(it, Item.SECURITY_CODE)
        await it.customer.press("123")
        holding = asyncio.ensure_future(it.customer.press("#", pressed_ms=2000))
        captured = await it.told(conversation, Captured)
        again = Capture(key=new_key(), conversation=conversation, items=(Item.SECURITY_CODE,), language="en")
        assert captured.outcome is Outcome.DONE
        assert await it.gateway.do(again) == Refusal(code="cut")
        await holding

        for command in (Part, Join):
            await it.do(command(key=new_key(), conversation=conversation))
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        assert it.agent.digits() == []

    play(story)


def test_from_a_question_to_a_capture_and_back_there_is_no_moment_in_which_the_agent_hears_a_key(
    play: Callable[[Story], None],
) -> None:
    """The customer goes on pressing keys after their answer, into everything that follows."""

    async def story(it: Exchange) -> None:
        conversation = await it.joined()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        await it.customer.say_tone(0)
        await it.do(Part(key=new_key(), conversation=conversation))
        ask = Ask(key=new_key(), conversation=conversation, text="One for yes.", language="en", choices=("1",))
        await it.do(ask)
        await it.customer.heard(is_speech)
        began = time.monotonic()
        pressing = asyncio.ensure_future(it.customer.press("1#951#"))
        assert (await it.told(conversation, Asked)).digits == "1"
        items = (Item.SECURITY_CODE,)
        refused = Capture(key=new_key(), conversation=conversation, items=items, language="en")
        assert await it.gateway.do(refused) == Refusal(code="not_joined")
        await it.do(Capture(key=new_key(), conversation=conversation, items=items, language="en", join=True))
        busy = Say(key=new_key(), conversation=conversation, role=Role.CUSTOMER, text="Hello", language="en")
        assert await it.gateway.do(busy) == Refusal(code="busy")
        await pressing
        captured = await it.told(conversation, Captured)
        over = time.monotonic()

        assert captured.outcome is Outcome.DONE
        assert it.agent.digits() == []
        assert max(level.rms for level in it.agent.levels(began) if level.at < over - 0.3) <= SILENT
        assert captured.proof is not None
        assert verified(captured.proof, it.public_key).is_clean
        await it.customer.say_tone(CUSTOMER_SAYS)
        await it.agent.heard(is_tone(CUSTOMER_SAYS))

    play(story)


def test_keys_that_are_pressed_into_a_join_do_not_reach_the_agent(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = await it.joined()
        await it.do(Part(key=new_key(), conversation=conversation))
        ask = Ask(key=new_key(), conversation=conversation, text="One for yes.", language="en", choices=("1",))
        await it.do(ask)
        await it.customer.heard(is_speech)
        pressing = asyncio.ensure_future(it.customer.press("1#95"))
        await it.told(conversation, Asked)
        await it.do(Join(key=new_key(), conversation=conversation))
        await pressing
        await it.agent.heard(is_tone(CUSTOMER_SAYS))

        assert it.agent.digits() == []

    play(story)
