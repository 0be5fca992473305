"""Which way a number is reached: by the trunk, or, such as an agent's extension, at an address of its own. It is the
last wall against toll fraud: whatever the back office asks for, no number that costs extra leaves by the trunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiosipua.headers import parse_uri

from backoffice import dialling
from backoffice.voice.sip import hops
from backoffice.voice.sip.hops import Hop, Transport, Unreachable

_NUMBER = re.compile(r"\+?[0-9]{1,15}|[a-z][a-z0-9-]{0,30}", re.ASCII)
_EXTENSION = re.compile(r"(?!911|999)[2-9][0-9]{3,5}", re.ASCII)
"""Of the PBX behind the trunk. Shorter numbers, and those that begin with 0 or 1, are emergency calls, services that
cost extra and numbers of the country that the trunk is in, which nobody here can judge."""


class NoWay(Exception):
    """This number cannot be called. The text is a code."""


@dataclass(frozen=True, slots=True)
class Way:
    """The SIP URI that is called, and the first hop to it."""

    uri: str
    hop: Hop


@dataclass(frozen=True, slots=True)
class DialPlan:
    """`trunk` is the URI of the SBC or PBX that reaches the world, "" without one; `addresses` are URIs of numbers and
    extensions that are reached directly. `calling_codes` are those of the countries that are rung by the trunk; empty
    for all."""

    trunk: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    calling_codes: frozenset[int] = frozenset()

    async def way(self, number: str) -> Way:
        """Raises `NoWay` for what is no number, or if there is no way to it."""
        if not _NUMBER.fullmatch(number):
            raise NoWay("no_number")
        uri = self.addresses.get(number) or self._by_trunk(number)
        try:
            return Way(uri, await hops.resolve(uri, otherwise=Transport.UDP))
        except Unreachable as unreachable:
            raise NoWay(str(unreachable)) from None

    def _by_trunk(self, number: str) -> str:
        if not self.trunk or not number.removeprefix("+").isdecimal():
            raise NoWay("no_route")
        self._check(number)
        trunk = parse_uri(self.trunk)
        port = f":{trunk.port}" if trunk.port else ""
        way = f";transport={trunk.params['transport']}" if trunk.params.get("transport") else ""
        return f"{trunk.scheme}:{number}@{trunk.host}{port}{way}"

    def _check(self, number: str) -> None:
        """Raises `NoWay` for a number that may not leave by the trunk."""
        if not number.startswith("+"):
            if not _EXTENSION.fullmatch(number):
                raise NoWay("no_extension")
        elif dialling.costs_extra(number):
            raise NoWay("costs_extra")
        elif self.calling_codes and dialling.calling_code(number) not in self.calling_codes:
            raise NoWay("country")
