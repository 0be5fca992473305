"""Whom we take for the registry, and by what it takes us: real certificates, right and wrong."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from backoffice.domains.adapters.epp import EppRegistry
from backoffice.domains.adapters.line import Address
from backoffice.domains.adapters.session import Access
from backoffice.domains.ports import RegistryUnavailable
from devstack.registry import signing
from devstack.registry.signing import Signed
from tests.domains.registry import OURS, PASSWORD, RegistryServer

pytestmark = pytest.mark.django_db
SPEAKS = {"not at all": 0, "in drips": 1, "on and on": 400}


@dataclass
class Impostor:
    """Listens with a certificate of its own, and keeps what it is told after a handshake."""

    certificate: Signed
    folder: Path
    heard: bytes = b""

    def start(self) -> int:
        (self.folder / "server.pem").write_bytes(self.certificate.cert + self.certificate.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem")
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, args=(context,), daemon=True).start()
        port: int = self.socket.getsockname()[1]
        return port

    def _serve(self, context: ssl.SSLContext) -> None:
        try:
            plain, _address = self.socket.accept()
            with plain, context.wrap_socket(plain, server_side=True) as connection:
                self.heard = connection.recv(1000)
        except OSError:
            return


@pytest.fixture(scope="module")
def authority() -> Signed:
    return signing.make("An authority that we trust", days=2)


@pytest.fixture
def access(registry_server: RegistryServer) -> Access:
    """That of the embedded registry."""
    files = registry_server.embedded.files
    host, _colon, port = registry_server.embedded.address.partition(":")
    address = Address(host, int(port), str(files.authority), str(files.client_cert), str(files.client_key))
    return Access(address, OURS, PASSWORD, deadline=8.0)


def why_not(address: Address) -> str:
    with pytest.raises(RegistryUnavailable) as unavailable:
        EppRegistry(Access(address, OURS, PASSWORD, deadline=8.0)).free(["a.pl"])
    return unavailable.value.reason


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("of another authority", "self-signed certificate in certificate chain|unable to get local issuer certificate"),
        ("for another host", "IP address mismatch"),
        ("ended", "certificate has expired"),
    ],
)
def test_another_is_not_taken_for_the_registry(authority: Signed, tmp_path: Path, made: str, said: str) -> None:
    strange = signing.make("An authority that nobody knows", days=2)
    certificate = {
        "of another authority": lambda: signing.make("r", by=strange, days=2, addresses=["127.0.0.1"]),
        "for another host": lambda: signing.make("r", by=authority, days=2, hosts=["epp.elsewhere.example"]),
        "ended": lambda: signing.make("r", by=authority, days=-1, addresses=["127.0.0.1"]),
    }[made]()
    (tmp_path / "authority.pem").write_bytes(authority.cert)
    impostor = Impostor(certificate, tmp_path)

    reason = why_not(Address("127.0.0.1", impostor.start(), str(tmp_path / "authority.pem")))

    assert any(one in reason for one in said.split("|")), reason
    assert reason.startswith("no TLS: certificate refused")
    assert impostor.heard == b""


def test_the_registry_takes_nobody_without_a_certificate_that_it_signed(access: Access, tmp_path: Path) -> None:
    right = access.address
    strange = signing.make("Somebody", by=signing.make("An authority that nobody knows", days=2), days=2)
    (tmp_path / "strange.pem").write_bytes(strange.cert + strange.key)
    path = str(tmp_path / "strange.pem")

    assert EppRegistry(access).free(["a.pl"]) == {"a.pl"}
    for address in (
        Address(right.host, right.port, right.authority),
        Address(right.host, right.port, right.authority, path, path),
    ):
        assert why_not(address)


def test_a_wrong_password_is_no_refusal_of_what_was_asked(access: Access) -> None:
    registry = EppRegistry(Access(access.address, OURS, "wrong-password", deadline=8.0))

    with pytest.raises(RegistryUnavailable, match="sign-in refused, epp_2200"):
        registry.free(["a.pl"])


@pytest.mark.parametrize("speaks", SPEAKS)
def test_a_command_takes_no_longer_than_its_deadline(authority: Signed, tmp_path: Path, speaks: str) -> None:
    server = signing.make("r", by=authority, days=2, addresses=["127.0.0.1"])
    (tmp_path / "authority.pem").write_bytes(authority.cert)
    listener, ended = _slow_server(server, tmp_path, speaks)
    address = Address("127.0.0.1", listener.getsockname()[1], str(tmp_path / "authority.pem"))
    began = time.monotonic()

    with pytest.raises(RegistryUnavailable, match="time-out"):
        EppRegistry(Access(address, OURS, PASSWORD, deadline=0.6)).free(["a.pl"])

    assert 0.5 < time.monotonic() - began < 5
    ended.set()
    listener.close()


def _slow_server(certificate: Signed, folder: Path, speaks: str) -> tuple[socket.socket, threading.Event]:
    """One that never comes to the end of a frame: so many bytes each 50 ms."""
    (folder / "server.pem").write_bytes(certificate.cert + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    listener, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        try:
            plain, _address = listener.accept()
            with plain, context.wrap_socket(plain, server_side=True) as connection:
                if speaks != "not at all":
                    connection.sendall(struct.pack("!I", 200_000))
                while not ended.wait(0.05):
                    connection.sendall(b" " * SPEAKS[speaks])
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    return listener, ended
