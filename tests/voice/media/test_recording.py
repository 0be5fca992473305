"""What is recorded, and above all what is not."""

from __future__ import annotations

import asyncio
import os
import threading
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.bridges import Bridge
from backoffice.voice.media.masking import HELD
from backoffice.voice.media.recording import BATCH, Recorder, Recording
from backoffice.voice.media.timestamps import FRAME, RATE
from tests.voice.media import sounds
from tests.voice.media.lines import Line

pytestmark = pytest.mark.anyio


def channels(path: Path) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """What the telephone heard, and what it said."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return both[:, 0], both[:, 1]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


async def test_both_sides_are_recorded_in_step(line: Line, recorder: Recorder, tmp_path: Path) -> None:
    line.customer.talks = False
    line.join()
    recording = recorder.begin("agent.wav")
    line.to_agent.record(recording)
    line.to_agent.play(b"\x80" * 1600)
    await line.run(20)
    recording.stop()
    await line.run(5)
    recorder.close()
    heard, said = channels(tmp_path / "agent.wav")

    assert len(heard) == 20 * 160
    assert (heard[:1600] == 32124).all()
    assert (heard[1600:] == 0).all()
    assert (said[:160] == 0).all()
    assert said[800:].any()


async def test_while_cut_the_agents_recording_goes_on_in_silence_and_the_customers_is_paused(
    line: Line, recorder: Recorder, tmp_path: Path
) -> None:
    bridge = line.join()
    line.to_agent.record(recorder.begin("agent.wav"))
    line.to_customer.record(recorder.begin("customer.wav"))
    await line.run(10)
    bridge.cut(line.to_agent)
    await line.run(20)
    waiting = asyncio.create_task(bridge.restore())
    while not waiting.done():
        await line.run(1)
    ticks = line.clock.frames // 2
    await line.run(20)
    await line.to_agent.close()
    await line.to_customer.close()
    recorder.close()
    heard, said = channels(tmp_path / "agent.wav")
    of_customer = channels(tmp_path / "customer.wav")[1]

    assert len(heard) == (ticks + 20) * 160
    assert heard[: 10 * 160].any()
    assert not heard[10 * 160 : ticks * 160].any()
    assert said[15 * 160 : 25 * 160].any()
    assert heard[(ticks + 5) * 160 :].any()
    assert len(of_customer) == (10 + 20 - 2) * 160, "nothing of the cut, nor while the buffer fills anew"


async def test_what_a_leg_that_is_alone_is_asked_for_is_neither_recorded_nor_passed_on(
    line: Line, recorder: Recorder, tmp_path: Path
) -> None:
    """The last key still sounds when listening ends and another leg is joined."""
    line.to_customer.record(recorder.begin("customer.wav"))
    line.customer.talks = False
    line.listen()
    line.customer.pause(5)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("5", on=600, off=600))))
    while not line.digits:
        await line.run(1)
    line.to_customer.stop_listening()
    Bridge(line.to_customer, line.to_agent)
    heard = await line.run(60)
    line.to_customer.stop_recording()
    recorder.close()
    said = channels(tmp_path / "customer.wav")[1]

    assert line.digits == "5"
    assert all(packet.is_silent for packet in heard)
    assert len(said) > 0
    assert not said.any()


async def test_what_a_slow_disk_has_no_room_for_is_silence_at_its_time_and_counted(tmp_path: Path) -> None:
    recorder, goes_on = Recorder(tmp_path, room=2), threading.Event()

    def is_slow() -> None:
        goes_on.wait(5)

    recorder.takes(is_slow, always=False)
    recording = recorder.begin("agent.wav")
    for loud, frames in ((b"\x80", BATCH), (b"\x90", BATCH), (b"\xa0", 10)):
        for _frame in range(frames):
            recording.write(loud * 160, b"\xff" * 160, Codec.PCMU)
    recording.stop()
    goes_on.set()
    recorder.close()
    heard, _said = channels(tmp_path / "agent.wav")

    assert recorder.lost == BATCH
    first, lost, last = heard[: BATCH * 160], heard[BATCH * 160 : 2 * BATCH * 160], heard[2 * BATCH * 160 :]
    assert first.all()
    assert not lost.any()
    assert last.all()
    assert len(last) == 10 * 160


async def test_a_folder_that_cannot_be_written_ends_no_call_and_is_counted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "missing")
    recording = recorder.begin("agent.wav")
    recording.write(b"\xff" * 160, b"\xff" * 160, Codec.PCMA)
    recording.stop()
    recorder.close()

    assert recorder.lost == 1


def spoken(recording: Recording, frames: int, byte: bytes = b"\x90") -> None:
    for _frame in range(frames):
        recording.write(byte * 160, b"\xff" * 160, Codec.PCMU)


async def test_what_a_killed_process_leaves_can_be_played_but_for_the_last_second(tmp_path: Path) -> None:
    """Whoever kills the process leaves the file as it is now, without its end."""
    recorder = Recorder(tmp_path)
    recording = recorder.begin("agent.wav")
    spoken(recording, 10 * BATCH - 1)
    recorder.close()
    heard, _said = channels(recording.path)  # while it is open: who lets go of it has it ended

    most_lost = BATCH * FRAME + HELD
    assert most_lost == 1.2 * RATE
    assert 10 * BATCH * FRAME - most_lost <= len(heard) < 10 * BATCH * FRAME
    assert heard.all()


async def test_who_is_rung_again_overwrites_nothing_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for loud in (b"\x80", b"\x90", b"\xa0"):
        recording = recorder.begin("call-agent.wav")
        spoken(recording, 10, loud)
        recording.stop()
    recorder.close()
    levels = [channels(tmp_path / f"call-agent{number}.wav")[0][0] for number in ("", "-2", "-3")]

    assert levels == sorted(set(levels), reverse=True)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_a_fault_of_one_recording_is_logged_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(tmp_path, room=2)
    for number in range(4):
        recorder.takes(lambda: [][0], always=False)
        recording = recorder.begin(f"{number}.wav")
        spoken(recording, 5)
        recording.stop()
    recorder.close()

    assert len(list(tmp_path.iterdir())) == 4
    assert [one.message for one in caplog.records] == ["something of a recording failed"] * len(caplog.records) != []


async def test_a_full_disk_loses_frames_and_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_full(_file: object, _sound: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wave.Wave_write, "writeframes", is_full)
    recorder = Recorder(tmp_path)
    recording = recorder.begin("agent.wav")
    spoken(recording, BATCH + 5)
    recording.stop()
    recorder.close()
    open_ones = [os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]

    assert recorder.lost == BATCH + 5
    assert not [one for one in open_ones if one.startswith(str(tmp_path))]
