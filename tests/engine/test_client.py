"""The client speaks TLS with a real server: a proxy that ends TLS stands before Temporal, and tells whom it saw."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_django import Settings
from temporalio.testing import WorkflowEnvironment

from backoffice.engine import client as engine
from tests.security.certificates import Pair, make

AUTHORITY = make("authority.example")
SERVER = make("temporal.example", by=AUTHORITY)
CLIENT = make("countersign.example", by=AUTHORITY)
STRANGER = make("countersign.example", by=make("stranger.example"))


@dataclass
class Proxy:
    """Where it listens, and the names in the certificates that it was shown."""

    address: str = ""
    seen: list[str] = field(default_factory=list)


@asynccontextmanager
async def ending_tls(target: str, folder: Path, *, asks_for_certificate: bool) -> AsyncIterator[Proxy]:
    """A TLS server on loopback that hands everything on to the target in plain text."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    for name, text in (("cert", SERVER.cert), ("key", SERVER.key), ("ca", AUTHORITY.cert)):
        (folder / name).write_text(text)
    context.load_cert_chain(folder / "cert", folder / "key")
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "ca")
    proxy = Proxy()
    host, _colon, port = target.rpartition(":")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert") or {}
        proxy.seen.append(next((value for ((_kind, value),) in shown.get("subject", ())), ""))
        behind = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_pump(reader, behind[1]), _pump(behind[0], writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@pytest.fixture
def tls(settings: Settings) -> Settings:
    settings.TEMPORAL_TLS = True
    settings.TEMPORAL_TLS_SERVER_CA = AUTHORITY.cert
    settings.TEMPORAL_TLS_SERVER_NAME = "temporal.example"
    return settings


def talk(settings: Settings, server: WorkflowEnvironment, folder: Path, *, certificate: bool) -> list[str]:
    """Connects through the proxy and asks Temporal something; gives whom the proxy saw, and our API key after it."""

    async def work() -> list[str]:
        target = server.client.service_client.config.target_host
        async with ending_tls(target, folder, asks_for_certificate=certificate) as proxy:
            settings.TEMPORAL_ADDRESS = proxy.address
            temporal = await engine.connect()
            assert await temporal.service_client.check_health()
            return [*proxy.seen, temporal.service_client.config.api_key or ""]

    return engine.run(work(), timeout=30)


def show(settings: Settings, pair: Pair) -> None:
    settings.TEMPORAL_TLS_CLIENT_CERT, settings.TEMPORAL_TLS_CLIENT_KEY = pair.cert, pair.key


def test_it_reaches_temporal_by_tls(tls: Settings, temporal_server: WorkflowEnvironment, tmp_path: Path) -> None:
    assert set(talk(tls, temporal_server, tmp_path, certificate=False)) == {""}


def test_it_shows_its_certificate(tls: Settings, temporal_server: WorkflowEnvironment, tmp_path: Path) -> None:
    show(tls, CLIENT)

    assert "countersign.example" in talk(tls, temporal_server, tmp_path, certificate=True)


def test_it_sends_its_api_key(tls: Settings, temporal_server: WorkflowEnvironment, tmp_path: Path) -> None:
    tls.TEMPORAL_API_KEY = "key-of-a-service-account"

    assert talk(tls, temporal_server, tmp_path, certificate=False)[-1] == "key-of-a-service-account"


@pytest.mark.parametrize("refused", ["other authority", "other name", "no certificate", "certificate of a stranger"])
def test_it_connects_to_nobody_else_and_nobody_else_is_let_in(
    tls: Settings, temporal_server: WorkflowEnvironment, tmp_path: Path, refused: str
) -> None:
    match refused:
        case "other authority":
            tls.TEMPORAL_TLS_SERVER_CA = STRANGER.cert
        case "other name":
            tls.TEMPORAL_TLS_SERVER_NAME = "elsewhere.example"
        case "certificate of a stranger":
            show(tls, STRANGER)

    with pytest.raises(RuntimeError):
        talk(tls, temporal_server, tmp_path, certificate="certificate" in refused)


def test_plain_text_is_not_understood_by_a_server_with_tls(
    settings: Settings, temporal_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    settings.TEMPORAL_TLS = False

    with pytest.raises(RuntimeError):
        talk(settings, temporal_server, tmp_path, certificate=False)
