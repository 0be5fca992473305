"""A freeze stops our case, and neither a transfer code nor the registry's clock: the domain stays all the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from backoffice.actors import Actor, Level
from backoffice.cases import answering, freezing
from backoffice.cases.models import Case, CaseState, Command, Incident, WorkItem
from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.words import of_incident
from backoffice.domains import polling, ports
from backoffice.domains.transfer_out import guarding
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.messages.models import Message
from backoffice.refusals import Forbidden
from backoffice.staff.models import Role
from tests.domains.leaving import calls, leaving, with_code
from tests.domains.registry import RegistryServer
from tests.domains.running import Running, play
from tests.factories import actor, make_staff, now
from tests.playing import advance, customer_actor, outside_actor, system

pytestmark = pytest.mark.django_db
NAME = "tulip.example"
OUR_LOCK = ["clientTransferProhibited"]


@pytest.fixture
def case(registry_server: RegistryServer) -> Case:
    registry_server.seed(NAME, statuses=OUR_LOCK)
    case = leaving(NAME)[0]
    with_code(case)
    return case


def reload(case: Case) -> TransferOut:
    case.refresh_from_db()
    return TransferOut.objects.select_related("domain").get(case=case)


def supervisor() -> Actor:
    return actor(make_staff(role=Role.SUPERVISOR))


def freeze(case: Case) -> None:
    freezing.freeze(case_id=case.id, by=system(), reason="odd")
    case.refresh_from_db()


def asked_for(registry_server: RegistryServer, case: Case, *, heard: bool = True) -> datetime:
    """Another registrar asks for the domain with its code; until when the registry waits."""
    assert registry_server.rival("request", NAME, authinfo=str(reload(case).code)) == 1001
    if heard:
        polling.read(ports.registry(), now=now())
        polling.hand_out(now=now())
        until = reload(case).decides_at
        assert until is not None
        return until
    return now() + timedelta(days=5)


def signals(case: Case) -> list[tuple[str, str]]:
    found = Command.objects.filter(case=case, kind="signal").order_by("number")
    return [(one.signal, one.payload.get("kind", one.payload.get("reason", ""))) for one in found]


def alarms(case: Case) -> list[str]:
    return list(Incident.objects.filter(case=case, resolved_at=None).order_by("id").values_list("key", flat=True))


class TestWhileTheCodeIsOut:
    def test_the_domain_is_locked_at_the_registry_and_the_code_opens_nothing(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        freeze(case)
        guarding.guard_all()

        assert registry_server.rival("request", NAME, authinfo=str(reload(case).code)) == 2304
        assert registry_server.domain(NAME)["statuses"] == OUR_LOCK
        assert (reload(case).domain.locks, case.state) == (["transfer"], CaseState.FROZEN)
        assert signals(case)[-2:] == [("freeze", "suspicion"), ("happened", "locked_meanwhile")]
        guarding.guard_all(now=now() + timedelta(hours=1))
        assert signals(case).count(("happened", "locked_meanwhile")) == 1

    def test_a_call_that_was_under_way_when_it_was_frozen_does_not_leave_it_open(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        freeze(case)
        guarding.guard_all()
        ports.registry().permit(NAME, [ports.Status.CLIENT_TRANSFER], "late")

        guarding.guard_all(now=now() + timedelta(seconds=20))

        assert registry_server.domain(NAME)["statuses"] == OUR_LOCK

    def test_once_it_goes_on_the_story_unlocks_it(self, registry_server: RegistryServer, case: Case) -> None:
        freeze(case)
        guarding.guard_all()
        freezing.unfreeze(case_id=case.id, by=supervisor(), reason="the holder rang")
        guarding.guard_all()
        assert registry_server.domain(NAME)["statuses"] == OUR_LOCK

        assert calls(case, "open_domain_again") == {"state": "none"}

        assert registry_server.domain(NAME)["statuses"] == []
        assert (reload(case).guarded_at, reload(case).domain.locks) == (None, [])

    def test_a_request_that_was_quicker_is_found_and_a_supervisor_is_asked(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        asked_for(registry_server, case, heard=False)
        freeze(case)
        assert alarms(case) == []

        guarding.guard_all()

        assert (reload(case).registry_state, alarms(case)) == ("pending", ["registry_clock"])
        freezing.unfreeze(case_id=case.id, by=supervisor(), reason="cleared")
        assert calls(case, "open_domain_again")["state"] == "pending"

    def test_before_anything_was_unlocked_nothing_is_asked_of_the_registry(
        self, registry_server: RegistryServer
    ) -> None:
        registry_server.seed(NAME, statuses=OUR_LOCK)
        case = leaving(NAME)[0]
        freeze(case)
        registry_server.frames.clear()

        guarding.guard_all()

        assert registry_server.frames == []

    def test_a_registry_that_refuses_to_lock_it_is_for_a_person(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        freeze(case)
        registry_server.fault("domain:update", "2306")

        guarding.guard_all()

        assert alarms(case) == ["registry_keeps_open"]
        guarding.guard_all()
        assert registry_server.domain(NAME)["statuses"] == OUR_LOCK


class TestWhileATransferIsPending:
    def test_a_supervisor_is_asked_at_once_with_both_times_in_words(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        asked_for(registry_server, case)
        assert alarms(case) == []

        freeze(case)

        assert alarms(case) == ["registry_clock"]
        assert WorkItem.objects.filter(case=case, kind="look_into_incident", state="open", role="supervisor").exists()
        told = of_incident(case.process, Incident.objects.get(case=case).told)
        out = reload(case)
        assert out.decides_at is not None
        for at in (out.decides_at, out.decides_at - timedelta(days=1)):
            assert f"{at.astimezone():%-d %B %Y}" in told

    def test_it_is_refused_a_day_before_the_registry_decides_and_the_case_ends(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        guarding.guard_all(now=until - timedelta(days=1, minutes=1))
        assert registry_server.domain(NAME)["transfer"]["state"] == "pending"

        guarding.guard_all(now=until - timedelta(days=1))

        there = registry_server.domain(NAME)
        assert (there["sponsor"], there["transfer"]["state"]) == ("countersign", "clientRejected")
        assert reload(case).case.state == CaseState.STOPPING
        assert signals(case)[-1] == ("withdraw", "refused_while_frozen")
        assert alarms(case) == []
        calls(case, "unset_transfer_code", compensating=True)
        calls(case, "relock_domain", compensating=True)
        there = registry_server.domain(NAME)
        assert (there["authinfo"], there["statuses"], registry_server.done("transfer:reject")) == (False, OUR_LOCK, 1)

    def test_one_that_is_frozen_within_that_day_is_refused_at_once(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        asked_for(registry_server, case)
        TransferOut.objects.filter(case=case).update(decides_at=now() + timedelta(hours=3))
        freeze(case)

        guarding.guard_all()

        assert registry_server.domain(NAME)["transfer"]["state"] == "clientRejected"

    def test_a_lost_answer_refuses_it_once(self, registry_server: RegistryServer, case: Case) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        registry_server.fault("transfer:reject", "drop")

        for _again in range(2):
            guarding.guard_all(now=until)

        assert registry_server.done("transfer:reject") == 1
        assert reload(case).case.state == CaseState.STOPPING

    def test_a_registry_that_refuses_leaves_the_case_frozen_and_a_person_is_asked(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        registry_server.fault("transfer:reject", "2306")

        guarding.guard_all(now=until)

        assert (reload(case).case.state, alarms(case)) == (
            CaseState.FROZEN,
            ["registry_clock", "registry_keeps_transfer"],
        )

    def test_a_registry_that_is_away_is_asked_again(self, registry_server: RegistryServer, case: Case) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        registry_server.fault("transfer:query", "drop_before", times=5)
        with pytest.raises(OutsideUnavailable):
            guarding.guard(case_id=case.id, by=system(), now=until)
        guarding.guard_all(now=until)
        assert reload(case).case.state == CaseState.FROZEN

        registry_server.heals()
        guarding.guard_all(now=until)

        assert reload(case).case.state == CaseState.STOPPING

    def test_where_the_holder_had_let_it_go_it_is_refused_and_the_story_learns_that(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        until = asked_for(registry_server, case)
        advance(case, no_return=True)
        freeze(case)

        guarding.guard_all(now=until)

        assert registry_server.domain(NAME)["transfer"]["state"] == "clientRejected"
        assert reload(case).case.state == CaseState.FROZEN
        assert signals(case)[-1] == ("happened", "registry_transfer")

    def test_one_that_has_left_meanwhile_is_not_said_to_have_stayed(
        self, registry_server: RegistryServer, case: Case
    ) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        ports.registry().approve_transfer(NAME, "elsewhere")

        guarding.guard_all(now=until)

        assert (reload(case).registry_state, case.state) == ("gone", CaseState.FROZEN)
        assert signals(case)[-1] == ("happened", "registry_transfer")

    def test_where_only_the_holder_can_refuse_staff_are_told_that(self) -> None:
        case, _domain = leaving("tulip.pl")
        TransferOut.objects.filter(case=case).update(
            registry_state="pending", asked_by="rival", relocks=OUR_LOCK, decides_at=now()
        )

        freeze(case)
        guarding.guard_all()

        assert (reload(case).case.state, alarms(case)) == (CaseState.FROZEN, ["registry_clock_alone"])
        assert "only they can keep the domain" in of_incident(case.process, Incident.objects.get(case=case).told)

    def test_what_was_asked_is_over_once_the_case_goes_on(self, registry_server: RegistryServer, case: Case) -> None:
        until = asked_for(registry_server, case)
        freeze(case)
        freezing.unfreeze(case_id=case.id, by=supervisor(), reason="cleared")

        guarding.guard_all(now=until)

        assert alarms(case) == []
        assert registry_server.domain(NAME)["transfer"]["state"] == "pending"


def test_nobody_orders_it_by_hand() -> None:
    case, domain = leaving(NAME)

    for by in (customer_actor(domain.customer), outside_actor(), supervisor()):
        with pytest.raises(Forbidden):
            guarding.guard(case_id=case.id, by=by, now=now())


def test_with_the_process_itself_the_domain_stays_and_the_case_ends_as_that(
    registry_server: RegistryServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen and unfrozen while the code is out, and frozen again while another registrar waits for the domain."""

    async def story(engine: Running) -> None:
        registry_server.seed(NAME, statuses=OUR_LOCK)
        case = leaving(NAME)[0]
        await engine.settle()
        confirm = WorkItem.objects.get(case=case, kind="confirm_transfer_out")
        by = customer_actor(case.customer, level=Level.CONFIRMED)
        answering.answer(item_id=confirm.id, by=by, data={})
        await engine.settle()
        await engine.passes(timedelta(days=1, minutes=1))
        first = str(reload(case).code)
        freeze(case)
        guarding.guard_all()
        await engine.passes(timedelta(days=2))
        assert registry_server.rival("request", NAME, authinfo=first) == 2304
        freezing.unfreeze(case_id=case.id, by=supervisor(), reason="cleared")
        await engine.settle()
        assert registry_server.rival("request", NAME, authinfo=first) == 2202

        until = asked_for(registry_server, case)
        await engine.settle()
        freeze(case)
        await engine.passes(until - now() - timedelta(days=1))
        guarding.guard_all()
        await engine.settle()

        case.refresh_from_db()
        assert (case.state, case.outcome, case.outcome_reason) == ("closed", "rejected", "refused_while_frozen")
        assert case.stage == "stayed"
        there = registry_server.domain(NAME)
        assert (there["sponsor"], there["statuses"], there["authinfo"]) == ("countersign", OUR_LOCK, False)
        assert reload(case).domain.held_by_case is None
        told = Message.objects.filter(contact__case_id=case.id, template="domain_transfer_out.transfer_out_ended")
        assert {message.context["how"] for message in told} == {"refused_while_frozen"}

    play(story, settings=settings, monkeypatch=monkeypatch)
