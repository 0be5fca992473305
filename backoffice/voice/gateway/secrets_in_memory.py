"""Memory for what must never leave it: not into a core file, not to swap, not into a log, and not for longer than it is
needed."""

from __future__ import annotations

import ctypes
import ctypes.util
import mmap
import resource
import sys
from types import TracebackType
from typing import Self

_PR_SET_DUMPABLE = 4


class Full(Exception):
    """It holds as much as it may."""


class SecretBytes:
    """Up to `capacity` bytes in pages of their own. They are left out of core files and locked against swapping where
    the system allows it, and overwritten by `wipe` and at the end of `with`. Nothing of the content is in its repr."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._pages = mmap.mmap(-1, -(-capacity // mmap.PAGESIZE) * mmap.PAGESIZE)
        self._length = 0
        if hasattr(mmap, "MADV_DONTDUMP"):
            self._pages.madvise(mmap.MADV_DONTDUMP)
        self.locked = _lock(self._pages)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return "<SecretBytes>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
        self._pages.close()

    def add(self, data: bytes | memoryview) -> None:
        """Raises `Full`, and then nothing of it is added."""
        if self._length + len(data) > self._capacity:
            raise Full
        self._pages[self._length : self._length + len(data)] = data
        self._length += len(data)

    def view(self) -> memoryview:
        """The content itself, not a copy. Release it before `wipe`."""
        return memoryview(self._pages)[: self._length]

    def wipe(self) -> None:
        """Overwrites it. It is empty then."""
        self._pages[:] = bytes(len(self._pages))
        self._length = 0


def _lock(pages: mmap.mmap) -> bool:
    libc = _libc()
    if libc is None:
        return False
    with memoryview(pages) as view:
        anchor = ctypes.c_char.from_buffer(view)
        locked = libc.mlock(ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(len(pages))) == 0
        del anchor
    return bool(locked)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True) if sys.platform != "win32" else None


def forbid_core_files() -> None:
    """No core file of this process from now on, and no other process of the same user may read its memory (Linux).
    Raises `OSError` or `ValueError` where the system refuses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = _libc()
        if libc is None or libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError("this process cannot be kept from being dumped")
