"""The registry behind its port, against the embedded one: what is asked is done, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backoffice.domains import ports
from backoffice.domains.models import RegistryCommand
from backoffice.domains.ports import ContactCard, RegistryRefusal, RegistryUnavailable, Status
from tests.domains.registry import RegistryServer

pytestmark = pytest.mark.django_db
CARD = ContactCard(
    name="Zażółć Gęślą", street=["Jaźń 1", "m. 王"], city="Łódź", country="PL", mail="z@holder.example",
    organisation="Spółka <&> Co", postal_code="90-001", phone="+48.221234567",
)  # fmt: skip


def test_a_domain_is_seen_as_the_registry_has_it(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl", registrant="HOLDER-7", contacts=[["admin", "H-9"]], expires="2027-05-01T00:00:00Z")

    seen = ports.registry().look("a.pl")

    assert (seen.name, seen.registrant, seen.sponsor) == ("a.pl", "HOLDER-7", "countersign")
    assert seen.statuses == {"ok"}
    assert seen.contacts == (("admin", "H-9"),)
    assert seen.expires_at.isoformat() == "2027-05-01T00:00:00+00:00"


def test_only_names_that_nobody_has_are_free(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl")

    assert ports.registry().free(["a.pl", "b.pl", *(f"c{number}.pl" for number in range(30))]) == {
        "b.pl", *(f"c{number}.pl" for number in range(30))
    }  # fmt: skip


def test_an_unknown_domain_is_refused_with_its_code(registry_server: RegistryServer) -> None:
    with pytest.raises(RegistryRefusal) as refused:
        ports.registry().look("nobody.pl")

    assert refused.value.code == "epp_2303"
    assert refused.value.sentence == "The registry does not know this."


def test_states_are_set_and_taken_back_and_only_what_changed_is_told(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl", statuses=["clientTransferProhibited"])
    registry = ports.registry()

    new = registry.prohibit("a.pl", {Status.CLIENT_TRANSFER, Status.CLIENT_UPDATE, Status.CLIENT_DELETE}, key="k1")
    again = registry.prohibit("a.pl", {Status.CLIENT_TRANSFER, Status.CLIENT_UPDATE, Status.CLIENT_DELETE}, key="k1")

    assert new == again == {Status.CLIENT_UPDATE, Status.CLIENT_DELETE}
    assert registry_server.commands("update") == 1
    assert registry.permit("a.pl", new, key="k2") == new
    assert registry_server.domain("a.pl")["statuses"] == ["clientTransferProhibited"]


def test_a_contact_is_made_with_every_script_and_changed(registry_server: RegistryServer) -> None:
    registry = ports.registry()

    handle = registry.make_contact(CARD, key="case-1/contact")

    assert registry.make_contact(CARD, key="case-1/contact") == handle
    kept = registry_server.contact(handle)
    assert kept["postal"]["loc"]["street"] == ["Jaźń 1", "m. 王"]
    assert kept["postal"]["loc"]["org"] == "Spółka <&> Co"
    assert kept["authinfo"] is True
    assert registry_server.commands("create") == 1
    registry.change_contact(handle, ContactCard("N", ["S 2"], "Gdynia", "PL", "n@holder.example"), key="k2")
    assert registry_server.contact(handle)["postal"]["loc"]["city"] == "Gdynia"
    assert registry_server.contact(handle)["voice"] == ""


def test_the_registrant_changes_in_one_command_that_takes_the_lock_away(registry_server: RegistryServer) -> None:
    registry = ports.registry()
    registry_server.seed("a.pl", statuses=["clientUpdateProhibited", "clientTransferProhibited"])
    handle = registry.make_contact(CARD, key="k0")

    seen = registry.change_registrant("a.pl", handle, key="k1")

    assert seen.registrant == handle
    assert seen.statuses == {"clientTransferProhibited"}
    assert registry_server.commands("update") == 1


def test_another_request_under_the_same_key_is_refused(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl")
    ports.registry().prohibit("a.pl", {Status.CLIENT_TRANSFER}, key="k")

    with pytest.raises(RegistryRefusal) as refused:
        ports.registry().prohibit("a.pl", {Status.CLIENT_UPDATE}, key="k")

    assert refused.value.code == "other_request"


def test_the_row_of_a_command_holds_no_code_and_nobodys_data(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl")
    registry = ports.registry()
    registry.make_contact(CARD, key="k1")
    registry.set_authinfo("a.pl", "Very-Secret-7", key="k2")

    assert registry_server.domain("a.pl")["authinfo"] is True
    rows = str(list(RegistryCommand.objects.values()))
    assert len(RegistryCommand.objects.all()) == 2
    assert not any(secret in rows for secret in ("Very-Secret-7", "Za", "holder.example", "221234567"))
    registry.set_authinfo("a.pl", "", key="k3")
    assert registry_server.domain("a.pl")["authinfo"] is False


def test_after_a_pause_the_session_is_signed_in_again_by_itself(registry_server: RegistryServer) -> None:
    registry_server.seed("a.pl")
    registry = ports.registry()
    registry.look("a.pl")
    registry_server.fault("check", "drop_before")
    registry_server.frames.clear()

    assert registry.free(["b.pl"]) == {"b.pl"}

    assert (registry_server.commands("check"), registry_server.commands("login")) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_threads_share_a_session_and_the_same_key_is_done_once(registry_server: RegistryServer) -> None:
    for number in range(4):
        registry_server.seed(f"t{number}.pl")
    registry = ports.registry()

    def work(number: int) -> str:
        try:
            registry.look(f"t{number % 4}.pl")
            registry.prohibit(f"t{number % 4}.pl", {Status.CLIENT_TRANSFER}, key=f"k{number % 4}")
        except RegistryUnavailable as unavailable:
            return unavailable.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as threads:
        reasons = set(threads.map(work, range(16)))

    assert reasons <= {"", "under way"}
    assert registry_server.done("domain:update") == 4
    assert registry_server.commands("login") == 1
    assert [row.state for row in RegistryCommand.objects.all()] == ["done"] * 4
