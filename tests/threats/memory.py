"""The memory of processes that run, as a core file or a page that was swapped out would show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_NOT_READ = ("[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]")
_LARGEST = 64 * 1024 * 1024
_OVERLAP = 128
"""Bytes that two pieces of a large mapping share, so that nothing is missed between them."""


@dataclass(frozen=True)
class Mapping:
    """A mapping that can be written, with what the system says of it: `flags` as in smaps, `swapped` in kB."""

    start: int
    end: int
    flags: frozenset[str]
    swapped: int

    @property
    def is_left_out_of_core_files(self) -> bool:
        return "dd" in self.flags

    @property
    def is_locked(self) -> bool:
        return "lo" in self.flags


def processes(pid: int) -> list[int]:
    """A process and all that it has started."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def mappings(pid: int) -> list[Mapping]:
    """Those that can be written, and so can hold what a process was told. Raises PermissionError."""
    found: list[Mapping] = []
    told: dict[str, str] = {}
    begun: re.Match[str] | None = None
    for line in [*Path(f"/proc/{pid}/smaps").read_text().splitlines(), "0-0 ---p"]:
        if head := re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line):
            if begun is not None and begun[3].startswith("rw") and not told["name"].endswith(_NOT_READ):
                swapped = int(told.get("Swap", "0 kB").split()[0])
                flags = frozenset(told.get("VmFlags", "").split())
                found.append(Mapping(int(begun[1], 16), int(begun[2], 16), flags, swapped))
            begun, told = head, {"name": line}
        else:
            name, _colon, value = line.partition(":")
            told[name] = value.strip()
    return found


def pieces(pid: int, mapping: Mapping) -> Iterator[bytes]:
    """What it holds, in pieces; nothing where it is gone by now."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start in range(mapping.start, mapping.end, _LARGEST):
            try:
                memory.seek(start)
                yield memory.read(min(_LARGEST + _OVERLAP, mapping.end - start))
            except (OSError, ValueError):  # it was given back meanwhile
                return


def status(pid: int, name: str) -> str:
    """A line of the system's status of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:")), "")
