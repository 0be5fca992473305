"""Calls from and to SIPp, Debian's package `sip-tester`, by UDP and TCP, and with a tenth of all messages lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backoffice.voice.contract import Answer, Arrived, Ask, Asked, Dial, HangUp, Left, Role, State, Why
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.sip.hops import Transport
from backoffice.voice.sip.sdp import Agreement
from devstack.telephones.line import free_port
from tests.voice.gateway.exchange import Played, new_key, played, until
from tests.voice.sipp import scenarios
from tests.voice.sipp.scenarios import (
    ANSWERED,
    RINGS,
    RINGS_AND_KNOWS_WHO,
    answers,
    asks,
    presses,
    requests,
    scenario,
    takes,
    waits,
)

SIPP = shutil.which("sipp")
UAS = "+31205550111"
KEYS_NEED = "SIPp sends recorded keys by a raw socket, which needs root"
Plays = Callable[[Callable[["Bench"], Awaitable[None]]], None]


@pytest.fixture(scope="module", autouse=True)
def _sipp() -> None:
    if SIPP is None:
        message = "There is no SIPp: on Debian, apt-get install sip-tester."
        if os.environ.get("COUNTERSIGN_REQUIRE_SIPP") == "1":
            pytest.fail(message)
        pytest.skip(message)


@dataclass
class Bench:
    """A gateway, and SIPp beside it."""

    it: Played
    folder: Path
    port: int

    async def calls_us(self, text: str, *, transport: Transport = Transport.UDP, calls: int = 1, lost: int = 0) -> None:
        """SIPp plays the calling side. Raises AssertionError unless all calls went as the scenario says."""
        target = f"127.0.0.1:{self.it.running.transports.sent_by(transport)[1]}"
        async with self._started(text, target, transport=transport, calls=calls, lost=lost):
            pass

    @contextlib.asynccontextmanager
    async def is_called(
        self, text: str, *, transport: Transport = Transport.UDP, calls: int = 1, lost: int = 0
    ) -> AsyncIterator[str]:
        """SIPp plays the called side; gives the conversation in which we call it, already dialled. Afterwards all went
        as the scenario says."""
        async with self._started(text, "", transport=transport, calls=calls, lost=lost):
            await self._listens()
            conversation = uuid.uuid4().hex
            await self.dials(conversation)
            yield conversation

    async def dials(self, conversation: str, *, ring_for: float = 10) -> None:
        dial = Dial(key=new_key(), conversation=conversation, role=Role.CUSTOMER, number=UAS, ring_for=ring_for)
        done = await self.it.gateway.do(dial)
        assert isinstance(done, State), done

    async def left(self, conversation: str) -> Why:
        await until(lambda: bool(self.it.office.of(conversation, Left)))
        return self.it.office.of(conversation, Left)[0].why

    async def _listens(self) -> None:
        """Until SIPp has its port."""
        kinds = ("/proc/net/udp", "/proc/net/tcp")
        mark = f"0100007F:{self.port:04X} 00000000:0000"
        await until(lambda: any(mark in Path(kind).read_text() for kind in kinds))

    @contextlib.asynccontextmanager
    async def _started(
        self, text: str, target: str, *, transport: Transport, calls: int, lost: int
    ) -> AsyncIterator[None]:
        file = self.folder / f"{uuid.uuid4().hex}.xml"
        file.write_text(text)
        assert SIPP is not None
        flags = ["-m", str(calls), "-l", str(calls), "-r", "20", "-timeout", "15", "-timeout_error", "-nostdin"]
        flags += ["-i", "127.0.0.1", "-p", str(self.port), "-mp", str(self.port + 2), "-trace_err"]
        flags += ["-t", "u1" if transport is Transport.UDP else "t1", *(["-lost", str(lost)] if lost else [])]
        process = await asyncio.create_subprocess_exec(
            *(SIPP, *([target] if target else []), "-sf", str(file), *flags),
            cwd=self.folder,
            env={"TERM": "dumb", "PATH": os.environ["PATH"]},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
            status = await asyncio.wait_for(process.wait(), 20)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        errors = "\n".join(
            one.read_text(errors="replace")[-3000:] for one in self.folder.glob(f"{file.stem}*errors.log")
        )
        assert status == 0, f"SIPp ended with {status}\n{errors}"


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plays]:
    """Plays a story on one gateway for all; every call is over afterwards."""
    folder, port = tmp_path_factory.mktemp("sipp"), free_port()
    transports = {UAS: f"sip:uas@127.0.0.1:{port}", "tcp": f"sip:uas@127.0.0.1:{port};transport=tcp"}
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        plan = DialPlan(addresses=transports)
        it = runner.run(stack.enter_async_context(played(folder, dial_plan=plan)))

        def plays(story: Callable[[Bench], Awaitable[None]]) -> None:
            async def whole() -> None:
                it.office.events.clear()
                await story(Bench(it, folder, port))
                for conversation in list(it.gateway.conversations.values()):
                    conversation.end()
                await until(lambda: not it.running.switchboard.agent.calls)

            runner.run(whole())

        yield plays
        runner.run(stack.aclose())


async def takes_calls(bench: Bench, number: int) -> None:
    """Our side of calls that come in: each is answered."""
    for nth in range(1, number + 1):
        conversation, _arrived = await bench.it.told(Arrived, nth=nth)
        await bench.it.gateway.do(Answer(key=new_key(), conversation=conversation))


# --- SIPp calls us ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_a_caller_is_answered_and_hangs_up(play: Plays, transport: Transport) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(waits(100), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text, transport=transport), takes_calls(bench, 1))
        _conversation, left = await bench.it.told(Left)
        assert (left.why, left.answered) == (Why.HUNG_UP, True)

    play(story)


def test_a_caller_keys_in_a_case_by_rfc_4733(play: Plays) -> None:
    if os.geteuid() != 0:
        pytest.skip(KEYS_NEED)
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True), waits(300)),
        *(presses("1234"), presses(["pound"]), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async def menu() -> None:
            await takes_calls(bench, 1)
            conversation, _arrived = await bench.it.told(Arrived)
            ask = Ask(key="ask", conversation=conversation, text="Key.", language="en", least=4, most=8)
            assert isinstance(await bench.it.gateway.do(ask), State)

        await asyncio.gather(bench.calls_us(text), menu())
        _conversation, asked = await bench.it.told(Asked)
        assert asked.digits == "1234"

    play(story)


def test_a_caller_holds_and_comes_back(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(requests("INVITE", number=2, sdp=True, in_dialog=True).replace("a=sendrecv", "a=sendonly"),),
        *(takes(100, optional=True), takes(200, says="a=recvonly"), requests("ACK", number=2, in_dialog=True)),
        *(requests("INVITE", number=3, sdp=True, in_dialog=True), takes(100, optional=True)),
        *(takes(200, says="a=sendrecv"), requests("ACK", number=3, in_dialog=True)),
        *(requests("BYE", number=4, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text), takes_calls(bench, 1))

    play(story)


def test_a_caller_who_gives_up_while_it_rings_cancels(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), takes(100, optional=True), takes(180)),
        requests("CANCEL", contact=False).replace("branch=[branch]", "branch=[branch-3]"),
        *(takes(200), takes(487)),
        requests("ACK", contact=False, in_dialog=True).replace("branch=[branch]", "branch=[branch-6]"),
    )

    async def story(bench: Bench) -> None:
        await bench.calls_us(text)
        _conversation, left = await bench.it.told(Left)
        assert (left.why, left.answered) == (Why.HUNG_UP, False)

    play(story)


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_options_are_answered_with_what_we_take(play: Plays, transport: Transport) -> None:
    text = scenario(requests("OPTIONS"), takes(200))

    async def story(bench: Bench) -> None:
        await bench.calls_us(text, transport=transport, calls=3)

    play(story)


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (requests("INVITE", sdp=True, contact=False), 400),
        (requests("INVITE", sdp=True, more="Require: 100rel\n"), 420),
        (requests("REGISTER"), 405),
        (requests("REFER", more="Refer-To: <sip:a@b>\n"), 405),
        (requests("INVITE", sdp=True, more="Session-Expires: 30\n"), 422),
        (requests("OPTIONS").replace("Max-Forwards: 70", "Max-Forwards: many"), 400),
    ],
)
def test_what_is_malformed_or_not_ours_is_refused_by_its_rule(play: Plays, step: str, status: int) -> None:
    ends = requests("ACK", contact=False, in_dialog=True).replace("branch=[branch]", "branch=[branch-3]")
    is_invite = "INVITE sip:menu" in step
    text = scenario(step, takes(100, optional=True), takes(status), ends if is_invite else "")

    async def story(bench: Bench) -> None:
        await bench.calls_us(text)
        assert bench.it.office.events == []

    play(story)


def test_callers_are_answered_though_a_tenth_of_all_is_lost(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(waits(300), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text, calls=8, lost=10), takes_calls(bench, 8))

    play(story)


# --- we call SIPp -----------------------------------------------------------------------------------------------------


def test_who_answers_and_hangs_up(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK"), waits(100), asks("BYE", number=1), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is Why.HUNG_UP

    play(story)


@pytest.mark.parametrize(
    ("status", "why"), [(486, Why.BUSY), (503, Why.FAILED), (603, Why.REFUSED), (480, Why.NO_ANSWER), (404, Why.FAILED)]
)
def test_who_refuses_is_acknowledged_and_the_back_office_hears_why(play: Plays, status: int, why: Why) -> None:
    text = scenario(RINGS, answers(status), takes("ACK"))

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is why

    play(story)


def test_who_sends_us_elsewhere_is_not_followed(play: Plays) -> None:
    text = scenario(takes("INVITE"), answers(302, more=""), takes("ACK")).replace(
        "Contact: <sip:uas@", "Contact: <sip:+881612345678@"
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is Why.FAILED

    play(story)


def test_who_does_not_answer_is_cancelled(play: Plays) -> None:
    text = scenario(
        *(takes("INVITE"), answers(180), takes("CANCEL"), answers(200, again=False)),
        answers(487).replace("[last_CSeq:]", "CSeq: 1 INVITE"),
        takes("ACK"),
    )

    async def story(bench: Bench) -> None:
        async with bench._started(text, "", transport=Transport.UDP, calls=1, lost=0):
            await bench._listens()
            conversation = uuid.uuid4().hex
            await bench.dials(conversation, ring_for=0.3)
            assert await bench.left(conversation) is Why.NO_ANSWER

    play(story)


def test_who_answers_holds_and_comes_back_and_we_hang_up(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK")),
        *(asks("INVITE", number=1, direction="sendonly"), takes(100, optional=True), takes(200, says="a=recvonly")),
        *(asks("ACK", number=1), asks("INVITE", number=2, direction="sendrecv"), takes(100, optional=True)),
        *(takes(200, says="a=sendrecv"), asks("ACK", number=2), takes("BYE"), answers(200, tag=False, again=False)),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            agreed: list[bool] = []

            def note(agreement: Agreement) -> None:
                agreed.append(agreement.sends)
                before(agreement)

            await until(lambda: bool(bench.it.gateway.conversations[conversation].telephones))
            [telephone] = bench.it.gateway.conversations[conversation].telephones
            call = telephone._call
            assert call is not None
            before = call.on_agreement
            call.on_agreement = note
            await until(lambda: agreed[-2:] == [False, True])
            await bench.it.gateway.do(HangUp(key=new_key(), conversation=conversation))
            assert await bench.left(conversation) is Why.ENDED

    play(story)


def test_who_is_called_by_tcp(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK"), waits(50), asks("BYE", number=1), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async with bench._started(text, "", transport=Transport.TCP, calls=1, lost=0):
            await bench._listens()
            conversation = uuid.uuid4().hex
            dial = Dial(key=new_key(), conversation=conversation, role=Role.CUSTOMER, number="tcp", ring_for=10)
            assert isinstance(await bench.it.gateway.do(dial), State)
            assert await bench.left(conversation) is Why.HUNG_UP

    play(story)


def test_calls_of_ours_stand_though_a_tenth_of_all_is_lost(play: Plays) -> None:
    text = scenario(
        RINGS,
        answers(200, sdp=True),
        takes("ACK", optional=True),
        takes("BYE"),
        answers(200, tag=False, again=False),
        waits(1000),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text, calls=6, lost=10) as first:
            conversations = [first, *(uuid.uuid4().hex for _each in range(5))]
            for conversation in conversations[1:]:
                await bench.dials(conversation)
            look = bench.it.gateway.look
            for conversation in conversations:
                await until(lambda: "up" in {one.state for one in _told(look(conversation)).telephones})  # noqa: B023
                await bench.it.gateway.do(HangUp(key=new_key(), conversation=conversation))

    play(story)


def _told(state: object) -> State:
    assert isinstance(state, State)
    return state


def test_the_recorded_keys_are_where_the_scenarios_look_for_them() -> None:
    assert Path(scenarios.KEYS.format("1")).exists()
