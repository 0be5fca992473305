"""Which way a number is reached: by the trunk, or, such as an agent's extension, at an address of its own. It is the
last wall against toll fraud: whatever the back office asks for, no number that costs extra leaves by the trunk."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiosipua.headers import SipUri, parse_uri

from backoffice import dialling
from backoffice.voice.sip.hops import Transport, Unreachable, Way
from backoffice.voice.sip.locating import Resolver, locate

_NUMBER = re.compile(r"\+?[0-9]{1,15}|[a-z][a-z0-9-]{0,30}", re.ASCII)
_EXTENSION = re.compile(r"(?!911|999)[2-9][0-9]{3,5}", re.ASCII)
"""Of the PBX behind the trunk. Shorter numbers, and those that begin with 0 or 1, are emergency calls, services that
cost extra and numbers of the country that the trunk is in, which nobody here can judge."""


class NoWay(Exception):
    """This number cannot be called. The text is a code."""


@dataclass(frozen=True, slots=True)
class DialPlan:
    """`trunks` are the URIs of the SBCs or PBXs that reach the world, the first to be tried first; each may stand for
    several hops by its DNS records. `addresses` are URIs of numbers and extensions that are reached directly.
    `calling_codes` are those of the countries that are rung by the trunks; empty for all."""

    trunks: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    calling_codes: frozenset[int] = frozenset()
    resolver: Resolver | None = None

    async def ways(self, number: str) -> Sequence[Way]:
        """All ways to it, at least one. Raises `NoWay` for what is no number, or if there is no way to it."""
        if not _NUMBER.fullmatch(number):
            raise NoWay("no_number")
        own = self.addresses.get(number)
        uris = [own] if own else self._by_trunk(number)
        found: list[Way] = []
        why = "no_route"
        for uri in uris:
            try:
                found += [Way(uri, hop) for hop in await locate(uri, otherwise=Transport.UDP, resolver=self.resolver)]
            except Unreachable as unreachable:
                why = str(unreachable)
        if not found:
            raise NoWay(why)
        return found

    async def trunk_ways(self) -> Sequence[Way]:
        """All hops of all trunks that can be located now, as who asks them how they are reaches them."""
        found: list[Way] = []
        for uri in self.trunks:
            with contextlib.suppress(Unreachable):
                found += [Way(uri, hop) for hop in await locate(uri, otherwise=Transport.UDP, resolver=self.resolver)]
        return found

    def _by_trunk(self, number: str) -> list[str]:
        if not self.trunks or not number.removeprefix("+").isdecimal():
            raise NoWay("no_route")
        self._check(number)
        return [_at(parse_uri(trunk), number) for trunk in self.trunks]

    def _check(self, number: str) -> None:
        """Raises `NoWay` for a number that may not leave by the trunk."""
        if not number.startswith("+"):
            if not _EXTENSION.fullmatch(number):
                raise NoWay("no_extension")
        elif dialling.costs_extra(number):
            raise NoWay("costs_extra")
        elif self.calling_codes and dialling.calling_code(number) not in self.calling_codes:
            raise NoWay("country")


def _at(trunk: SipUri, number: str) -> str:
    port = f":{trunk.port}" if trunk.port else ""
    way = f";transport={trunk.params['transport']}" if trunk.params.get("transport") else ""
    return f"{trunk.scheme}:{number}@{trunk.host}{port}{way}"
