"""Asking the domain name system: by whom is injected, what it answered is kept as evidence, how much is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import dns.exception
import dns.resolver

MOST_LOOKUPS = 60
"""For one mail. SPF alone may take ten that each take ten (RFC 7208, 4.6.4)."""
PATIENCE = 3.0
"""Seconds for one look-up."""
PATIENCE_IN_ALL = 15.0
"""Seconds for all look-ups of one mail: where nobody answers, it and those behind it must not wait for minutes."""
Answers = dict[str, list[str] | None]
"""By "TXT name": the records, a text of Latin-1 for TXT; None where nobody answered."""


class NoAnswer(Exception):
    """The name servers are away, or too much was asked. Nothing can be said of the name."""


class Resolver(Protocol):
    """`records` gives the records of a name: of TXT the joined strings (Latin-1), of MX "preference name". Empty where
    there are none. Raises `NoAnswer`."""

    def records(self, name: str, kind: str) -> list[str]: ...


class LiveResolver:
    """The name servers of this machine."""

    def records(self, name: str, kind: str) -> list[str]:
        try:
            answer = dns.resolver.resolve(name, kind, lifetime=PATIENCE, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as away:
            raise NoAnswer(type(away).__name__) from None
        if kind == "TXT":
            return [b"".join(record.strings).decode("latin-1") for record in answer]
        return [record.to_text().removesuffix(".") for record in answer]


class Evidence:
    """A resolver that keeps each answer, asks nothing twice, asks for at most `MOST_LOOKUPS` names, and for none more
    once `PATIENCE_IN_ALL` is spent. `clock` gives seconds."""

    def __init__(self, resolver: Resolver, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._clock = clock
        self._spent = 0.0
        self.answers: Answers = {}

    def records(self, name: str, kind: str) -> list[str]:
        asked = f"{kind} {name.rstrip('.').lower()}"
        if asked not in self.answers:
            if len(self.answers) >= MOST_LOOKUPS:
                raise NoAnswer("too many look-ups")
            self.answers[asked] = self._ask(asked)
        found = self.answers[asked]
        if found is None:
            raise NoAnswer("no answer")
        return found

    def _ask(self, asked: str) -> list[str] | None:
        if self._spent >= PATIENCE_IN_ALL:
            return None
        kind, _space, name = asked.partition(" ")
        began = self._clock()
        try:
            return self._resolver.records(name, kind)
        except NoAnswer:
            return None
        finally:
            self._spent += self._clock() - began
