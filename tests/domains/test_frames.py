"""Every frame that we and the embedded registry write is one that the RFCs' schemas allow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from backoffice.domains import ports
from backoffice.domains.ports import ContactCard, RegistryRefusal, Status
from tests.domains.registry import RegistryServer

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parent / "schemas"
SPACES = ("epp", "domain", "contact")
EVERY_COMMAND = {
    "login", "logout", "poll", "check", "info", "create", "update", "transfer",
}  # fmt: skip


@cache
def schema() -> etree.XMLSchema:
    """All of them in one, which needs a schema of no space that takes them in."""
    takes_in = "".join(
        f'<import namespace="urn:ietf:params:xml:ns:{space}-1.0" schemaLocation="{space}-1.0.xsd"/>' for space in SPACES
    )
    text = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{takes_in}</schema>'
    return etree.XMLSchema(etree.fromstring(text, base_url=f"{SCHEMAS}/"))


def wrong_ones(frames: list[tuple[str, bytes]]) -> list[str]:
    found = []
    for side, content in frames:
        root = etree.fromstring(content)
        if not schema().validate(root):
            found.append(f"{side}: {schema().error_log} in {content.decode()}")
    return found


def commands(frames: list[tuple[str, bytes]]) -> set[str]:
    told = [etree.fromstring(content)[0] for side, content in frames if side == "command"]
    return {etree.QName(one[0]).localname for one in told}


def play(server: RegistryServer) -> None:
    """Everything that the port can ask, with every kind of answer."""
    registry = ports.registry()
    server.hang_up()
    server.seed(
        "a.pl", statuses=["clientUpdateProhibited"], contacts=[["admin", "H-9"]], transferred="2026-01-01T00:00Z"
    )
    server.seed("b.pl", authinfo="A-code-77")
    server.seed("c.pl", sponsor="rival")
    full = ContactCard(
        "Żółć", ["Ul. 1", "m. 2", "王"], "Łódź", "PL", "z@a.example", "Sp. <&>", "90-001", "łódzkie", "+48.1"
    )
    registry.free(["a.pl", "free.pl"])
    handle = registry.make_contact(ContactCard("Ada", [], "Gdynia", "PL", "ada@a.example"), "k1")
    registry.change_contact(handle, full, "k2")
    registry.change_registrant("a.pl", handle, "k3", contacts=[("admin", handle)])
    registry.prohibit("a.pl", list(Status)[1:4], "k4")
    registry.permit("a.pl", list(Status)[1:3], "k5")
    registry.set_authinfo("b.pl", "Code <&> 'ąę' \"7\"", "k6")
    registry.set_authinfo("b.pl", "", "k7")
    for name, decide in (("b.pl", registry.reject_transfer), ("b.pl", registry.approve_transfer)):
        registry.set_authinfo(name, "A-code-77", f"k8 {decide.__name__}")
        server.rival("request", name, authinfo="A-code-77")
        registry.transfer_of(name)
        registry.look(name)
        decide(name, f"k9 {decide.__name__}")
    while message := registry.poll():
        registry.acknowledge(message.id, f"k10 {message.id}")
    for refused in (
        lambda: registry.look("nobody.pl"),
        lambda: registry.prohibit("c.pl", [Status.CLIENT_DELETE], "k11"),
    ):
        with pytest.raises(RegistryRefusal):
            refused()
    registry.look("c.pl")
    registry.transfer_of("a.pl")
    server.hang_up()


def test_every_frame_of_both_sides_is_as_the_schemas_say(registry_server: RegistryServer) -> None:
    play(registry_server)

    assert commands(registry_server.frames) == EVERY_COMMAND
    assert len(registry_server.frames) > 60
    assert wrong_ones(registry_server.frames) == []


def test_the_schemas_refuse_what_they_must(registry_server: RegistryServer) -> None:
    ports.registry().free(["a.pl"])
    right = [content for side, content in registry_server.frames if side == "command"][-1]

    wrong = right.replace(b"<domain:name>a.pl</domain:name>", b"<domain:nome>a.pl</domain:nome>")

    assert wrong_ones([("command", right)]) == []
    assert len(wrong_ones([("command", wrong)])) == 1
