"""Who rings us, or is rung, and means ill: nothing of a call that never was is left, and no key reaches an agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from backoffice.voice.contract import (
    Answered,
    Ask,
    Asked,
    AskedEnd,
    Capture,
    Captured,
    Command,
    Dial,
    HangUp,
    Item,
    Join,
    Keying,
    Left,
    Outcome,
    Refusal,
    Role,
    State,
)
from backoffice.voice.gateway import gateway
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.media.legs import Leg
from backoffice.voice.sip.calls import CallState
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.messages import Request
from backoffice.voice.sip.transports import Listening
from tests.voice.gateway.exchange import Played, new_key, played, until
from tests.voice.sip.talking import OFFER, request
from tests.voice.sip.test_transports import End, end

HERE = Hop(Transport.TCP, "127.0.0.1", 5999)
PORTS = (31_900, 31_999)
Story = Callable[[Played, End], Awaitable[None]]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def _both(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Played, End]]:
    """One gateway for all tests of this file, and a peer that answers whoever calls it."""
    stack = AsyncExitStack()

    async def start() -> tuple[Played, End]:
        peer = await stack.enter_async_context(end(Listening()))
        uri = f"sip:peer@127.0.0.1:{peer.hop(Transport.UDP).port}"
        plan = DialPlan(addresses={"agent": uri, "customer": uri})
        folder = tmp_path_factory.mktemp("gateway")
        return await stack.enter_async_context(played(folder, dial_plan=plan, media_ports=PORTS)), peer

    yield runner.run(start())
    runner.run(stack.aclose())


@pytest.fixture
def play(runner: asyncio.Runner, _both: tuple[Played, End]) -> Callable[[Story], None]:
    """Plays a story; every call is over afterwards, and no port is taken."""

    async def story_of(story: Story) -> None:
        it, peer = _both
        try:
            await story(it, peer)
        finally:
            for conversation in list(it.gateway.conversations.values()):
                conversation.end()
            await until(lambda: all(one.is_over for one in it.gateway.conversations.values()))
            await until(lambda: not it.running.switchboard.agent.calls)
        await until(lambda: not it.running.switchboard.clock._phase_of)

    return lambda story: runner.run(story_of(story))


def rings(number: int) -> tuple[Request, Request]:
    """An INVITE and its CANCEL."""
    call_id, branch, offer = f"rings-{number}", f"z9hG4bK-rings-{number}", OFFER.replace("10.0.0.2", "127.0.0.1")
    invite = request("INVITE", body=offer, call_id=call_id, branch=branch, source=HERE)
    return invite, request("CANCEL", call_id=call_id, branch=branch, source=HERE)


@asynccontextmanager
async def connected(it: Played) -> AsyncIterator[asyncio.StreamWriter]:
    port = it.running.transports.sent_by(Transport.TCP)[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(reader.read())
    yield writer
    writer.close()
    await reading


def test_who_hangs_up_in_the_same_breath_leaves_nothing_behind(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both come in one segment of TCP, so that the one is cancelled before anybody has heard of it."""

    async def story(it: Played, _peer: End) -> None:
        known, agent = set(it.gateway.conversations), it.running.switchboard.agent
        takes, came = agent.on_call, list[IncomingCall]()

        def noted(call: IncomingCall) -> None:
            came.append(call)
            takes(call)

        monkeypatch.setattr(agent, "on_call", noted)
        async with connected(it) as writer:
            writer.write(b"".join(bytes(one) for number in range(60) for one in rings(number)))
            await until(lambda: len(came) == 60 and not it.gateway._tasks)
        assert all(call.state is CallState.OVER for call in came)
        assert set(it.gateway.conversations) == known
        assert it.gateway.counts(refused={}, sip_refused={}).telephones == 0

    play(story)


