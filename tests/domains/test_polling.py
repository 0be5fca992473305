"""The registry's queue: every message is stored, acknowledged and told, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from backoffice.actors import Actor
from backoffice.domains import polling, ports, tasks
from backoffice.domains.models import RegistryMessage
from backoffice.domains.ports import Transfer, TransferState
from backoffice.domains.registry_messages import Taken
from tests.domains.registry import RegistryServer
from tests.factories import now

pytestmark = pytest.mark.django_db


class Listener:
    """Hears of transfers; `knows` are the domains for which it has a case."""

    def __init__(self) -> None:
        self.heard: list[Transfer] = []
        self.knows: set[str] = set()
        self.fails_for = ""

    def __call__(self, *, transfer: Transfer, by: Actor, now: datetime) -> bool:
        assert by == polling.REGISTRY
        if transfer.name == self.fails_for:
            raise RuntimeError("a fault of ours")
        self.heard.append(transfer)
        return transfer.name in self.knows


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    end: Callable[[], None] = polling.listen(listener)
    yield listener
    end()


def asked_for(server: RegistryServer, *names: str) -> None:
    for name in names:
        server.seed(name, authinfo="A-code-77")
        assert server.rival("request", name, authinfo="A-code-77") == 1001


def taken() -> dict[str, str]:
    return {row.name: row.taken for row in RegistryMessage.objects.all()}


def test_a_message_is_stored_acknowledged_and_told_once(registry_server: RegistryServer, listener: Listener) -> None:
    asked_for(registry_server, "a.pl", "b.pl")
    listener.knows = {"a.pl"}

    tasks.poll_registry()
    tasks.poll_registry()

    assert [(one.name, one.state, one.asked_by, one.decides) for one in listener.heard] == [
        ("a.pl", TransferState.PENDING, "rival", "countersign"),
        ("b.pl", TransferState.PENDING, "rival", "countersign"),
    ]
    assert taken() == {"a.pl": Taken.TOLD, "b.pl": Taken.NO_CASE}
    assert ports.registry().poll() is None


def test_what_is_about_no_transfer_is_noted(registry_server: RegistryServer, listener: Listener) -> None:
    registry_server.rival("message", text="Maintenance on <Sunday> & Monday, zażółć.")

    tasks.poll_registry()

    row = RegistryMessage.objects.get()
    assert (row.text, row.taken) == ("Maintenance on <Sunday> & Monday, zażółć.", Taken.NOTED)
    assert listener.heard == []


@pytest.mark.parametrize("fault", ["drop", "drop_before", "garbage", "2400", "2502"])
@pytest.mark.parametrize("verb", ["poll:req", "poll:ack", "login"])
def test_no_message_is_lost_or_told_twice(
    registry_server: RegistryServer, listener: Listener, verb: str, fault: str
) -> None:
    asked_for(registry_server, "a.pl", "b.pl")
    listener.knows = {"a.pl", "b.pl"}
    registry_server.fault(verb, fault, times=2)
    registry_server.hang_up()

    for _run in range(3):
        tasks.poll_registry()

    assert [one.name for one in listener.heard] == ["a.pl", "b.pl"]
    assert ports.registry().poll() is None


def test_a_message_that_cannot_be_told_holds_no_other_back(registry_server: RegistryServer, listener: Listener) -> None:
    asked_for(registry_server, "a.pl", "b.pl")
    listener.fails_for = "a.pl"

    with pytest.raises(RuntimeError, match="a fault of ours"):
        tasks.poll_registry()

    assert [one.name for one in listener.heard] == ["b.pl"]
    assert taken()["a.pl"] == Taken.NOT_YET
    assert ports.registry().poll() is None
    listener.fails_for = ""
    polling.hand_out(now=now())
    assert [one.name for one in listener.heard] == ["b.pl", "a.pl"]


def test_a_number_that_the_registry_uses_again_is_another_message(
    registry_server: RegistryServer, listener: Listener
) -> None:
    asked_for(registry_server, "a.pl")
    tasks.poll_registry()
    first = RegistryMessage.objects.get()
    registry_server.rival("message", text="Another one")
    again = ports.registry().poll()
    assert again is not None
    RegistryMessage.objects.filter(pk=first.pk).update(number=again.id)

    tasks.poll_registry()

    assert RegistryMessage.objects.filter(number=again.id).count() == 2
    assert ports.registry().poll() is None
