"""Threat 16 for payments: card numbers, dates, security codes and PINs that went through every flow are nowhere.

On the real stack they are keyed in on telephones, by events and by tones, rightly and wrongly, and typed into pages and
fields where they belong and where they do not. Then all that is kept is searched, and the memory of what runs. Each
search must also find a number that the test itself has put there.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.timestamps import FRAME, RATE
from backoffice.voice.media.tones import ToneDetector
from devstack.stack import Stack
from devstack.telephones.sounds import key_tones
from tests.faults.inside import Inside
from tests.threats import memory
from tests.threats.keyed_flows import AGENTS, CUSTOMERS, EXPIRY, KEYED, PIN, Flows, Phones, card_of
from tests.threats.searching import Canaries, files

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root looks into other processes"),
]
TYPED = Canaries("510001742936")
ON_PAGE = Canaries("222305739182", ("0738",))
"""On the payment provider's page."""
PLANTED = Canaries("601100574928")
ALL = [KEYED, TYPED, ON_PAGE, PLANTED]
_HEADER = 44
"""Bytes of a WAV file before its samples."""
NEVER_TOLD = ("web", "worker", "celery", "beat", "intake", "publisher", "streams", "valkey", "postgres", "temporal")
"""The parts that must never have held what is keyed in."""


@dataclass(frozen=True)
class Played:
    """What was seen while the flows were played: `of_gateway` in its memory after all entries, `in_entry` in the middle
    of one, by mapping; `statuses` are the answers of pages and the API."""

    statuses: dict[str, int]
    paid: dict[str, object]
    of_gateway: list[str]
    in_entry: list[memory.Mapping]
    locked: str
    cores: list[str]


@pytest.fixture(scope="module")
def played(stack: Stack, inside: Inside, phones: Phones) -> Iterator[Played]:
    """Everything is keyed in and typed; at the end the gateway crashes in the middle of an entry."""
    port = int(stack.addresses["VOICE_SIP_PORT"])
    number = f"sip:{stack.addresses['TELEPHONY_NUMBER']}@127.0.0.1:{port}"
    flows = Flows(inside, phones, our_number=number, port=port)
    going_on = phones.start(flows.all_but_dead())
    statuses = inside.of("tests.threats.misplaced").typed_everywhere(canaries=TYPED)
    paid = inside.of("tests.threats.misplaced").pays_bill(number=ON_PAGE.number(0), expiry=EXPIRY, code="0738")
    going_on.result(180)
    gateway = stack.pid("voice")
    assert gateway is not None
    after = [hit for mapping in memory.mappings(gateway) for hit in _in_mapping(gateway, mapping, KEYED)]
    case = phones.run(flows.goes_dead(phones["goes_dead"]), within=120)
    phones.run(phones["goes_dead"].keys(card_of("goes_dead")[:11]), within=30)
    found = [mapping for mapping in memory.mappings(gateway) if _in_mapping(gateway, mapping, KEYED)]
    locked, before = memory.status(gateway, "VmLck"), _cores(stack)
    os.kill(gateway, signal.SIGABRT)
    _is_another(stack, gateway)
    phones.run(flows.is_lost(case), within=60)
    yield Played(statuses, paid, after, found, locked, sorted(set(_cores(stack)) - set(before)))
    inside.of("tests.threats.keeping").uproot()


@pytest.fixture(scope="module")
def planted(stack: Stack, inside: Inside, played: Played) -> int:
    """Puts a number everywhere where the tests look; gives the id of a process that holds it."""
    logs, recordings = stack.data_dir / "logs", stack.data_dir / "voice" / "recordings"
    keeping = inside.of("tests.threats.keeping")
    (logs / "planted.log").write_text(f"cannot charge {PLANTED.number(0)}\n")
    _record(recordings / "planted.wav", PLANTED.number(0))
    return int(keeping.plant(canaries=PLANTED))


def test_every_flow_was_played_and_every_field_answered(played: Played) -> None:
    assert played.paid == {"statuses": [402, 303], "is_paid": True}
    assert {name: status for name, status in played.statuses.items() if status not in ANSWERS.get(name, (400,))} == {}


ANSWERS = {
    "console, delivery": (200,),
    "API, key": (201,),
    "API, another field": (400, 409),
    "API, address": (404,),
    "desk, why a record is opened": (403,),
    "desk, is this ours": (200,),
    "desk, search": (200,),
    "bills, number": (200,),
    "check page": (200, 400),
    "sign-in": (200, 400),
}
"""Of fields that do not answer with 400: a key is kept as a hash, a record stays closed, and the others look and find
nothing."""


def test_the_database_holds_no_card(inside: Inside, played: Played, planted: int) -> None:
    *told, own = inside.of("tests.threats.keeping").in_rows(canaries=ALL)

    assert told == [[], [], []]
    assert {hit.partition(":")[0] for hit in own} == {"planted.as_text", "planted.as_bytes"}


def test_histories_hold_no_card_even_when_they_are_opened(inside: Inside, played: Played, planted: int) -> None:
    *told, own = inside.of("tests.threats.keeping").in_histories(canaries=ALL)

    assert told == [[], [], []]
    assert own


def test_broker_and_cache_hold_no_card(inside: Inside, played: Played, planted: int) -> None:
    *told, own = inside.of("tests.threats.keeping").in_caches(canaries=ALL)

    assert told == [[], [], []]
    assert own


def test_no_log_tells_a_card_or_a_code(stack: Stack, played: Played, planted: int) -> None:
    logs = files(stack.data_dir / "logs")

    assert b"worker ready" in logs
    assert [kind.in_text(logs) for kind in ALL[:-1]] == [[], [], []]
    assert PLANTED.in_text(logs)


