"""Memory that is left out of core files, locked, and overwritten."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.voice.gateway.secrets_in_memory import Full, SecretBytes


def test_what_was_added_is_there_until_it_is_wiped() -> None:
    with SecretBytes(8) as secret:
        secret.add(b"12")
        secret.add(memoryview(b"345"))
        with secret.view() as content:
            assert bytes(content) == b"12345"

        secret.wipe()

        assert len(secret) == 0
        assert bytes(secret._pages[:8]) == bytes(8)


def test_it_is_overwritten_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    overwritten: list[bytes] = []
    wipe = SecretBytes.wipe

    def watched(secret: SecretBytes) -> None:
        wipe(secret)
        overwritten.append(bytes(secret._pages[:8]))

    monkeypatch.setattr(SecretBytes, "wipe", watched)
    with SecretBytes(8) as secret:
        secret.add(b"12345")

    assert overwritten == [bytes(8)]


def test_it_takes_no_more_than_it_may() -> None:
    with SecretBytes(4) as secret:
        secret.add(b"123")
        with pytest.raises(Full):
            secret.add(b"45")
        assert len(secret) == 3


def test_its_content_is_in_no_repr() -> None:
    with SecretBytes(8) as secret:
        secret.add(b"4242")
        assert "4242" not in repr(secret)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so")
def test_the_system_leaves_it_out_of_core_files_and_does_not_swap_it() -> None:
    with SecretBytes(8) as secret:
        flags = _flags(_address(secret))

    assert "dd" in flags
    assert not secret.locked or "lo" in flags


def _address(secret: SecretBytes) -> int:
    with memoryview(secret._pages) as view:
        anchor = ctypes.c_char.from_buffer(view)
        address = ctypes.addressof(anchor)
        del anchor
    return address


def _flags(address: int) -> list[str]:
    """Of the mapping that holds this address, as /proc/self/smaps tells them."""
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if found := re.match("([0-9a-f]+)-([0-9a-f]+) ", line):
            inside = int(found[1], 16) <= address < int(found[2], 16)
        elif inside and line.startswith("VmFlags:"):
            return line.split()[1:]
    raise AssertionError("no such mapping")


_IN_A_PROCESS = """
import resource
from backoffice.voice.gateway.secrets_in_memory import _libc, forbid_core_files
forbid_core_files()
print(resource.getrlimit(resource.RLIMIT_CORE), _libc().prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so")
def test_a_process_that_forbids_core_files_has_none_and_cannot_be_read_by_others() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            _IN_A_PROCESS,
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == "(0, 0) 0"
