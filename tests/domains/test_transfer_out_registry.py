"""The calls of a transfer-out against the embedded registry: done once, taken back, and true to what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.cases.models import Alarm, Case, Command, Event
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.domains import ports
from backoffice.domains.models import Domain
from backoffice.domains.ports import Transfer, TransferState
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.reporting import registry_reported
from tests.domains.leaving import calls, leaving, with_code
from tests.domains.registry import RegistryServer
from tests.factories import make_domain
from tests.playing import close, outside_actor

pytestmark = pytest.mark.django_db
NAME = "tulip.example"
OUR_LOCK = ["clientTransferProhibited"]


@pytest.fixture
def case(registry_server: RegistryServer) -> Case:
    registry_server.seed(NAME, statuses=OUR_LOCK)
    return leaving(NAME)[0]


def reload(case: Case) -> tuple[TransferOut, Domain]:
    out = TransferOut.objects.select_related("domain").get(case=case)
    return out, out.domain


def code_of(case: Case) -> str:
    return str(reload(case)[0].code)


def noted(case: Case) -> list[str]:
    events = Event.objects.filter(case=case, kind__startswith="transfer_out.").order_by("number")
    return [kind.removeprefix("transfer_out.") for kind in events.values_list("kind", flat=True)]


def asked_for(registry_server: RegistryServer, case: Case) -> None:
    """Another registrar asks for the domain with the code that its holder has."""
    assert registry_server.rival("request", NAME, authinfo=code_of(case)) == 1001


def test_it_unlocks_sets_a_code_and_takes_both_back(registry_server: RegistryServer, case: Case) -> None:
    with_code(case)
    there, (out, domain) = registry_server.domain(NAME), reload(case)
    assert (there["statuses"], there["authinfo"]) == ([], True)
    assert (domain.statuses, domain.locks, domain.authinfo_set_at) == (["ok"], [], out.code_set_at)
    assert out.code_until == out.code_set_at + timedelta(days=14)  # type: ignore[operator]

    calls(case, "unset_transfer_code", compensating=True)
    calls(case, "relock_domain", compensating=True)

    there, (out, domain) = registry_server.domain(NAME), reload(case)
    assert (there["statuses"], there["authinfo"]) == (OUR_LOCK, False)
    assert (domain.statuses, domain.locks, domain.authinfo_set_at, out.code) == (OUR_LOCK, ["transfer"], None, None)
    assert noted(case) == ["unlocked", "code_set", "code_unset", "relocked"]


def test_our_lock_of_updates_is_lifted_first_and_set_again(registry_server: RegistryServer) -> None:
    registry_server.seed(NAME, statuses=["clientUpdateProhibited", *OUR_LOCK])
    case, _domain = leaving(NAME)

    with_code(case)
    assert registry_server.domain(NAME)["statuses"] == []
    calls(case, "unset_transfer_code", compensating=True)
    calls(case, "relock_domain", compensating=True)

    assert sorted(registry_server.domain(NAME)["statuses"]) == [*OUR_LOCK, "clientUpdateProhibited"]


def test_a_domain_that_had_no_lock_gets_one_when_it_stays(registry_server: RegistryServer) -> None:
    registry_server.seed(NAME)
    case, _domain = leaving(NAME, statuses=["ok"], locks=[])

    calls(case, "unlock_domain")
    calls(case, "relock_domain", compensating=True)

    assert registry_server.domain(NAME)["statuses"] == OUR_LOCK


@pytest.mark.parametrize("status", ["serverTransferProhibited", "serverUpdateProhibited"])
def test_what_the_registry_itself_locked_is_for_a_person(registry_server: RegistryServer, status: str) -> None:
    registry_server.seed(NAME, statuses=[status, *OUR_LOCK])
    case, _domain = leaving(NAME)

    with pytest.raises(OutsideRefused, match=f"has_{status}"):
        calls(case, "unlock_domain")

    assert sorted(registry_server.domain(NAME)["statuses"]) == sorted([status, *OUR_LOCK])


def test_an_answer_that_got_lost_changes_nothing_twice(registry_server: RegistryServer, case: Case) -> None:
    calls(case, "unlock_domain")
    registry_server.fault("domain:update", "drop", times=1)
    try:
        calls(case, "set_transfer_code")
    except OutsideUnavailable:
        made = code_of(case)
        assert not reload(case)[0].code_set_at
        calls(case, "set_transfer_code")
        assert code_of(case) == made

    assert reload(case)[0].code_set_at
    asked_for(registry_server, case)
    assert noted(case) == ["unlocked", "code_set"]


def test_who_refuses_keeps_the_domain(registry_server: RegistryServer, case: Case) -> None:
    with_code(case)
    asked_for(registry_server, case)

    assert calls(case, "ask_transfer")["state"] == "pending"
    assert calls(case, "reject_transfer") == {"state": "stayed"}
    calls(case, "unset_transfer_code", compensating=True)
    calls(case, "relock_domain", compensating=True)

    assert registry_server.domain(NAME)["sponsor"] == "countersign"
    assert registry_server.domain(NAME)["authinfo"] is False


def test_who_approves_lets_it_go_and_a_second_approval_does_nothing(
    registry_server: RegistryServer, case: Case
) -> None:
    with_code(case)
    asked_for(registry_server, case)

    assert calls(case, "approve_transfer") == {"state": "gone"}
    assert calls(case, "approve_transfer", number=2) == {"state": "gone"}

    assert registry_server.domain(NAME)["sponsor"] == "rival"


def test_a_refusal_after_the_domain_has_gone_tells_that(registry_server: RegistryServer, case: Case) -> None:
    with_code(case)
    asked_for(registry_server, case)
    ports.registry().approve_transfer(NAME, "elsewhere")

    assert calls(case, "reject_transfer") == {"state": "gone"}


def test_stopping_it_refuses_a_transfer_that_nobody_has_told_us_of(registry_server: RegistryServer, case: Case) -> None:
    with_code(case)
    asked_for(registry_server, case)

    calls(case, "unset_transfer_code", compensating=True)
    calls(case, "relock_domain", compensating=True)

    there = registry_server.domain(NAME)
    assert (there["sponsor"], there["transfer"]["state"]) == ("countersign", "clientRejected")
    assert (there["statuses"], there["authinfo"]) == (OUR_LOCK, False)


def test_stopping_it_too_late_notes_that_the_domain_has_gone(registry_server: RegistryServer, case: Case) -> None:
    with_code(case)
    asked_for(registry_server, case)
    ports.registry().approve_transfer(NAME, "elsewhere")

    calls(case, "unset_transfer_code", compensating=True)
    calls(case, "relock_domain", compensating=True)
    close(case, "withdrawn")

    out, domain = reload(case)
    assert (domain.state, domain.held_by_case, out.code) == ("gone", None, None)
    assert registry_server.domain(NAME)["sponsor"] == "rival"
    assert noted(case)[-1] == "gone"


class TestReporting:
    def report(self, state: TransferState, *, asked_at: datetime | None = None, name: str = NAME) -> bool:
        asked_at = asked_at or datetime.now(UTC)
        transfer = Transfer(name, state, "rival", asked_at, "countersign", asked_at + timedelta(days=5))
        return registry_reported(transfer=transfer, by=outside_actor(), now=datetime.now(UTC))

    def signals(self, case: Case) -> list[str]:
        orders = Command.objects.filter(case=case, signal="happened").order_by("number")
        return [order.payload["facts"]["state"] for order in orders]

    def test_each_news_reaches_the_case_once(self) -> None:
        case, _domain = leaving(NAME)

        assert self.report(TransferState.PENDING)
        assert not self.report(TransferState.PENDING)
        assert self.report(TransferState.SERVER_APPROVED)

        assert self.signals(case) == ["pending", "gone"]
        assert noted(case) == ["registry_pending", "registry_gone"]
        out, _domain = reload(case)
        assert (out.registry_state, out.asked_by) == ("gone", "rival")

    def test_a_transfer_that_no_holder_asked_for_sounds_an_alarm_once(self) -> None:
        make_domain(name=NAME)
        at = datetime.now(UTC)

        for _again in range(2):
            assert not self.report(TransferState.PENDING, asked_at=at)

        assert [alarm.code for alarm in Alarm.objects.all()] == ["transfer_pending"]
        assert Alarm.objects.get().told == {"domain": NAME, "by": "rival"}

    def test_one_from_before_the_case_is_not_its_business(self) -> None:
        case, _domain = leaving(NAME)

        assert not self.report(TransferState.CLIENT_APPROVED, asked_at=datetime.now(UTC) - timedelta(hours=1))

        assert self.signals(case) == []
        assert Alarm.objects.get().code == "transfer_gone"

    def test_news_of_a_domain_that_is_not_ours_or_that_stayed_is_no_alarm(self) -> None:
        make_domain(name=NAME)

        assert not self.report(TransferState.PENDING, name="unknown.example")
        assert not self.report(TransferState.CLIENT_REJECTED)

        assert not Alarm.objects.exists()