def test_no_file_of_the_stack_holds_a_card_not_even_the_provider_s(stack: Stack, played: Played, planted: int) -> None:
    """The simulator of the provider has a folder of its own, and could keep a number; it keeps a fingerprint. The
    database's files hold what was deleted, too."""
    found: dict[str, list[str]] = {}
    for path in stack.data_dir.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.name.encode() + b"\n" + path.read_bytes()
            place = path.relative_to(stack.data_dir).parts[0]
            hits = [(kind.beginning, *kind.in_bytes(content)) for kind in ALL if kind.in_bytes(content)]
            found.setdefault(place, []).extend(f"{path.name}: {hit}" for hit in hits)

    of_us = {place: [hit for hit in hits if PLANTED.beginning not in hit] for place, hits in found.items()}
    assert {place: hits for place, hits in of_us.items() if hits} == {}
    assert {place for place, hits in found.items() if hits} == {"logs", "postgres", "valkey"}
    assert {"payments", "temporal", "voice"} <= set(found)


def test_no_key_can_be_heard_in_a_recording(stack: Stack, phones: Phones, played: Played, planted: int) -> None:
    recordings = sorted((stack.data_dir / "voice" / "recordings").glob("*.wav"))
    keys = {path.name: _keys_in(path) for path in recordings}

    assert keys.pop("planted.wav") == [PLANTED.number(0), ""]
    assert len(keys) > len(CUSTOMERS)
    assert {name: heard for name, heard in keys.items() if any(heard)} == {}


def test_an_agent_hears_no_key_while_the_customer_is_asked(phones: Phones, played: Played) -> None:
    """Before and afterwards both talk: then the agent hears what is keyed in, which shows that they would hear it."""
    heard = {name: (_keys(phones[name].sound), phones[name].events_heard) for name in AGENTS}

    assert heard == dict.fromkeys(AGENTS, (PIN, 0))
    assert len(phones["agent_of_known_card"].sound) > RATE


def test_nothing_of_an_entry_is_left_in_the_memory_of_the_gateway(played: Played) -> None:
    assert played.of_gateway == []


def test_what_is_being_keyed_in_is_in_no_core_file_and_not_swapped(played: Played) -> None:
    """The number is found in the middle of an entry, in pages that the system locks and leaves out of core files."""
    assert played.in_entry
    assert all(mapping.is_left_out_of_core_files for mapping in played.in_entry)
    assert all(mapping.is_locked and mapping.swapped == 0 for mapping in played.in_entry)
    assert played.locked != "0 kB"


def test_a_gateway_that_crashes_leaves_no_core_file(played: Played, tmp_path: Path) -> None:
    limits = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)); "
    subprocess.run([sys.executable, "-c", f"{limits}import os; os.abort()"], cwd=tmp_path, check=False)
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()

    assert played.cores == []
    if pattern.startswith("core") and resource.getrlimit(resource.RLIMIT_CORE)[1] == resource.RLIM_INFINITY:
        assert [path.name.partition(".")[0] for path in tmp_path.iterdir()] == ["core"], "another program leaves one"


def test_no_other_part_ever_held_what_was_keyed_in(stack: Stack, played: Played, planted: int) -> None:
    pids = {pid: row.name for row in stack.rows() if row.name in NEVER_TOLD and row.pid for pid in _all(row.pid)}
    found = [
        f"{name} {pid}: {hit}"
        for pid, name in pids.items()
        for mapping in memory.mappings(pid)
        for hit in _in_mapping(pid, mapping, KEYED)
    ]

    assert set(pids.values()) == set(NEVER_TOLD)
    assert found == []
    assert any(_in_mapping(planted, mapping, PLANTED) for mapping in memory.mappings(planted))


def _all(pid: int) -> list[int]:
    return memory.processes(pid)


def _in_mapping(pid: int, mapping: memory.Mapping, kind: Canaries) -> list[str]:
    return [hit for piece in memory.pieces(pid, mapping) for hit in kind.in_memory(piece)]


def _cores(stack: Stack) -> list[str]:
    """Files as the system names those of a process that crashed, where a part of the stack may leave one."""
    places = (Path.cwd(), Path("/tmp"), stack.data_dir, stack.data_dir / "run", stack.data_dir / "voice")
    return [str(path) for place in places for path in place.glob("core*") if re.fullmatch(r"core(\.\d+)?", path.name)]


def _is_another(stack: Stack, gateway: int) -> None:
    """Until the supervisor has started the gateway again."""
    deadline = time.monotonic() + 30
    while stack.pid("voice") in (gateway, None):
        assert time.monotonic() < deadline, "it is not started again"
        time.sleep(0.05)
    stack.wait_ready("voice", timeout=60)


def _keys_in(path: Path) -> list[str]:
    """What can be read out of both channels of a recording again, also of one whose end was never written."""
    sound = path.read_bytes()[_HEADER:]
    both = np.frombuffer(sound[: len(sound) // 4 * 4], "<i2").reshape(-1, 2)
    return [_keys(both[:, channel]) for channel in range(2)]


def _keys(sound: np.typing.NDArray[np.int16]) -> str:
    detector = ToneDetector()
    whole = np.concatenate((np.zeros(5 * FRAME, np.int16), sound, np.zeros(-len(sound) % FRAME + 5 * FRAME, np.int16)))
    return "".join(DIGITS[code] for frame in whole.reshape(-1, FRAME) for code in detector.feed(frame))


def _record(path: Path, keys: str) -> None:
    """A recording with these keys in its first channel."""
    tones = key_tones(keys, pressed_ms=80, pause_ms=80)
    both = np.stack((tones, np.zeros_like(tones)), axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(both.astype("<i2").tobytes())
