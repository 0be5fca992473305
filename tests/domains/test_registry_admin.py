"""What passed between us and the registries, on the desk."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.domains import polling, ports
from backoffice.domains.models import RegistryCommand, RegistryMessage
from backoffice.domains.ports import RegistryUnavailable, Status
from backoffice.staff.models import Role
from tests.domains.registry import RegistryServer
from tests.factories import make_staff, now, sign_in

pytestmark = pytest.mark.django_db


def test_a_supervisor_sees_what_was_asked_and_what_came_of_it(client: Client, registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl", authinfo="A-code-77")
    registry_server.fault("update", "2400")
    with pytest.raises(RegistryUnavailable):
        ports.registry().prohibit("a.pl", {Status.CLIENT_DELETE}, "k")
    registry_server.rival("request", "a.pl", authinfo="A-code-77")
    polling.read(ports.registry(), now=now())
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    commands = client.get("/desk/domains/registrycommand/", {"q": "a.pl"}).content.decode()
    messages = client.get("/desk/domains/registrymessage/", {"q": "a.pl"}).content.decode()

    assert "domain:update add" in commands
    assert "2400" in commands
    assert "Transfer requested." in messages
    one = RegistryCommand.objects.get(key="k")
    assert one.trid in client.get(f"/desk/domains/registrycommand/{one.pk}/change/").content.decode()
    told = RegistryMessage.objects.get()
    assert "rival" in client.get(f"/desk/domains/registrymessage/{told.pk}/change/").content.decode()
    client.post(f"/desk/domains/registrymessage/{told.pk}/change/", {"text": "Nothing happened"})
    told.refresh_from_db()
    assert told.text == "Transfer requested."
