"""The voice gateway as a part of the stack: its folder, its signing key, and the variables that it reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backoffice.voice.gateway.proving import Signer

from . import ports
from .postgres import Unavailable
from .telephones.line import Line

WEBHOOK_PATH = "/api/v1/webhooks/voice"
MEDIA_PORTS = "10000-13999"
"""Below the ports that Linux gives to outgoing connections (32,768 and above), and apart from those of the other parts
and of the test phones. Stacks side by side can share it: each call takes a pair that is free."""
_SECRETS = ("VOICE_CONTROL_SECRET", "VOICE_EVENTS_SECRET")


def folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "voice"


def public_key(data_dir: Path) -> Path:
    """The PEM file by which the back office checks what the gateway signed."""
    return folder(data_dir) / "public.pem"


def prompts(data_dir: Path) -> Path:
    """Where the gateway keeps what it reads out."""
    return folder(data_dir) / "prompts"


def recordings(data_dir: Path) -> Path:
    """Where the gateway keeps what each telephone heard and said."""
    return folder(data_dir) / "recordings"


def prepare(data_dir: Path) -> None:
    """Makes the folders, open only to their owner, and the signing key on first use."""
    for made in (folder(data_dir), recordings(data_dir)):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _signing_key(data_dir).exists():
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        key = Ed25519PrivateKey.generate().private_bytes(pem, form, serialization.NoEncryption())
        _write(_signing_key(data_dir), key)
    _write(public_key(data_dir), Signer.from_file(_signing_key(data_dir)).public_pem.encode())


def environment(
    data_dir: Path, *, stack: Mapping[str, str], secrets: Mapping[str, str], sip_port: str, dial_plan: str
) -> dict[str, str]:
    """What the gateway reads, and nothing of the back office's. `stack` is the environment of the other parts; its
    `VOICE_…` variables go first. Raises Unavailable without a payment provider."""
    if not stack.get("PAYMENTS_URL"):
        raise Unavailable("The voice gateway needs a payment provider: set PAYMENTS_URL, or leave out voice as well.")
    public = stack.get("PUBLIC_URL", "http://127.0.0.1:8000")
    ours = {
        **{name: secrets[name] for name in _SECRETS},
        "VOICE_EVENTS_URL": public.rstrip("/") + WEBHOOK_PATH,
        "VOICE_SIGNING_KEY_PATH": str(_signing_key(data_dir)),
        "VOICE_PAYMENTS_URL": stack["PAYMENTS_URL"],
        "VOICE_PAYMENTS_KEY": secrets["PAYMENTS_KEY"],
        "VOICE_PROMPTS_PATH": str(prompts(data_dir)),
        "VOICE_RECORDINGS_PATH": str(recordings(data_dir)),
        "VOICE_SIP_UDP_PORT": sip_port,
        "VOICE_SIP_TCP_PORT": sip_port,
        "VOICE_MEDIA_PORTS": MEDIA_PORTS,
        "VOICE_DIAL_PLAN": dial_plan,
    }
    given = {name: value for name, value in stack.items() if name.startswith("VOICE_")}
    return {**ours, **given, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}


def line(name: str, chosen: Mapping[str, str]) -> Line:
    """The line of a telephone to whose name a port of the stack was given."""
    return Line(name=name, port=int(chosen[ports.of_phone(name)]))


def dial_plan(telephones: Mapping[str, Iterable[str]], chosen: Mapping[str, str]) -> str:
    """`VOICE_DIAL_PLAN`: at which telephone each number is."""
    return json.dumps({number: line(name, chosen).uri for name, numbers in telephones.items() for number in numbers})


def _signing_key(data_dir: Path) -> Path:
    return folder(data_dir) / "signing.pem"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable only by its owner."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
