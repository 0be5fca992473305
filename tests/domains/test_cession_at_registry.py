"""A cession's calls of the registry, against the embedded one: the domain is never between two holders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.cases import parties
from backoffice.cases.models import Case, Event
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.customers.models import Customer
from backoffice.domains.cession.models import Cession
from backoffice.domains.models import Domain, DomainState, RegistryCommand
from tests.domains.ceding import ADDRESS, PESEL, call, effect, holder_of_a_domain, open_cession
from tests.domains.registry import RegistryServer
from tests.factories import now

pytestmark = pytest.mark.django_db
ALL_LOCKS = ["clientDeleteProhibited", "clientTransferProhibited", "clientUpdateProhibited"]


@pytest.fixture
def domain(registry_server: RegistryServer) -> Domain:
    registry_server.seed("tulip.pl", registrant="HOLDER-1")
    return holder_of_a_domain("tulip.pl")


@pytest.fixture
def case(domain: Domain) -> Case:
    return ready(domain)


def ready(domain: Domain) -> Case:
    """Both have signed, and the time to stop it is over."""
    case = open_cession(domain, number_kind="PESEL", number=PESEL, **ADDRESS)
    effect(case, "lock_edits")
    call(case, "lock_domain")
    return case


def new_holder(case: Case) -> Customer:
    return parties.of_case(case)["new_holder"].customer


def execute(case: Case) -> None:
    handle = call(case, "make_contact").handle  # type: ignore[attr-defined]
    call(case, "change_holder", handle=handle)


def holders(case: Case, registry: RegistryServer) -> tuple[str, bool]:
    """The registrant at the registry, and whether the record says that the new holder has it."""
    domain = Cession.objects.get(case=case).domain
    there = str(registry.domain(domain.name)["registrant"])
    return there, Domain.objects.get(pk=domain.pk).customer_id == new_holder(case).pk


def test_it_is_locked_here_and_at_the_registry(case: Case, domain: Domain, registry_server: RegistryServer) -> None:
    assert sorted(registry_server.domain("tulip.pl")["statuses"]) == ALL_LOCKS
    domain.refresh_from_db()
    assert domain.held_by_case == case.id
    assert domain.statuses == ALL_LOCKS


def test_who_stops_it_takes_away_only_what_the_case_has_set(registry_server: RegistryServer) -> None:
    registry_server.seed("tulip.pl", statuses=["clientTransferProhibited"])
    domain = holder_of_a_domain("tulip.pl")
    case = ready(domain)

    call(case, "unlock_domain")
    effect(case, "unlock_edits")

    assert registry_server.domain("tulip.pl")["statuses"] == ["clientTransferProhibited"]
    domain.refresh_from_db()
    assert domain.held_by_case is None


def test_the_registry_and_the_record_get_the_same_new_holder(case: Case, registry_server: RegistryServer) -> None:
    execute(case)

    cession = Cession.objects.get(case=case)
    assert holders(case, registry_server) == (cession.handle, True)
    assert registry_server.contact(cession.handle)["postal"]["loc"]["name"] == "Ewa Nowak"
    assert registry_server.domain("tulip.pl")["statuses"] == []
    domain = Domain.objects.get(name="tulip.pl")
    assert domain.held_by_case is None
    assert domain.holdings.get(until=None).case_reference == case.reference


def test_a_registry_with_a_lock_keeps_the_domain_from_leaving(registry_server: RegistryServer) -> None:
    registry_server.seed("tulip.com")
    case = ready(holder_of_a_domain("tulip.com"))

    execute(case)

    domain = Domain.objects.get(name="tulip.com")
    assert registry_server.domain("tulip.com")["statuses"] == ["clientTransferProhibited"]
    assert domain.transfer_lock_until is not None
    assert domain.transfer_lock_until - now() > timedelta(days=59)
    call(case, "release_transfers")
    assert registry_server.domain("tulip.com")["statuses"] == []


def with_contacts(registry: RegistryServer) -> Case:
    """Of a domain whose administrative contact is the old holder, and whose technical one is ours."""
    registry.seed("tulip.com", registrant="HOLDER-1", contacts=[["admin", "HOLDER-1"], ["tech", "OURS-1"]])
    return ready(holder_of_a_domain("tulip.com"))


def test_the_admin_contact_goes_with_the_holder_in_the_same_command(registry_server: RegistryServer) -> None:
    case = with_contacts(registry_server)
    before = registry_server.done("domain:update")

    execute(case)

    handle = Cession.objects.get(case=case).handle
    assert registry_server.domain("tulip.com")["contacts"] == [["admin", handle], ["tech", "OURS-1"]]
    assert Domain.objects.get(name="tulip.com").contacts == [["admin", handle], ["tech", "OURS-1"]]
    assert registry_server.done("domain:update") == before + 1


def test_who_was_admin_and_technician_for_the_old_holder_goes_too(registry_server: RegistryServer) -> None:
    registry_server.seed(
        "tulip.com", registrant="HOLDER-1", contacts=[["admin", "CLERK-1"], ["tech", "HOLDER-1"], ["billing", "OURS-1"]]
    )
    case = ready(holder_of_a_domain("tulip.com"))

    execute(case)

    handle = Cession.objects.get(case=case).handle
    contacts = [["admin", handle], ["billing", "OURS-1"], ["tech", handle]]
    assert registry_server.domain("tulip.com")["contacts"] == contacts


def test_holder_and_contacts_change_once_though_the_answer_is_lost(registry_server: RegistryServer) -> None:
    case = with_contacts(registry_server)
    before = registry_server.done("domain:update")
    lose_the_answer(case, registry_server)

    execute(case)

    handle = Cession.objects.get(case=case).handle
    assert registry_server.domain("tulip.com")["contacts"] == [["admin", handle], ["tech", "OURS-1"]]
    assert registry_server.done("domain:update") == before + 1


def test_who_gets_the_domain_back_gets_its_contacts_back_too(registry_server: RegistryServer) -> None:
    case = with_contacts(registry_server)
    lose_the_answer(case, registry_server)

    call(case, "unlock_domain")

    assert registry_server.domain("tulip.com")["contacts"] == [["admin", "HOLDER-1"], ["tech", "OURS-1"]]


def test_a_case_that_never_saw_the_contacts_leaves_them(registry_server: RegistryServer) -> None:
    case = with_contacts(registry_server)
    Cession.objects.filter(case=case).update(old_contacts=None)

    execute(case)

    assert registry_server.domain("tulip.com")["contacts"] == [["admin", "HOLDER-1"], ["tech", "OURS-1"]]


@pytest.mark.parametrize("command", ["contact:create", "domain:update"])
def test_an_answer_that_was_lost_is_asked_after_and_nothing_is_done_twice(
    case: Case, registry_server: RegistryServer, command: str
) -> None:
    registry_server.fault(command, "drop")
    for _attempt in range(2):
        try:
            execute(case)
        except OutsideUnavailable:
            assert not holders(case, registry_server)[1]

    assert holders(case, registry_server) == (Cession.objects.get(case=case).handle, True)
    assert RegistryCommand.objects.filter(verb="contact:create").count() == 1
    made = sum(b"<contact:create" in frame for side, frame in registry_server.frames if side == "command")
    changed = sum(b"<domain:registrant>" in frame for side, frame in registry_server.frames if side == "command")
    assert (made, changed) == (1, 1)


def test_a_registry_that_does_not_answer_leaves_the_record_as_it_was(
    case: Case, registry_server: RegistryServer
) -> None:
    registry_server.fault("domain:update", "2400")

    with pytest.raises(OutsideUnavailable):
        execute(case)
    assert holders(case, registry_server) == ("HOLDER-1", False)


def test_a_registry_that_refuses_for_good_leaves_both_as_they_were(case: Case, registry_server: RegistryServer) -> None:
    registry_server.fault("domain:update", "2304")

    with pytest.raises(OutsideRefused) as refused:
        execute(case)
    assert refused.value.code == "epp_2304"
    assert holders(case, registry_server) == ("HOLDER-1", False)
    call(case, "unlock_domain")
    assert registry_server.domain("tulip.pl")["statuses"] == []


def test_a_domain_that_is_disputed_meanwhile_is_not_given_away(
    case: Case, domain: Domain, registry_server: RegistryServer
) -> None:
    Domain.objects.filter(pk=domain.pk).update(state=DomainState.DISPUTED)

    with pytest.raises(OutsideRefused) as refused:
        execute(case)
    assert refused.value.code == "disputed"
    assert holders(case, registry_server) == ("HOLDER-1", False)


def test_a_new_holder_without_an_address_is_not_entered(domain: Domain, registry_server: RegistryServer) -> None:
    case = open_cession(domain)

    with pytest.raises(OutsideRefused) as refused:
        call(case, "make_contact")
    assert refused.value.code == "no_address"


def test_to_execute_it_again_changes_nothing(case: Case, registry_server: RegistryServer) -> None:
    execute(case)
    execute(case)

    assert Domain.objects.get(name="tulip.pl").holdings.count() == 2


def lose_the_answer(case: Case, registry: RegistryServer) -> None:
    """The registry changes the holder, and we do not hear of it."""
    registry.fault("domain:update", "drop")
    with pytest.raises(OutsideUnavailable):
        execute(case)
    assert holders(case, registry) == (Cession.objects.get(case=case).handle, False)


def test_holder_and_locks_change_in_one_command(registry_server: RegistryServer) -> None:
    registry_server.seed("tulip.com")
    case = ready(holder_of_a_domain("tulip.com"))
    before = registry_server.done("domain:update")

    execute(case)

    assert registry_server.done("domain:update") == before + 1
    domain = Domain.objects.get(name="tulip.com")
    assert (domain.statuses, domain.locks) == (["clientTransferProhibited"], ["transfer"])


def test_a_change_whose_answer_was_lost_is_written_here_even_if_a_dispute_begins(
    case: Case, domain: Domain, registry_server: RegistryServer
) -> None:
    lose_the_answer(case, registry_server)
    Domain.objects.filter(pk=domain.pk).update(state=DomainState.DISPUTED)

    execute(case)

    assert holders(case, registry_server) == (Cession.objects.get(case=case).handle, True)


def test_a_change_that_is_given_up_although_it_was_made_is_taken_back(
    case: Case, domain: Domain, registry_server: RegistryServer
) -> None:
    lose_the_answer(case, registry_server)

    call(case, "unlock_domain")
    effect(case, "unlock_edits")

    assert holders(case, registry_server) == ("HOLDER-1", False)
    assert registry_server.domain("tulip.pl")["statuses"] == []
    assert Event.objects.filter(case=case, kind="cession.given_back").count() == 1


def test_a_domain_that_has_left_us_is_left_alone(case: Case, domain: Domain, registry_server: RegistryServer) -> None:
    Domain.objects.filter(pk=domain.pk).update(state=DomainState.GONE)
    before = registry_server.done("domain:update")

    call(case, "unlock_domain")

    assert registry_server.done("domain:update") == before
