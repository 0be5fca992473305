from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from devstack.registry import signing
from devstack.telephones import sounds
from devstack.telephones.hearing import Level
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Missing, PhoneFailed, Telephone, available
from devstack.telephones.words import Incoming, Report, Transport
from tests.waiting import until

AGENT_SAYS, CUSTOMER_SAYS = 440, 1000
Story = Callable[[Telephone, Telephone], Awaitable[None]]


@pytest.fixture(scope="module", autouse=True)
def _phones_run_here() -> None:
    if reason := available():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def _pair(runner: asyncio.Runner) -> Iterator[tuple[Telephone, Telephone]]:
    """Two phones for all tests of this file: to start them takes longer than to call."""
    agent = Telephone(Line(name="agent", port=free_port()))
    customer = Telephone(Line(name="customer", port=free_port()))

    async def start() -> None:
        await asyncio.gather(agent.__aenter__(), customer.__aenter__())
        await agent.say_tone(AGENT_SAYS)
        await customer.say_tone(CUSTOMER_SAYS)

    async def stop() -> None:
        await asyncio.gather(agent.__aexit__(None, None, None), customer.__aexit__(None, None, None))

    runner.run(start())
    yield agent, customer
    runner.run(stop())


@pytest.fixture
def play(runner: asyncio.Runner, _pair: tuple[Telephone, Telephone]) -> Callable[[Story], None]:
    """Plays a story between the agent's phone and the customer's, which answers when it is called."""
    agent, customer = _pair

    async def played(story: Story) -> None:
        await customer.when_called(Incoming.ANSWER)
        await story(agent, customer)

    return lambda story: runner.run(played(story))


async def connect(agent: Telephone, customer: Telephone) -> None:
    await agent.dial(customer.line.uri)
    await agent.sees(Report.ESTABLISHED)
    await customer.sees(Report.CALLED)
    await customer.sees(Report.ESTABLISHED)


async def part(agent: Telephone, customer: Telephone) -> None:
    await customer.hang_up()
    await agent.sees(Report.CLOSED)
    await customer.sees(Report.CLOSED)


def is_tone(hertz: int) -> Callable[[Level], bool]:
    return lambda level: level.rms > 2000 and abs(level.hertz - hertz) <= 10