def test_who_rings_and_hangs_up_without_end_does_not_fill_our_memory(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MOST_KEPT", 10)

    async def story(it: Played, _peer: End) -> None:
        async with connected(it) as writer:
            for number in range(100, 120):
                invite, cancel = map(bytes, rings(number))
                before = len(it.office.events)
                writer.write(invite)
                await until(lambda: bool(it.running.switchboard.agent._coming))
                writer.write(cancel)
                await until(lambda before=before: len(it.office.events) >= before + 2)  # type: ignore[misc]
        assert len(it.gateway.conversations) == len(it.gateway._over_since) == 10
        assert not it.gateway._going_on
        assert not it.gateway._turns

    play(story)


async def up(it: Played, conversation: str, *roles: Role) -> None:
    for role in roles:
        dial = Dial(key=new_key(), conversation=conversation, role=role, number=role.value)
        assert isinstance(await it.gateway.do(dial), State)
    await until(lambda: len([one for one in it.office.of(conversation, Answered) if one.role in roles]) >= len(roles))


def leg_of(it: Played, conversation: str, role: Role) -> Leg:
    [found] = [one for one in it.gateway.conversations[conversation].telephones if one.role is role]
    return found.leg


async def keys(leg: Leg, digits: str) -> None:
    """As soon as somebody listens, as if their events came."""
    await until(lambda: leg.hearing.listens)
    listening = leg.hearing._listening
    assert listening is not None
    for digit in digits:
        listening.event("0123456789*#".index(digit), 0, is_first=True)


def test_a_command_that_comes_again_is_answered_with_the_state_as_it_is_now(play: Callable[[Story], None]) -> None:
    """As after the back office was killed with the first answer: what was true then would be taken for the present."""

    async def story(it: Played, _peer: End) -> None:
        dial = Dial(key=new_key(), conversation="again", role=Role.CUSTOMER, number="customer")
        first = await it.gateway.do(dial)
        await until(lambda: bool(it.office.of("again", Answered)))
        again = await it.gateway.do(dial)

        assert isinstance(first, State)
        assert isinstance(again, State)
        assert [one.state for one in first.telephones] == ["calling"]
        assert [one.state for one in again.telephones] == ["up"]
        assert again.events > first.events
        assert len(it.running.switchboard.agent.calls) == 1

    play(story)


@pytest.mark.parametrize("asks", [Capture, Ask])
def test_while_a_customer_keys_in_nobody_is_joined_with_them(
    play: Callable[[Story], None], asks: type[Capture] | type[Ask]
) -> None:
    """As where the agent was lost in the middle, and is back before the customer is done."""
    conversation = f"lost-{asks.__name__}"

    async def story(it: Played, _peer: End) -> None:
        await up(it, conversation, Role.CUSTOMER)
        takes: dict[type[Command], Command] = {
            Capture: Capture(key=new_key(), conversation=conversation, items=(Item.SECURITY_CODE,), language="en"),
            Ask: Ask(key=new_key(), conversation=conversation, text="One.", language="en"),
        }
        assert isinstance(await it.gateway.do(takes[asks]), State)
        leg = leg_of(it, conversation, Role.CUSTOMER)
        await until(lambda: leg.hearing.listens)
        await up(it, conversation, Role.AGENT)

        assert await it.gateway.do(Join(key=new_key(), conversation=conversation)) == Refusal(code="busy")
        assert leg.bridge is None
        await keys(leg, "123#" if asks is Capture else "1")
        await until(lambda: bool(it.office.of(conversation, Captured if asks is Capture else Asked)))
        assert isinstance(await it.gateway.do(Join(key=new_key(), conversation=conversation)), State)
        assert leg.bridge is not None

    play(story)


def test_a_fault_of_ours_in_a_capture_is_no_hang_up_and_the_agent_is_put_back(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(it: Played, _peer: End) -> None:
        await up(it, "fault", Role.CUSTOMER, Role.AGENT)
        await it.gateway.do(Join(key=new_key(), conversation="fault"))

        async def fails(*_arguments: object, key: str) -> None:
            raise KeyError(key)

        monkeypatch.setattr(it.running.switchboard.tokeniser, "tokenise", fails)
        items = (Item.SECURITY_CODE,)
        await it.gateway.do(Capture(key=new_key(), conversation="fault", items=items, language="en"))
        await keys(leg_of(it, "fault", Role.CUSTOMER), "123#")
        await until(lambda: bool(it.office.of("fault", Captured)))
        [captured] = it.office.of("fault", Captured)
        state = it.gateway.look("fault")

        assert captured.outcome is Outcome.UNAVAILABLE
        assert isinstance(state, State)
        assert (state.joined, state.cut) == (True, False)
        assert it.office.of("fault", Keying)[-1].stage == "entered"

    play(story)
    assert "something asked of a telephone failed" in caplog.text
    assert "123" not in caplog.text


def test_a_fault_of_ours_in_a_question_is_no_hang_up(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(it: Played, _peer: End) -> None:
        await up(it, "question", Role.CUSTOMER)

        async def fails(_prompt: object) -> bytes:
            raise KeyError

        monkeypatch.setattr(it.running.switchboard.prompts, "audio", fails)
        key = new_key()
        await it.gateway.do(Ask(key=key, conversation="question", text="One?", language="en"))
        await until(lambda: bool(it.office.of("question", Asked)))

        assert it.office.of("question", Asked) == [Asked(key=key, digits=None, why=AskedEnd.UNSAID)]

    play(story)


def test_a_telephone_that_is_dialled_while_the_last_one_leaves_can_still_be_hung_up(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way to it is looked up meanwhile, so for a moment nobody is in the conversation."""
    monkeypatch.setattr(gateway, "KEPT_FOR", 0.05)

    async def story(it: Played, peer: End) -> None:
        await up(it, "late", Role.CUSTOMER)
        goes_on = asyncio.Event()
        ways = DialPlan.ways

        async def slow(self: DialPlan, number: str) -> object:
            await goes_on.wait()
            return await ways(self, number)

        monkeypatch.setattr(DialPlan, "ways", slow)
        dial = Dial(key=new_key(), conversation="late", role=Role.AGENT, number="agent")
        dialling = asyncio.create_task(it.gateway.do(dial))
        await asyncio.sleep(0)
        it.gateway.conversations["late"].end()
        await until(lambda: bool(it.office.of("late", Left)))
        goes_on.set()
        assert isinstance(await dialling, State)
        monkeypatch.setattr(DialPlan, "ways", ways)
        late = it.gateway.conversations["late"]
        await until(lambda: late not in it.gateway._over_since)

        assert isinstance(await it.gateway.do(HangUp(key=new_key(), conversation="late")), State)
        await until(lambda: len(it.office.of("late", Left)) == 2)
        await until(lambda: "late" not in it.gateway.conversations)

    play(story)
