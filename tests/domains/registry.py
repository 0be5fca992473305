"""The embedded registry in the tests' own process, and the settings that point to it.

Every test can take the fixture by its name:

    @pytest.mark.django_db
    def test_one(registry_server: RegistryServer) -> None:
        registry_server.seed("example.pl", registrant="HOLDER-1")
        registry_server.fault("domain:update", "drop")
        ports.registry().prohibit("example.pl", {Status.CLIENT_TRANSFER}, key="k")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from devstack.registry.embedded import Embedded

OURS, RIVAL = "countersign", "rival"
PASSWORD = "secret-of-tests"


@dataclass
class RegistryServer:
    """A running embedded registry, and short ways to play with it. `frames` are all that passed: (side, content)."""

    embedded: Embedded
    frames: list[tuple[str, bytes]] = field(default_factory=list)

    def seed(self, name: str, *, registrant: str = "HOLDER-1", sponsor: str = OURS, **told: Any) -> dict[str, Any]:
        """A domain that is there; what it had before is gone. `told`: authinfo, statuses, contacts, created, expires,
        transferred (times in ISO 8601 or seconds)."""
        wanted = {"name": name, "registrant": registrant, "sponsor": sponsor, "replace": True, **told}
        return self.embedded.control.seed(wanted)

    def domain(self, name: str) -> dict[str, Any]:
        """What the registry keeps of it: registrant, sponsor, statuses (a list without "ok"), authinfo (whether a code
        is set), transfer (None, or state, asked_by, asked_at, decides, until), created, expires, updated …"""
        return self.embedded.control.domain(name)

    def contact(self, handle: str) -> dict[str, Any]:
        return self.embedded.control.contact(handle)

    def has_contact(self, handle: str) -> bool:
        return handle in self.embedded.control.handles()

    def fault(self, verb: str, kind: str, **options: Any) -> None:
        """The next command of this name meets the fault: "drop", "2304", … (devstack/registry/faults.py). `options`:
        times, seconds, acts."""
        self.embedded.control.switch_on({"on": verb, "kind": kind, **options})

    def heals(self) -> None:
        """Switches every fault off."""
        self.embedded.control.switch_off()

    def rival(self, do: str, name: str = "", **told: Any) -> int:
        """Another registrar acts: "request", "cancel", "approve", "reject", "take". EPP's result code."""
        code: int = self.embedded.control.act({"do": do, "name": name, "by": RIVAL, **told})["code"]
        return code

    def hang_up(self) -> None:
        """Ends our session; the next command signs in again."""
        from backoffice.domains.adapters import epp

        epp.registry("").close()

    def advance(self, *, days: float) -> None:
        self.embedded.control.advance(days * 86_400)

    def done(self, what: str) -> int:
        """How many such commands the registry has carried out: "domain:update", "transfer:approve"."""
        count: int = self.embedded.control.state()["done"].get(what, 0)
        return count

    def commands(self, verb: str) -> int:
        """How many commands of this verb ("update") the registry has read."""
        return sum(side == "command" and f"<{verb}>".encode() in content for side, content in self.frames)


@pytest.fixture(scope="module")
def running_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """One for all tests of a module."""
    from devstack.registry.embedded import Embedded, Options

    frames: list[tuple[str, bytes]] = []
    options = Options(data=tmp_path_factory.mktemp("registry"), password=PASSWORD)
    embedded = Embedded(options, heard=lambda side, content: frames.append((side, content)))
    yield RegistryServer(embedded, frames)
    embedded.close()


@pytest.fixture
def registry_server(running_registry: RegistryServer, settings: Settings) -> Iterator[RegistryServer]:
    """Empty and without faults at the start of each test; `ports.registry()` speaks with it."""
    running_registry.embedded.control.clear()
    running_registry.frames.clear()
    files = running_registry.embedded.files
    settings.REGISTRY_ADAPTER = "backoffice.domains.adapters.epp.registry"
    settings.REGISTRY_ADDRESS = running_registry.embedded.address
    settings.REGISTRY_REGISTRAR, settings.REGISTRY_PASSWORD = OURS, PASSWORD
    settings.REGISTRY_AUTHORITY_PATH = str(files.authority)
    settings.REGISTRY_CERT_PATH, settings.REGISTRY_KEY_PATH = str(files.client_cert), str(files.client_key)
    settings.REGISTRY_DEADLINE = 2.0
    yield running_registry
    running_registry.hang_up()
