"""Each change of the registry meets each fault at each of its steps: it is made in the end, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from backoffice.domains import ports
from backoffice.domains.adapters.epp import handle_of
from backoffice.domains.models import RegistryCommand
from backoffice.domains.ports import ContactCard, Registry, RegistryRefusal, RegistryUnavailable, Status
from tests.domains.registry import RegistryServer

pytestmark = pytest.mark.django_db
CARD = ContactCard("Ada", ["Prosta 1"], "Łódź", "PL", "ada@holder.example", phone="+48.221234567")
LOCKS = {Status.CLIENT_TRANSFER, Status.CLIENT_UPDATE}
CODE = "A-code-77"


@dataclass(frozen=True)
class Step:
    """A change of `d.pl`, how the registry calls it, what it asks before, and how it looks when it is made."""

    does: Callable[[Registry, str], Any]
    named: str
    asks: str
    is_made: Callable[[RegistryServer], bool]
    is_safe_twice: bool = False


CHANGES = {
    "prohibit": Step(
        lambda registry, key: registry.prohibit("d.pl", LOCKS, key),
        "domain:update", "domain:info", lambda server: set(server.domain("d.pl")["statuses"]) >= LOCKS,
    ),
    "permit": Step(
        lambda registry, key: registry.permit("d.pl", {Status.CLIENT_DELETE}, key),
        "domain:update", "domain:info", lambda server: Status.CLIENT_DELETE not in server.domain("d.pl")["statuses"],
    ),
    "registrant": Step(
        lambda registry, key: registry.change_registrant("d.pl", "HOLDER-2", key, contacts=[("admin", "HOLDER-2")]),
        "domain:update", "domain:info",
        lambda server: {server.domain("d.pl")["registrant"], *map(tuple, server.domain("d.pl")["contacts"])}
        == {"HOLDER-2", ("admin", "HOLDER-2")},
    ),
    "authinfo": Step(
        lambda registry, key: registry.set_authinfo("d.pl", "Another-9", key),
        "domain:update", "", lambda server: server.domain("d.pl")["authinfo"] is True, is_safe_twice=True,
    ),
    "make contact": Step(
        lambda registry, key: registry.make_contact(CARD, key),
        "contact:create", "", lambda server: server.has_contact(handle_of("k")),
    ),
    "change contact": Step(
        lambda registry, key: registry.change_contact("HOLDER-1", CARD, key),
        "contact:update", "", lambda server: server.contact("HOLDER-1")["postal"]["loc"]["city"] == "Łódź",
    ),
    "approve": Step(
        lambda registry, key: registry.approve_transfer("t.pl", key),
        "transfer:approve", "", lambda server: server.domain("t.pl")["sponsor"] == "rival",
    ),
    "reject": Step(
        lambda registry, key: registry.reject_transfer("t.pl", key),
        "transfer:reject", "", lambda server: server.domain("t.pl")["transfer"]["state"] == "clientRejected",
    ),
}  # fmt: skip
ACTED = ["slow", "drop", "garbage", "undecodable", "stranger", "short", "long", "huge", "deep"]
NOT_ACTED = ["drop_before", "2400", "2500", "2502", "2002"]


TAKES_ALL_TIME = {"slow", "long", "late"}
"""The faults that end by our deadline only."""
PATIENCE, HASTE = 8.0, 0.4


@pytest.fixture(autouse=True)
def _patience(settings: Settings, registry_server: RegistryServer) -> None:
    settings.REGISTRY_DEADLINE = PATIENCE


def fails(server: RegistryServer, settings: Settings, step: Step, fault: str) -> None:
    """The change, by an adapter that waits only as long as the fault needs."""
    settings.REGISTRY_DEADLINE = HASTE if fault in TAKES_ALL_TIME else PATIENCE
    hasty = ports.registry()
    with pytest.raises(RegistryUnavailable):
        step.does(hasty, "k")
    if settings.REGISTRY_DEADLINE == HASTE:
        server.hang_up()
    settings.REGISTRY_DEADLINE = PATIENCE


def prepare(server: RegistryServer) -> Registry:
    server.embedded.control.clear()
    server.seed("d.pl", statuses=["clientDeleteProhibited"], contacts=[["admin", "HOLDER-1"]])
    server.seed("x.pl", registrant="HOLDER-2")
    server.seed("t.pl", authinfo=CODE)
    assert server.rival("request", "t.pl", authinfo=CODE) == 1001
    RegistryCommand.objects.all().delete()
    return ports.registry()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_made_once_whatever_happens_to_its_answer(
    registry_server: RegistryServer, settings: Settings, change: str
) -> None:
    step = CHANGES[change]
    for fault in (*ACTED, *NOT_ACTED):
        registry = prepare(registry_server)
        before = registry_server.done(step.named)
        registry_server.fault(step.named, fault)

        fails(registry_server, settings, step, fault)
        assert step.is_made(registry_server) == (fault in ACTED), fault
        assert RegistryCommand.objects.get(key="k").state == "sent"
        first = step.does(registry, "k")
        again = step.does(registry, "k")

        assert step.is_made(registry_server), fault
        assert first == again
        made_again = step.is_safe_twice and fault in ACTED
        assert registry_server.done(step.named) - before == 1 + made_again, fault
        assert RegistryCommand.objects.get(key="k").state == "done"


@pytest.mark.parametrize("change", [name for name, step in CHANGES.items() if step.asks])
def test_nothing_is_changed_when_the_question_before_it_fails(
    registry_server: RegistryServer, settings: Settings, change: str
) -> None:
    step = CHANGES[change]
    for fault in ("slow", "drop", "garbage", "2400", "2502"):
        registry = prepare(registry_server)
        registry_server.fault(step.asks, fault, times=2)

        fails(registry_server, settings, step, fault)
        assert registry_server.done(step.named) == 0, fault
        registry_server.embedded.control.switch_off()
        step.does(registry, "k")

        assert step.is_made(registry_server)
        assert registry_server.done(step.named) == 1, fault


@pytest.mark.parametrize("fault", ["slow", "drop", "garbage", "2200", "2501", "2400"])
def test_nothing_is_changed_when_signing_in_fails(
    registry_server: RegistryServer, settings: Settings, fault: str
) -> None:
    registry = prepare(registry_server)
    registry_server.hang_up()
    registry_server.fault("login", fault)

    fails(registry_server, settings, CHANGES["authinfo"], fault)

    assert registry_server.done("domain:update") == 0
    CHANGES["authinfo"].does(registry, "k")
    assert registry_server.done("domain:update") == 1


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("code", ["2201", "2304", "2308"])
def test_a_refusal_says_so_in_words_and_may_be_asked_for_again(
    registry_server: RegistryServer, change: str, code: str
) -> None:
    step, registry = CHANGES[change], prepare(registry_server)
    registry_server.fault(step.named, code)

    with pytest.raises(RegistryRefusal) as refused:
        step.does(registry, "k")

    assert refused.value.code == f"epp_{code}"
    assert refused.value.sentence.endswith(".")
    assert RegistryCommand.objects.get(key="k").code == int(code)
    step.does(registry, "k")
    assert registry_server.done(step.named) == 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_refusal_of_what_a_lost_try_has_done_is_no_refusal(
    registry_server: RegistryServer, settings: Settings, change: str
) -> None:
    step, registry = CHANGES[change], prepare(registry_server)
    registry_server.fault(step.named, "late", seconds=HASTE + 0.1)

    fails(registry_server, settings, step, "late")
    step.does(registry, "k")
    registry_server.embedded.control.nothing_late()

    assert step.is_made(registry_server)
    assert RegistryCommand.objects.get(key="k").state == "done"


def test_a_registry_that_has_acted_and_says_that_it_failed_is_not_believed(registry_server: RegistryServer) -> None:
    registry = prepare(registry_server)
    registry_server.fault("domain:update", "2400", acts=True)

    with pytest.raises(RegistryUnavailable, match="epp_2400"):
        registry.prohibit("d.pl", LOCKS, "k")

    assert registry.prohibit("d.pl", LOCKS, "k") == LOCKS
    assert registry_server.done("domain:update") == 1


def test_what_the_registry_has_still_to_decide_is_not_done_and_not_asked_for_again(
    registry_server: RegistryServer,
) -> None:
    registry = prepare(registry_server)
    registry_server.embedded.mutate_next("domain:update", lambda content: content.replace(b'"1000"', b'"1001"'))

    with pytest.raises(RegistryUnavailable, match="pending"):
        registry.prohibit("d.pl", LOCKS, "k")

    assert registry.prohibit("d.pl", LOCKS, "k") == LOCKS
    assert registry_server.done("domain:update") == 1
    registry_server.seed("p.pl", statuses=["pendingUpdate"])
    with pytest.raises(RegistryUnavailable, match="pending"):
        registry.prohibit("p.pl", LOCKS, "k2")
    assert registry_server.done("domain:update") == 1


def test_a_domain_that_went_to_another_registrar_meanwhile_is_refused(registry_server: RegistryServer) -> None:
    registry = prepare(registry_server)
    registry_server.fault("domain:update", "taken")

    with pytest.raises(RegistryRefusal) as refused:
        registry.change_registrant("d.pl", "HOLDER-2", "k")

    assert refused.value.code == "epp_2201"
    assert registry.look("d.pl").sponsor == "rival"


def test_a_lock_against_transfer_comes_too_late_when_one_was_asked_for(registry_server: RegistryServer) -> None:
    registry = prepare(registry_server)
    registry_server.fault("domain:update", "asked_for")

    with pytest.raises(RegistryRefusal) as refused:
        registry.prohibit("d.pl", LOCKS, "k")

    assert refused.value.code == "epp_2304"
    transfer = registry.transfer_of("d.pl")
    assert transfer is not None
    assert (transfer.asked_by, transfer.state) == ("rival", "pending")


def test_nobody_else_works_on_a_change_until_its_process_is_given_up(registry_server: RegistryServer) -> None:
    registry = prepare(registry_server)
    registry_server.fault("domain:update", "drop")
    with pytest.raises(RegistryUnavailable):
        registry.prohibit("d.pl", LOCKS, "k")
    now = timezone.now()
    RegistryCommand.objects.update(busy_until=now + timedelta(minutes=1))

    with pytest.raises(RegistryUnavailable, match="under way"):
        registry.prohibit("d.pl", LOCKS, "k")

    RegistryCommand.objects.update(busy_until=now - timedelta(seconds=1))
    assert registry.prohibit("d.pl", LOCKS, "k") == LOCKS
    assert registry_server.done("domain:update") == 1


@pytest.mark.parametrize("text", ["A\x00da", "A\x1bda", "A\x85da", "A\ud800da", "A\ufffeda"])
def test_no_control_character_is_sent(registry_server: RegistryServer, text: str) -> None:
    registry = prepare(registry_server)
    registry.look("d.pl")
    registry_server.frames.clear()
    ada = ContactCard(text, ["Prosta 1"], "Łódź", "PL", "ada@holder.example")

    with pytest.raises(RegistryRefusal) as refused:
        registry.make_contact(ada, "k")

    assert refused.value.sentence == "The registry does not take these characters."
    assert registry_server.frames == []
    registry.look("d.pl")
    assert registry_server.commands("login") == 0