def test_both_hear_what_the_other_says_until_one_hangs_up(play: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await connect(agent, customer)
        await agent.record(tmp_path / "heard.wav")

        await agent.heard(is_tone(CUSTOMER_SAYS))
        await customer.heard(is_tone(AGENT_SAYS))

        await agent.stop_recording()
        await part(agent, customer)

    play(story)
    recorded = sounds.from_file(tmp_path / "heard.wav")[-1600:]
    strongest = np.argmax(np.abs(np.fft.rfft(recorded))) * sounds.RATE / len(recorded)
    assert strongest == pytest.approx(CUSTOMER_SAYS, abs=5)


def test_keys_arrive_as_digits_in_their_order_however_long_they_are_pressed(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await connect(agent, customer)

        await customer.press("7*#", pressed_ms=60, pause_ms=60)
        await customer.press("7", pressed_ms=300, pause_ms=0)

        await agent.receives("7*#7")
        await part(agent, customer)

    play(story)


def test_keys_as_tones_are_heard_and_are_no_events(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await connect(agent, customer)

        began = time.monotonic()
        await customer.press_tones("5", pressed_ms=400)

        low, high = sounds.KEYS["5"]
        await agent.heard(lambda level: is_tone(low)(level) or is_tone(high)(level), lasting=0.2, since=began)
        assert agent.digits() == []
        await part(agent, customer)

    play(story)


def test_who_is_held_is_told_and_hears_nothing(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await connect(agent, customer)
        await agent.heard(is_tone(CUSTOMER_SAYS), lasting=0.1)

        await customer.hold()
        held = await agent.sees(Report.HELD)
        with pytest.raises(Missing):
            await agent.heard(is_tone(CUSTOMER_SAYS), lasting=0.1, since=held.at + 0.2, within=0.4)

        await customer.resume()
        await agent.sees(Report.RESUMED)
        await agent.heard(is_tone(CUSTOMER_SAYS), lasting=0.1)
        await part(agent, customer)

    play(story)


def test_a_busy_phone_says_so(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await customer.when_called(Incoming.BUSY)

        await agent.dial(customer.line.uri)

        assert (await agent.sees(Report.CLOSED)).text == "486 Busy Here"
        await customer.sees(Report.CLOSED)

    play(story)


def test_a_phone_that_nobody_answers_rings_until_the_caller_gives_up(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await customer.when_called(Incoming.RING)
        await agent.dial(customer.line.uri)
        await agent.sees(Report.RINGING)
        await customer.sees(Report.CALLED)
        with pytest.raises(Missing, match=r"established.*ringing"):
            await agent.sees(Report.ESTABLISHED, within=0.1)

        await agent.hang_up()

        await customer.sees(Report.CLOSED)
        await agent.sees(Report.CLOSED)

    play(story)


def test_a_phone_that_rings_can_be_answered(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        await customer.when_called(Incoming.RING)
        await agent.dial(customer.line.uri)
        await customer.sees(Report.CALLED)

        await customer.answer()

        await agent.sees(Report.ESTABLISHED)
        await customer.sees(Report.ESTABLISHED)
        await part(agent, customer)

    play(story)


def test_a_command_that_cannot_be_done_fails_with_a_reason(play: Callable[[Story], None]) -> None:
    async def story(agent: Telephone, customer: Telephone) -> None:
        with pytest.raises(PhoneFailed, match=r"agent: hang up: .*no call"):
            await agent.hang_up()
        with pytest.raises(PhoneFailed, match=r"agent: keys: .*'X'"):
            await agent.press("1x")

    play(story)


def test_a_call_by_tls_with_encrypted_media_is_heard_and_one_without_is_refused(
    runner: asyncio.Runner, tmp_path: Path
) -> None:
    authority = signing.make("Authority of the phones", days=1)
    phone = signing.make("Phone", by=authority, days=1, addresses=("127.0.0.1",))
    trusted, own = tmp_path / "authority.pem", tmp_path / "phone.pem"
    trusted.write_bytes(authority.cert)
    own.write_bytes(phone.cert + phone.key)

    def phone_by_tls(name: str, *, srtp: bool) -> Telephone:
        port, tls = free_port(), Transport.TLS
        return Telephone(Line(name=name, port=port, transport=tls, srtp=srtp, authorities=trusted, certificate=own))

    async def story() -> None:
        agent, customer = phone_by_tls("agent", srtp=True), phone_by_tls("customer", srtp=True)
        async with agent, customer, phone_by_tls("plain", srtp=False) as plain:
            await agent.say_tone(AGENT_SAYS)
            await connect(agent, customer)
            await customer.heard(is_tone(AGENT_SAYS), lasting=0.2)
            await part(agent, customer)

            await plain.dial(customer.line.uri)
            assert (await plain.sees(Report.CLOSED)).text.startswith("488")

    runner.run(story())


def test_a_phone_whose_process_is_killed_ends_every_wait() -> None:
    async def story() -> None:
        async with Telephone(Line(name="agent", port=free_port())) as agent:
            os.kill(agent.pid, signal.SIGKILL)
            with pytest.raises(PhoneFailed, match="its process has ended"):
                await agent.sees(Report.ESTABLISHED)

    asyncio.run(story())


STARTS_A_PHONE_AND_DIES = """
import asyncio, os, signal, sys
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Telephone
async def main():
    async with Telephone(Line(name="agent", port=free_port())) as phone:
        print(phone.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_a_phone_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS_A_PHONE_AND_DIES]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # nobody is left to tidy up
    driver = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    phone = Path(f"/proc/{int(driver.stdout)}/stat")
    assert until(lambda: not phone.exists() or phone.read_text().rpartition(")")[2].split()[0] == "Z", seconds=5)
