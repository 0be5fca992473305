"""A folder that keeps sounds by their keys. It may be emptied at any time; what is lost or damaged is made again."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

_SUFFIX = ".pcmu"
_DIGEST = hashlib.sha256().digest_size
_log = logging.getLogger(__name__)


class KeptSounds:
    """The sounds of one folder, each in a file of its own that begins with the digest of the rest. The oldest are
    removed where all together have more than `limit` bytes. Only its owner can read it: texts name payees and amounts.
    Any thread may use it."""

    def __init__(self, folder: Path, *, limit: int = 100_000_000) -> None:
        self._folder, self._limit = folder, limit
        self._counting = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._size = sum(size for _when, size, _path in self._files())

    def get(self, key: str) -> bytes | None:
        """None if it is not there; a damaged one is removed."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        digest, sound = content[:_DIGEST], content[_DIGEST:]
        if hashlib.sha256(sound).digest() == digest:
            return sound
        _log.warning("a kept prompt was damaged: it is made again")
        with self._counting:
            self._size -= len(content)
            path.unlink(missing_ok=True)
        return None

    def put(self, key: str, sound: bytes) -> None:
        """Keeps it, or none of it: a reader never sees a part. A full disk is logged, for a call goes on without."""
        draft = self._folder / f".{secrets.token_hex(8)}"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(hashlib.sha256(sound).digest() + sound)
            draft.replace(self._path(key))
        except OSError as error:
            _log.warning("a prompt cannot be kept: %s", error.strerror)
            draft.unlink(missing_ok=True)
            return
        with self._counting:
            self._size += _DIGEST + len(sound)
            if self._size > self._limit:
                self._remove_oldest()

    def remove_older(self, age: timedelta, *, but: Collection[str]) -> None:
        """Removes what was put there longer ago, also drafts that were left, except `but` these keys. What cannot be
        removed is logged."""
        before = time.time() - age.total_seconds()
        for path in self._folder.glob("*"):
            try:
                if path.stem not in but and path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("an old prompt cannot be removed: %s", error.strerror)
        with self._counting:
            self._size = sum(size for _when, size, _path in self._files())

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):  # another gateway with the same folder may remove it
                state = path.stat()
                yield state.st_mtime, state.st_size, path

    def _remove_oldest(self) -> None:
        """Down to three quarters of the limit, so that it is not done again at once."""
        files = sorted(self._files())
        self._size = sum(size for _when, size, _path in files)
        for _when, size, path in files:
            if self._size <= self._limit * 3 // 4:
                return
            path.unlink(missing_ok=True)
            self._size -= size
