"""How long people wait for the voice gateway: a part of `make bench`, beside how many calls it relays.

Measured are the time from the command that rings a telephone to the first frame of a prompt that is not silent, and
from the first packet of the last key to the event with the token. The gateway is a process of its own, the payment
provider the simulator of the development stack. The telephone takes the call at once, and the back office, played here,
asks for the prompt as soon as it is told of that: what remains is ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import urllib3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backoffice.voice.contract import (
    HEALTH,
    PATH,
    Answered,
    Capture,
    Captured,
    Command,
    Dial,
    Event,
    HangUp,
    Item,
    Keying,
    Left,
    Outcome,
    PromptOver,
    Role,
    Say,
)
from backoffice.voice.signing import signed
from benchmarks.voice_phone import HOST, Phone
from devstack.telephones.line import free_port

ROUNDS = 5
SECRET = "whsec_" + "YmVuY2htYXJrcyBvZiB0aGUgdm9pY2UgZ2F0ZXdheQ=="
KEY = "rk_test_benchmark"
TIMES_OUT = 20.0
NEW, KEPT, TOKEN = "to a prompt never said before", "to a prompt said before", "last key to the token"


def measure(say: Callable[[str], None], *, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians, in milliseconds."""
    say("waiting for the voice gateway")
    return asyncio.run(_measured(rounds))


async def _measured(rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {NEW: [], KEPT: [], TOKEN: []}
    with tempfile.TemporaryDirectory() as folder:
        async with Phone() as phone, _gateway(Path(folder), phone) as gateway:
            for number in range(rounds):
                text = f"{number} euros."
                taken[NEW].append(await gateway.prompted(phone, text))
                await gateway.hangs_up()
                taken[KEPT].append(await gateway.prompted(phone, text))
                taken[TOKEN].append(await gateway.captured(phone))
                await gateway.hangs_up()
    return {what: round(1000 * statistics.median(times), 1) for what, times in taken.items()}


class _Gateway:
    """The gateway from the back office's side: what it was told, and when."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.told: list[tuple[float, Event]] = []
        self._pool = urllib3.PoolManager()
        self._conversation = ""

    async def prompted(self, phone: Phone, text: str) -> float:
        """Seconds from the command that rings to the first frame of the text."""
        self._conversation = uuid.uuid4().hex
        began = time.monotonic()
        await self._do(Dial(key=_new_key(), conversation=self._conversation, role=Role.CUSTOMER, number="phone"))
        await self._event(Answered)
        heard = phone.hears_anew()
        await self._do(
            Say(key=_new_key(), conversation=self._conversation, role=Role.CUSTOMER, text=text, language="en")
        )
        return await asyncio.wait_for(heard, TIMES_OUT) - began

    async def captured(self, phone: Phone) -> float:
        """Seconds from the last key to the event with the token."""
        await self._event(PromptOver)
        await self._do(
            Capture(key=_new_key(), conversation=self._conversation, items=(Item.SECURITY_CODE,), language="en")
        )
        await self._event(Keying)
        await asyncio.wait_for(phone.hears_anew(), TIMES_OUT)
        phone.press("123#")
        at, captured = await self._event(Captured)
        assert isinstance(captured, Captured)
        assert captured.outcome is Outcome.DONE, captured.outcome
        return at - phone.key_left_at

    async def hangs_up(self) -> None:
        await self._do(HangUp(key=_new_key(), conversation=self._conversation))
        await self._event(Left)

    async def _do(self, command: Command) -> None:
        status, answer = await asyncio.to_thread(self._post, msgspec.json.encode(command))
        assert status == 200, answer

    def _post(self, body: bytes) -> tuple[int, bytes]:
        headers = signed(body, secret=SECRET, id=uuid.uuid4().hex)
        answer = self._pool.request("POST", self.url + PATH, body=body, headers=headers, timeout=TIMES_OUT)
        return answer.status, answer.data

    async def _event(self, kind: type[object]) -> tuple[float, object]:
        """When the first one of this conversation came, and what it says."""
        async with asyncio.timeout(TIMES_OUT):
            while True:
                for at, event in list(self.told):
                    if event.conversation == self._conversation and isinstance(event.what, kind):
                        return at, event.what
                await asyncio.sleep(0.001)


def _new_key() -> str:
    return uuid.uuid4().hex


@contextlib.asynccontextmanager
async def _gateway(folder: Path, phone: Phone) -> AsyncIterator[_Gateway]:
    gateway = _Gateway(f"http://{HOST}:{free_port()}")
    with _events(gateway) as events, _provider(folder) as provider, _process(folder, gateway, phone, events, provider):
        await _serves(provider)
        await _serves(gateway.url + HEALTH)
        yield gateway


@contextlib.contextmanager
def _events(gateway: _Gateway) -> Iterator[str]:
    """Takes events; their address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            gateway.told.append((time.monotonic(), msgspec.json.decode(body, type=Event)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def _provider(folder: Path) -> Iterator[str]:
    port = free_port()
    secrets = {"PAYMENTS_KEY": KEY, "PAYMENTS_WEBHOOK_SECRET": SECRET}
    with _started(["devstack.payments", "--port", str(port), "--data", str(folder / "payments")], secrets):
        yield f"http://{HOST}:{port}"


@contextlib.contextmanager
def _process(folder: Path, gateway: _Gateway, phone: Phone, events: str, provider: str) -> Iterator[None]:
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = Ed25519PrivateKey.generate().private_bytes(pem, private, serialization.NoEncryption())
    (folder / "signing.pem").write_bytes(key)
    told = {
        "CONTROL_URL": gateway.url,
        "CONTROL_SECRET": SECRET,
        "EVENTS_URL": events,
        "EVENTS_SECRET": SECRET,
        "SIGNING_KEY_PATH": str(folder / "signing.pem"),
        "PROMPTS_PATH": str(folder / "prompts"),
        "PAYMENTS_URL": provider,
        "PAYMENTS_KEY": KEY,
        "LANGUAGES": "en",
        "MEDIA_PORTS": "36000-36999",
        "DIAL_PLAN": json.dumps({"phone": phone.uri}),
    }
    with _started(["backoffice.voice"], {f"VOICE_{name}": value for name, value in told.items()}):
        yield


@contextlib.contextmanager
def _started(arguments: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", *arguments], env={"PATH": os.environ["PATH"], **environment})
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


async def _serves(url: str) -> None:
    """Waits until it is there."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                await asyncio.to_thread(urllib3.request, "GET", url, timeout=1, retries=False)
                return
            await asyncio.sleep(0.05)


def lines(result: Mapping[str, float]) -> Iterator[str]:
    """The table."""
    yield "voice gateway: what somebody waits for, with the telephone, the back office and the provider on this machine"
    yield f"  from the command that rings {NEW}  {result[NEW]:>8.1f} ms"
    yield f"  from the command that rings {KEPT}        {result[KEPT]:>8.1f} ms"
    yield f"  from the {TOKEN}                               {result[TOKEN]:>8.1f} ms"
