"""Cessions of one domain by its holder, a new holder, staff, the registry and the clock, in any order.

The processes run as they are, over real rows and the embedded registry; only people, faults and the clock are played.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from stdnum.pl import pesel

from backoffice.actors import Actor, Level
from backoffice.cases import answering, freezing, stopping_by_notice, withdrawing
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.customers.models import ContactKind
from backoffice.documents import storing
from backoffice.documents.models import Document, Mark, Origin
from backoffice.domains import polling, ports
from backoffice.domains.cession import papers
from backoffice.domains.cession.models import Cession
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.transfer_out import guarding
from backoffice.domains.transfer_out.frozen import can_refuse
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.messages.catalogue import kind_of
from backoffice.refusals import Forbidden, Refused
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from tests.domains.ceding import ADDRESS, PESEL, holder_of_a_domain, open_cession
from tests.domains.leaving import open_by_holder
from tests.domains.registry import RIVAL, RegistryServer
from tests.domains.running import Running, play
from tests.factories import actor, make_staff, now
from tests.playing import customer_actor

pytestmark = pytest.mark.django_db
FAULTS = [
    ("domain:update", "drop"),
    ("contact:create", "drop"),
    ("domain:update", "2304"),
    ("domain:update", "2400"),
    ("domain:update", "drop_before"),
    ("domain:info", "drop"),
    ("domain:update", "asked_for"),
    ("domain:update", "taken"),
]
FITS = {"names": "yes", "addresses": "yes", "signatures": "yes", "power_of_attorney": "not_needed"}

RETRIES, GIVES_UP = (2, 1), (6, 3)
"""Numbers by which two different people answer, and what they make of a call that was refused."""

GUARDED_EVERY = timedelta(hours=12)
Act = tuple[str, int]
ACTS: st.SearchStrategy[Act] = st.tuples(
    st.sampled_from(
        # Acts that move a case on are played more often than acts that disturb it.
        ["answer"] * 12 + ["cool"] * 4 + ["fault"] * 3
        + ["pass", "stop", "freeze", "unfreeze", "unfreeze", "cede", "leave", "rival", "poll", "dispute"]
    ),
    st.integers(0, 23),
)  # fmt: skip


@dataclass
class World:
    """One domain, whoever may act on it, and what was seen of it."""

    engine: Running
    registry: RegistryServer
    domain: Domain
    staff: dict[str, list[User]]
    first: int
    """The holder at the beginning, a primary key."""
    stopped: set[str] = field(default_factory=set)
    """Cases of which somebody was told that they are stopped, by their id."""
    given_up: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    registrants: list[str] = field(default_factory=list)
    """As they followed one another at the registry."""

    @property
    def name(self) -> str:
        return self.domain.name

    # --- acts ---------------------------------------------------------------------------------------------------------

    async def play(self, act: Act) -> None:
        name, number = act
        try:
            await getattr(self, f"_{name}")(number)
        except Refused as refused:
            self.refused[refused.code] = self.refused.get(refused.code, 0) + 1
        await self.engine.settle()
        await self._guards()
        self.holds()

    async def _guards(self) -> None:
        """What beat does every few seconds for a domain that could leave although its case is frozen."""
        guarding.guard_all(now=now())
        await self.engine.settle()

    async def _passes(self, duration: timedelta) -> None:
        while guarding.exposed() and duration > GUARDED_EVERY:
            await self.engine.passes(GUARDED_EVERY)
            await self._guards()
            duration -= GUARDED_EVERY
        await self.engine.passes(duration)

    async def _answer(self, number: int) -> None:
        items = list(WorkItem.objects.filter(state=ItemState.OPEN).select_related("case", "party").order_by("step"))
        items = [item for item in items if item.kind in ANSWERS]
        if items:
            self.answer(items[number % len(items)], number)

    def answer(self, item: WorkItem, number: int) -> None:
        if item.kind == "resolve_failure":
            self.given_up += ANSWERS["resolve_failure"](item, number)["outcome"] == "give_up"
        if item.kind == "receive_form":
            _scan(item)
        answering.answer(item_id=item.id, by=self._who(item, number), data=ANSWERS[item.kind](item, number))

    def _who(self, item: WorkItem, number: int) -> Actor:
        if item.role:
            return actor(self.staff[item.role][number % 2])
        return customer_actor(item.party or item.case.customer, level=Level.CONFIRMED)

    async def _cool(self, number: int) -> None:
        """The time to stop it runs out, or nearly."""
        await self._passes(timedelta(days=3) if number % 3 else timedelta(days=2, hours=23))

    async def _pass(self, number: int) -> None:
        await self._passes(timedelta(hours=1 + 20 * number))

    async def _fault(self, number: int) -> None:
        on, kind = FAULTS[number % len(FAULTS)]
        self.registry.fault(on, kind)

    async def _stop(self, number: int) -> None:
        case = self._some(number)
        if case is None:
            return
        way = (self._stop_in_portal, self._stop_at_desk, self._stop_by_notice)[number % 3]
        way(case)
        case.refresh_from_db()
        if case.state == CaseState.STOPPING:
            self.stopped.add(str(case.id))

    def _stop_in_portal(self, case: Case) -> None:
        withdrawing.withdraw(case_id=case.id, by=customer_actor(case.customer))

    def _stop_at_desk(self, case: Case) -> None:
        withdrawing.withdraw(case_id=case.id, by=actor(self.staff[Role.SUPERVISOR.value][0]), reason="They rang.")

    def _stop_by_notice(self, case: Case) -> None:
        told = [one for one in Contact.objects.filter(case_id=case.id) if kind_of(one.purpose).notice.stops]
        if told:
            number = case.customer.contact_points.filter(kind=ContactKind.PHONE).first()
            stopping_by_notice.stop(
                code=told[-1].reference,
                last_three=number.value[-3:] if number else "",
                network="198.51.100.7",
                by=stopping_by_notice.anybody(),
                now=now(),
            )

    async def _freeze(self, number: int) -> None:
        if case := self._some(number):
            freezing.freeze(case_id=case.id, by=actor(self.staff[Role.SUPPORT.value][0]), reason="It looks odd.")

    async def _unfreeze(self, number: int) -> None:
        for case in Case.objects.filter(state=CaseState.FROZEN):
            freezing.unfreeze(
                case_id=case.id, by=actor(self.staff[Role.SUPERVISOR.value][1]), reason="It is all right."
            )

    async def _cede(self, number: int) -> None:
        """The holder of the moment gives it to somebody."""
        self.open()

    def open(self, **more: str) -> Case:
        self.domain.refresh_from_db()
        count = Case.objects.count()
        more = {"mail": f"new{count}@example.org", "given_name": f"Ewa{'abcdefghij'[count % 10]}", **more}
        return open_cession(self.domain, **more)

    async def _leave(self, number: int) -> None:
        self.domain.refresh_from_db()
        open_by_holder(self.domain)

    async def _rival(self, number: int) -> None:
        """Another registrar asks for the domain with the code that its holder was given."""
        code = TransferOut.objects.filter(live=True).values_list("code", flat=True).first()
        self.registry.rival(("request", "cancel")[number % 4 == 0], self.name, authinfo=code or "guessed")

    async def _poll(self, number: int) -> None:
        polling.read(ports.registry(), now=now())
        polling.hand_out(now=now())

    async def _dispute(self, number: int) -> None:
        """A dispute about the domain begins, or ends."""
        state = DomainState.DISPUTED if number % 3 == 0 else DomainState.REGISTERED
        Domain.objects.filter(pk=self.domain.pk).exclude(state=DomainState.GONE).update(state=state)

    def _some(self, number: int) -> Case | None:
        cases = list(Case.objects.exclude(state=CaseState.CLOSED).order_by("opened_at"))
        return cases[number % len(cases)] if cases else None

    # --- what is always true ------------------------------------------------------------------------------------------

    def holds(self) -> None:
        """No call is in flight."""
        there, here = self.registry.domain(self.name), Domain.objects.get(pk=self.domain.pk)
        cessions = list(Cession.objects.select_related("case").filter(domain=here))
        holders = {one.handle: _new_holder(one) for one in cessions if one.handle} | {"HOLDER-1": self.first}
        registrant = str(there["registrant"])
        assert holders[registrant] == here.customer_id, "the domain is between two holders"
        if self.registrants[-1:] != [registrant]:
            self.registrants.append(registrant)
        executed = [one for one in cessions if one.executed_at]
        assert len(self.registrants) == 1 + len(executed), "it was executed twice"
        assert here.holdings.count() == 1 + len(executed)
        for one in cessions:
            assert not (str(one.case_id) in self.stopped and one.executed_at), "it was executed after it was stopped"
            if one.case.state == CaseState.CLOSED:
                assert here.held_by_case != one.case_id, "edits stay locked"
                assert one.executed_at or one.case.outcome != "done"
        if here.state == DomainState.GONE:
            assert there["sponsor"] == RIVAL
        frozen = TransferOut.objects.filter(live=True, case__state=CaseState.FROZEN, registry_state="pending").first()
        if frozen and frozen.decides_at and can_refuse(frozen):
            assert frozen.decides_at > now(), "the registry decided although the case was frozen"

    def _answer_at_last(self, item: WorkItem, numbers: tuple[int, int]) -> None:
        """By whoever has no other part in the case."""
        try:
            self.answer(item, numbers[0])
        except Forbidden:
            self.answer(item, numbers[1])

    async def to_the_end(self) -> None:
        """Nobody disturbs it any more: whatever is asked is refused or left to expire."""
        self.registry.heals()
        await self._unfreeze(0)
        await self.engine.settle()
        for turn in range(30):
            if not Case.objects.exclude(state=CaseState.CLOSED).exists():
                break
            for item in WorkItem.objects.filter(state=ItemState.OPEN).exclude(role="").select_related("case"):
                self._answer_at_last(item, RETRIES if turn < 3 else GIVES_UP)
            await self._poll(0)
            await self.engine.passes(timedelta(days=15))
        self.holds()
        assert not Case.objects.exclude(state=CaseState.CLOSED).exists(), "a case never ends"
        self.domain.refresh_from_db()
        assert self.domain.held_by_case is None
        if self.domain.state != "gone" and not self.given_up:
            assert "clientUpdateProhibited" not in self.registry.domain(self.name)["statuses"]


def _decides(*outcomes: str) -> Callable[[WorkItem, int], dict[str, str]]:
    """Mostly the first."""
    return lambda item, number: {
        "outcome": outcomes[0] if number % 8 else outcomes[number // 8 % len(outcomes)], "reason": "So it is."
    }  # fmt: skip


def _agrees(item: WorkItem, number: int) -> dict[str, str]:
    return {"decision": "declined" if number == 0 else "agreed"}


def _takes_over(item: WorkItem, number: int) -> dict[str, str]:
    """Each with a number of their own."""
    body = f"440514{(item.party_id or 0) % 10_000:04d}"
    return {**_agrees(item, number), "number_kind": "PESEL", "number": body + pesel.calc_check_digit(body), **ADDRESS}


def _fits(item: WorkItem, number: int) -> dict[str, str]:
    return FITS if number % 12 else {**FITS, "names": "no", "remark": "Another name."}


ANSWERS: dict[str, Callable[[WorkItem, int], dict[str, Any]]] = {
    "request": lambda item, number: {},
    "confirm_old": _agrees,
    "confirm_new": _takes_over,
    "receive_form": lambda item, number: {"envelope": "E-1"},
    "check_form": _fits,
    "check_again": _fits,
    "call_back": _decides("confirmed", "denied", "not_reached"),
    "approve_cession": _decides("approved", "rejected"),
    "look_into_incident": lambda item, number: {"outcome": "looked_into", "reason": "It was looked into."},
    "resolve_failure": lambda item, number: {"outcome": "retry" if number % 3 else "give_up", "reason": "Why not."},
    "confirm_transfer_out": lambda item, number: {},
    "release_domain": _decides("approved", "rejected"),
    "refuse_transfer": lambda item, number: {},
    "approve_transfer": lambda item, number: {},
}


def _new_holder(cession: Cession) -> int:
    pk: int = cession.case.parties.get(role="new_holder").customer_id
    return pk


def _with_two_roles() -> User:
    """Who checks forms and also approves; never in one case."""
    user = make_staff(role=Role.SUPPORT)
    user.groups.add(*make_staff(role=Role.APPROVER).groups.all())
    return User.objects.get(pk=user.pk)


def _scan(item: WorkItem) -> None:
    """The post room scans the form of this case."""
    what = storing.What(purpose=papers.SCANNED, origin=Origin.UPLOADED, case=item.case, item=item)
    by = customer_actor(item.case.customer)
    scan = storing.keep(what, b"%PDF-", media_type="application/pdf", pages=1, by=by, now=now())
    Document.objects.filter(pk=scan.pk).update(read_mark=Mark.objects.get(case=item.case).code)


async def _play(engine: Running, registry: RegistryServer, name: str, route: str, acts: list[Act]) -> None:
    registry.embedded.control.clear()
    registry.hang_up()
    cache.clear()
    registry.seed(name, registrant="HOLDER-1")
    domain = holder_of_a_domain(name)
    staff = {role.value: [make_staff(role=role), make_staff(role=role)] for role in Role}
    staff[Role.SUPPORT.value][1] = staff[Role.APPROVER.value][1] = _with_two_roles()
    world = World(engine, registry, domain, staff, domain.customer_id)
    on_paper = {"number_kind": "PESEL", "number": PESEL, **ADDRESS}
    world.open(route=route, **(on_paper if route == "paper" else {}))
    await engine.settle()
    world.holds()
    for act in acts:
        await world.play(act)
    await world.to_the_end()


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # a second an example: shrinking would take minutes
)
@given(
    name=st.sampled_from(["tulip.pl", "tulip.com"]),
    route=st.sampled_from(["electronic", "electronic", "paper"]),
    acts=st.lists(ACTS, min_size=10, max_size=26),
)
def test_whatever_comes_in_whatever_order_the_domain_has_one_holder(
    registry_server: RegistryServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    route: str,
    acts: list[Act],
) -> None:
    settings.MEDIA_ROOT = tmp_path

    async def story(engine: Running) -> None:
        await _play(engine, registry_server, name, route, acts)

    play(story, settings=settings, monkeypatch=monkeypatch)
