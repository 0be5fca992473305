"""The registry's own authority, made at the first start: it signs the registry's certificate and its registrars'."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

DAYS = 3650
HOSTS = ("localhost",)
ADDRESSES = ("127.0.0.1",)


@dataclass(frozen=True)
class Files:
    """Where each lies, in PEM."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def client_cert(self) -> Path:
        return self.folder / "registrar.pem"

    @property
    def client_key(self) -> Path:
        return self.folder / "registrar.key"

    @property
    def server_cert(self) -> Path:
        return self.folder / "registry.pem"

    @property
    def server_key(self) -> Path:
        return self.folder / "registry.key"


def files(data: Path) -> Files:
    """Those of a registry that keeps its state in `data`."""
    return Files(data / "pki")


def prepare(data: Path) -> Files:
    """Makes them where they are not there yet; the keys are open to their owner only."""
    found = files(data)
    if not found.client_key.exists():
        found.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(found)
    return found


def server_context(found: Files) -> ssl.SSLContext:
    """TLS 1.2 or newer, for those whom the authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(found.server_cert, found.server_key)
    context.load_verify_locations(found.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _make(found: Files) -> None:
    from devstack.registry import signing

    authority = signing.make("Embedded registry's authority", days=DAYS)
    server = signing.make("Embedded registry", by=authority, days=DAYS, hosts=HOSTS, addresses=ADDRESSES)
    client = signing.make("Registrar", by=authority, days=DAYS)
    for path, content in (
        (found.authority, authority.cert),
        (found.server_cert, server.cert),
        (found.server_key, server.key),
        (found.client_cert, client.cert),
        (found.client_key, client.key),
    ):
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.replace(path)
