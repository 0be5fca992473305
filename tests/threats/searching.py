"""Searching whatever is kept for secrets that were told: as they are, and in the forms that a careless program makes.

A card number is searched by its first twelve digits, because the last four may be shown: by two parts of eight digits,
so that a part of the number is found, too. A code of four digits is searched as a whole word in text, and in memory as
an object or a field that holds nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stdnum import luhn


@dataclass(frozen=True)
class Canaries:
    """Card numbers that share their first twelve digits, and codes of four digits with a zero first, as no machine
    writes a number."""

    beginning: str
    codes: tuple[str, ...] = ()
    used: int = 24
    """How many numbers are used: unkeyed digests of these are searched, too."""

    def number(self, place: int) -> str:
        """The card number at this place, from 0 to 999: sixteen digits."""
        digits = f"{self.beginning}{place:03d}"
        return digits + luhn.calc_check_digit(digits)

    @cached_property
    def _parts(self) -> Mapping[str, tuple[bytes, ...]]:
        parts = self.beginning[:8], self.beginning[4:]
        groups = [f"{part[:4]}{mark}{part[4:]}" for part in parts for mark in (" ", "-", ".", "\u00a0")]
        texts = [*parts, *groups, *(part[::-1] for part in parts), *(mark.join(parts[0]) for mark in (",", " ", ", "))]
        return {
            "plain": tuple(text.encode() for text in texts),
            "hex": tuple(text.encode().hex().encode() for text in texts),
            "UTF-16": tuple(part.encode("utf-16-le") for part in parts),
            "base64": tuple(_in_base64(part) for text in parts for part in _aligned(text)),
            "packed": tuple(bytes.fromhex(part) for part in parts),
        }

    @cached_property
    def _digests(self) -> tuple[bytes, ...]:
        made = (digest(self.number(place).encode()) for place in range(self.used) for digest in _DIGESTS)
        return tuple(one.hexdigest().encode() for one in made)

    def in_text(self, content: bytes) -> list[str]:
        """What is found in files, columns and answers, each with its surroundings. Unkeyed digests count: whoever has
        one finds the number by trying."""
        found = [*self._numbers(content, ("plain", "hex", "UTF-16", "base64"))]
        found += [_around(content, at, "digest") for one in self._digests if (at := content.find(one)) >= 0]
        words = (re.compile(rb"(?<![0-9A-Za-z.+/_-])%s(?![0-9A-Za-z.+/=_-])" % code.encode()) for code in self.codes)
        return found + [_around(content, hit.start(), "code") for word in words if (hit := word.search(content))]

    def in_bytes(self, content: bytes) -> list[str]:
        """The numbers alone, where sound or sealed content holds any four bytes."""
        return [*self._numbers(content, ("plain", "UTF-16", "packed"))]

    def in_memory(self, content: bytes) -> list[str]:
        """In an image of a process."""
        return [*self._numbers(content, ("plain", "UTF-16")), *self._codes_in_memory(content)]

    def _numbers(self, content: bytes, forms: Iterable[str]) -> Iterator[str]:
        for form in forms:
            for part in self._parts[form]:
                if (at := content.find(part)) >= 0:
                    yield _around(content, at, form)

    def _codes_in_memory(self, content: bytes) -> Iterator[str]:
        for code in (code.encode() for code in self.codes):
            for hit in re.finditer(code, content):
                around = content[max(0, hit.start() - 48) : hit.end() + 16]
                if any(form.search(around) for form in _held(code)):
                    yield _around(content, hit.start(), "code")
                    break


def files(folder: Path) -> bytes:
    """All of a folder, with the names of its files."""
    names = b"\n".join(str(path.relative_to(folder)).encode() for path in folder.rglob("*"))
    return b"\n".join([names, *(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())])


def found_in(content: bytes, secrets: Mapping[str, str]) -> set[str]:
    """The names of the secrets that stand in it as they are, whatever their case."""
    lowered = content.lower()
    return {name for name, secret in secrets.items() if secret.lower().encode() in lowered}


_DIGESTS = (hashlib.sha256, hashlib.sha1, hashlib.md5)


def _held(code: bytes) -> list[re.Pattern[bytes]]:
    """How a process holds a code: as a str or bytes of Python, between quotes, in a form or JSON, before the hash key,
    or in memory that is empty otherwise."""
    length = rb"\x04\x00{7}.{8}"
    forms = [length + rb"(?:.{8}){0,2}" + code + rb"\x00", rb"[\"'=>:]" + code + rb"[\"'&<,}#]", code + rb"\x00{8}"]
    return [re.compile(form, re.DOTALL) for form in (*forms, code + b"#", rb"\]=" + code)]


def _aligned(text: str) -> Iterator[bytes]:
    """The text at the three places at which base64 may begin."""
    for before in (b"", b"\0", b"\0\0"):
        yield before + text.encode()


def _in_base64(text: bytes) -> bytes:
    """What of its base64 does not depend on what stands beside it."""
    made = base64.b64encode(text)
    begins = {0: 0, 1: 2, 2: 3}[len(text) - len(text.lstrip(b"\0"))]
    return made[begins : len(text) * 8 // 6]


def _around(content: bytes, at: int, form: str) -> str:
    return f"{form}: {content[max(0, at - 60) : at + 40]!r}"
