"""How a gateway is set up: from variables of its own environment, so that it need not know those of the back office."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from aiosipua.auth import SipDigestAuth
from aiosipua.headers import parse_uri

from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.sip import messages
from backoffice.voice.sip.hops import Network
from backoffice.voice.sip.sdp import Secrecy
from backoffice.voice.sip.transports import Listening, Tls
from backoffice.voice.speech.words.language import Language

_A = TypeVar("_A")


class BadOptions(Exception):
    """It cannot be set up so. `problems` has a sentence for each variable to mend, without its value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Options:
    """`caller` is the number that those whom we call see. `control` is the host and port of the control API,
    `control_tls` its files, None for plain HTTP on loopback. In `languages` all fixed sentences are made before the
    first call is taken; others take a moment the first time."""

    listening: Listening
    peers: tuple[Network, ...]
    media_ports: tuple[int, int]
    secrecy: Secrecy
    dial_plan: DialPlan
    caller: str
    account: SipDigestAuth | None = field(repr=False)
    control: tuple[str, int]
    control_tls: Tls | None
    control_secret: str = field(repr=False)
    events_url: str
    events_secret: str = field(repr=False)
    signing_key: Path
    languages: tuple[Language, ...]
    prompts: Path
    recorded_prompts: Path | None
    recordings: Path | None
    payments_url: str
    payments_key: str = field(repr=False)


def from_environment(environment: Mapping[str, str]) -> Options:
    """Reads `VOICE_…` and, for each, a file that `VOICE_…_FILE` names. Raises `BadOptions` with all that is wrong."""
    told = _Told(environment)
    control_tls = told.tls("VOICE_CONTROL")
    options = Options(
        listening=Listening(
            host=told.read("VOICE_SIP_HOST", _literal, "127.0.0.1"),
            udp=told.read("VOICE_SIP_UDP_PORT", _port_or_none, "0"),
            tcp=told.read("VOICE_SIP_TCP_PORT", _port_or_none, ""),
            tls=told.read("VOICE_SIP_TLS_PORT", _port_or_none, ""),
            public=told.read("VOICE_PUBLIC_ADDRESS", _literal_or_empty, ""),
            certificates=told.tls("VOICE_SIP"),
        ),
        peers=told.read("VOICE_PEERS", _networks, "127.0.0.0/8"),
        media_ports=told.read("VOICE_MEDIA_PORTS", _range, "40000-40999"),
        secrecy=told.read("VOICE_SECRECY", _secrecy, "optional"),
        dial_plan=DialPlan(
            trunks=told.read("VOICE_TRUNK", _uris, ""),
            addresses=told.read("VOICE_DIAL_PLAN", _addresses, "{}"),
            calling_codes=told.read("VOICE_CALLING_CODES", _calling_codes, ""),
        ),
        caller=told.read("VOICE_CALLER", _caller, "countersign"),
        account=_account(told.text("VOICE_TRUNK_USER"), told.text("VOICE_TRUNK_PASSWORD")),
        control=told.read("VOICE_CONTROL_URL", _host_and_port),
        control_tls=control_tls,
        control_secret=told.read("VOICE_CONTROL_SECRET", _secret),
        events_url=told.read("VOICE_EVENTS_URL", _url),
        events_secret=told.read("VOICE_EVENTS_SECRET", _secret),
        signing_key=told.read("VOICE_SIGNING_KEY_PATH", _path),
        languages=told.read("VOICE_LANGUAGES", _languages, "en,nl,pl,zh"),
        prompts=told.read("VOICE_PROMPTS_PATH", _path),
        recorded_prompts=told.read("VOICE_RECORDED_PROMPTS_PATH", _path_or_none, ""),
        recordings=told.read("VOICE_RECORDINGS_PATH", _path_or_none, ""),
        payments_url=told.read("VOICE_PAYMENTS_URL", _url),
        payments_key=told.read("VOICE_PAYMENTS_KEY", _there),
    )
    told.check_together(options)
    if told.problems:
        raise BadOptions(told.problems)
    return options


