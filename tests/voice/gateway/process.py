"""A gateway as a process of its own, with the back office and the payment provider played by the test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import urllib3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backoffice.voice.contract import Command, Event
from backoffice.voice.signing import signed
from devstack.telephones.line import free_port
from tests.voice.gateway.exchange import SECRET, serving, until


@dataclass
class Process:
    """A gateway in a process of its own, and what it told: `posted` as it came in, with the headers."""

    url: str
    process: subprocess.Popen[bytes]
    errors: Path
    sip_port: int
    events: list[Event] = field(default_factory=list)
    posted: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    pool: urllib3.PoolManager = field(default_factory=urllib3.PoolManager)

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        response = self.pool.request("POST", f"{self.url}/v1/commands", body=body, headers=dict(headers), timeout=10)
        return response.status, json.loads(response.data)

    async def do(self, command: Command) -> tuple[int, Any]:
        body = msgspec.json.encode(command)
        return await asyncio.to_thread(self.post, body, signed(body, secret=SECRET, id=uuid.uuid4().hex))

    def told(self, kind: type[object]) -> list[Any]:
        return [event.what for event in list(self.events) if isinstance(event.what, kind)]


@contextlib.asynccontextmanager
async def gateway(folder: Path, addresses: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """Serves until the context ends; `addresses` are its dial plan. The payment provider takes every card."""
    made: list[Process] = []

    def take(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if path.startswith("/events"):
            made[0].posted.append((headers, body))
            made[0].events.append(msgspec.json.decode(body, type=Event))
            return 204, b""
        return 200, b'{"id":"pm_1","card":{"brand":"visa","last4":"5556"}}'

    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = Ed25519PrivateKey.generate().private_bytes(pem, private, serialization.NoEncryption())
    (folder / "signing.pem").write_bytes(key)
    errors = folder / "errors.log"
    with serving(take) as url, errors.open("wb") as log:
        control, sip_port = f"http://127.0.0.1:{free_port()}", free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "backoffice.voice"],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={
                "PATH": os.environ["PATH"],
                "VOICE_CONTROL_URL": control,
                "VOICE_SIP_UDP_PORT": str(sip_port),
                "VOICE_CONTROL_SECRET": SECRET,
                "VOICE_EVENTS_URL": f"{url}/events",
                "VOICE_EVENTS_SECRET": SECRET,
                "VOICE_SIGNING_KEY_PATH": str(folder / "signing.pem"),
                "VOICE_PROMPTS_PATH": str(folder / "prompts"),
                "VOICE_PAYMENTS_URL": url,
                "VOICE_PAYMENTS_KEY": "rk_test",
                "VOICE_LANGUAGES": "en",
                "VOICE_MEDIA_PORTS": "36000-36999",
                "VOICE_DIAL_PLAN": json.dumps(addresses or {}),
            },
        )
        made.append(Process(control, process, errors, sip_port))
        try:
            await until(lambda: _is_there(made[0]), within=30)
            yield made[0]
        finally:
            process.terminate()
            process.wait(10)


def _is_there(made: Process) -> bool:
    assert made.process.poll() is None, made.errors.read_text()
    try:
        return made.pool.request("GET", f"{made.url}/healthz", timeout=1, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