class _Told:
    """Reads variable after variable, and notes what is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._environment = environment

    def text(self, name: str, otherwise: str = "") -> str:
        file = self._environment.get(f"{name}_FILE")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                self.problems.append(f"The file of {name}_FILE cannot be read.")
        return self._environment.get(name, "") or otherwise

    def read(self, name: str, parse: Callable[[str], _A], otherwise: str = "") -> _A:
        """Notes a problem where `parse` raises `ValueError`, whose text completes “NAME …”; gives the default then."""
        try:
            return parse(self.text(name, otherwise))
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return cast("_A", None)  # nobody sees it: options with a problem are not returned

    def tls(self, prefix: str) -> Tls | None:
        """From `…_CERT_PATH`, `…_KEY_PATH` and `…_AUTHORITY_PATH`, which belong together."""
        names = [f"{prefix}_{name}_PATH" for name in ("CERT", "KEY", "AUTHORITY")]
        paths = [self.text(name) for name in names]
        if not any(paths):
            return None
        for name, path in zip(names, paths, strict=True):
            if not path or not Path(path).is_file():
                self.problems.append(f"{name} names no file that is there.")
        return Tls(Path(paths[0]), Path(paths[1]), Path(paths[2]))

    def check_together(self, options: Options) -> None:
        """What only shows in more than one variable."""
        if options.listening.tls is not None and options.listening.certificates is None:
            self.problems.append("VOICE_SIP_TLS_PORT needs VOICE_SIP_CERT_PATH, _KEY_PATH and _AUTHORITY_PATH.")
        if options.secrecy is Secrecy.REQUIRED and options.listening.tls is None:
            self.problems.append("VOICE_SECRECY=required needs SIP over TLS: the keys are in its messages.")
        if options.control and options.control_tls is None and not _is_loopback(options.control[0]):
            self.problems.append("VOICE_CONTROL_URL is not on this machine, so it needs VOICE_CONTROL_CERT_PATH.")


def _account(user: str, password: str) -> SipDigestAuth | None:
    return SipDigestAuth(user, password) if user else None


def _caller(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{2,15}|[a-z][a-z0-9-]{0,30}", text, re.ASCII):
        raise ValueError("must be the number that those we call see, such as +31205550100")
    return text


def _there(text: str) -> str:
    if not text:
        raise ValueError("is missing")
    return text


def _secret(text: str) -> str:
    if not text.startswith("whsec_") or len(text) < 38:
        raise ValueError("must be whsec_ and at least 24 random bytes in base64")
    return text


def _url(text: str) -> str:
    parts = urlsplit(_there(text))
    if parts.scheme == "https" and parts.hostname:
        return text
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return text
    raise ValueError("must be an https address, or http on this machine")


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(_there(text))
    if not parts.hostname or not parts.port:
        raise ValueError("must be an address with a port")
    return parts.hostname, parts.port


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _literal(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address") from None


def _literal_or_empty(text: str) -> str:
    return _literal(text) if text else ""


def _port_or_none(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > 65_535:
        raise ValueError("must be a port")
    return int(text)


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) <= 65_535):
        raise ValueError("must be two ports from 1024 on, such as 40000-40999")
    return int(first), int(last)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in text.split(","))
    except ValueError:
        raise ValueError("must be networks, separated by commas") from None


def _uris(text: str) -> tuple[str, ...]:
    return tuple(_uri(one.strip()) for one in text.split(",")) if text else ()


def _uri(text: str) -> str:
    if not (text.startswith(("sip:", "sips:")) and messages.is_uri(parse_uri(text))):
        raise ValueError("must be a SIP URI")
    return text


def _addresses(text: str) -> Mapping[str, str]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(isinstance(uri, str) and _uri(uri) for uri in told.values()):
        raise ValueError("must be a JSON object of numbers and SIP URIs")
    return told


def _calling_codes(text: str) -> frozenset[int]:
    codes = [one.strip().removeprefix("+") for one in text.split(",")] if text else []
    if not all(re.fullmatch("[1-9][0-9]{0,2}", one, re.ASCII) for one in codes):
        raise ValueError("must be calling codes of countries, separated by commas, such as 31,48")
    return frozenset(int(one) for one in codes)


def _languages(text: str) -> tuple[Language, ...]:
    try:
        return tuple(Language(one.strip()) for one in text.split(","))
    except ValueError:
        raise ValueError(f"must be some of {', '.join(Language)}, separated by commas") from None


def _secrecy(text: str) -> Secrecy:
    try:
        return Secrecy(text)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Secrecy)}") from None


def _path(text: str) -> Path:
    return Path(_there(text))


def _path_or_none(text: str) -> Path | None:
    return Path(text) if text else None
