"""The played week: true rows, times that have passed, and processes that go on in the real engine."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon

from backoffice.actors import Channel
from backoffice.cards.models import Card, CardState
from backoffice.cases import timeline, worklist
from backoffice.cases.models import Case, CaseState, Command, CommandState, Event, Incident, ItemState, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import ContactPoint, Customer, CustomerKind, NationalId
from backoffice.messages.models import Message
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.visits.models import Slot
from demo.customers import CUSTOMERS, ids
from demo.living import week
from demo.living.clock import Loop, Stuck, on_the_clock_of
from demo.living.people import OPENED_BY
from tests.devstack.issuer.simulator import KEY, Simulator
from workflows.base.contracts import Opened
from workflows.card_reissue.spec import CardStage
from workflows.home_visit.spec import VisitStage

VALID = {"BSN": bsn.is_valid, "PESEL": pesel.is_valid, "NIP": nip.is_valid, "REGON": regon.is_valid}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("issuer") / "data")
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def loaded(db: None, settings: Settings, simulator: Simulator) -> datetime:
    """The present up to which the week was played. Text messages have no sink here, so they wait."""
    settings.ISSUER_URL, settings.ISSUER_KEY = simulator.url, KEY
    before = datetime.now(UTC)
    load()
    return before


def load() -> str:
    said = io.StringIO()
    call_command("demo_data", force=True, stdout=said)
    return said.getvalue()


def test_a_week_has_passed_in_a_living_back_office(loaded: datetime, simulator: Simulator) -> None:
    for token in ("ic_demo_maria", "ic_demo_maria_second", "ic_demo_piotr", "ic_demo_tulip"):
        answer = simulator.call("GET", f"/v1/issuing/cards/{token}", Authorization=f"Bearer {KEY}")
        assert answer.status == 200, f"nobody can report {token}"
    reissues, visits = Case.objects.filter(process="card_reissue"), Case.objects.filter(process="home_visit")
    now = timezone.now()

    assert 50 <= Customer.objects.count() <= 70
    assert len(set(Customer.objects.values_list("country", flat=True))) >= 6
    assert Customer.objects.filter(kind=CustomerKind.ORGANISATION).count() >= 6
    assert Case.objects.count() >= 40
    assert set(reissues.values_list("stage", flat=True)) >= {
        stage.value for stage in CardStage if stage.value not in ("blocked", "checked")
    }
    assert set(visits.values_list("stage", flat=True)) >= {
        stage.value for stage in (VisitStage.PROPOSED, VisitStage.WINDOW_OPEN, VisitStage.REVIEW, VisitStage.ALARM)
    }
    assert set(Case.objects.values_list("outcome", flat=True)) >= {"", "done", "withdrawn", "rejected", "expired"}
    assert reissues.filter(state=CaseState.FROZEN).count() >= 2
    assert Incident.objects.filter(resolved_at=None).exists()
    assert WorkItem.objects.filter(state=ItemState.OPEN, due_at__lt=now).exclude(performer="customer").count() >= 2
    assert (
        Slot.objects.filter(taken_by__isnull=False, starts__gt=now, starts__lt=now + timedelta(hours=30)).count() >= 3
    )
    assert Slot.objects.filter(taken_by__isnull=False, starts__lt=now, ends__gt=now).exists()
    assert Case.objects.filter(customer__user__username="maria", outcome="done").exists()

    _everything_happened_at_its_own_time_and_the_chains_hold(loaded)
    _open_cases_wait_for_the_engine_to_take_them_up()
    _staff_hold_some_items_and_leave_others()
    _what_was_sent_was_sent_then(loaded)
    _loading_again_changes_nothing()


def _everything_happened_at_its_own_time_and_the_chains_hold(loaded: datetime) -> None:
    assert [broken for case in Case.objects.all() if (broken := timeline.verify(case))] == []
    times = list(Event.objects.order_by("case_id", "number").values_list("case_id", "at"))
    assert all(earlier[1] <= later[1] for earlier, later in pairwise(times) if earlier[0] == later[0])
    assert min(at for _case, at in times) < loaded - timedelta(days=14)
    assert max(at for _case, at in times) <= timezone.now() + timedelta(seconds=5)
    days = Counter((loaded - at).days for _case, at in times)
    assert all(days[day] for day in range(7))


OPENED_BY_ANOTHER = {"suspicious_contact"}
"""Nobody plays these in the week: "I expect nobody" at a door opened one, and the engine begins it."""


def _open_cases_wait_for_the_engine_to_take_them_up() -> None:
    """With everything that was told to them, and nothing told twice."""
    for case in Case.objects.all():
        first, *others = Command.objects.filter(case=case).order_by("number")
        is_open = case.state != CaseState.CLOSED
        assert first.state == (CommandState.WAITING if is_open else CommandState.SENT)
        assert {command.state for command in others} <= {CommandState.SENT}
        if is_open:
            opened = msgspec.convert(first.payload, Opened)
            if case.process in OPENED_BY_ANOTHER:
                assert (opened.state, others) == (None, [])
                continue
            assert opened.state is not None
            assert opened.state.number == case.applied
            assert set(opened.state.inbox.seen) == {str(command.id) for command in others}
            assert opened.state.began_at >= case.opened_at


def _staff_hold_some_items_and_leave_others() -> None:
    """So that no list of the desk is empty, whoever looks: mine, those of my roles, and what of mine is late."""
    now = timezone.now()
    for username in ("hanna", "sam", "ada"):
        user = User.objects.get(username=username)
        by = actor_of(user=user, channel=Channel.DESK)
        assert 1 <= worklist.mine(user=user).count() <= 3
        assert worklist.of_my_roles(by=by).exists()
    assert WorkItem.objects.filter(state=ItemState.OPEN, holder__username="sam", due_at__lt=now).exists()
    assert set(Event.objects.filter(kind="item.claimed").values_list("actor_id", flat=True)) == set(
        map(_public_id, ("hanna", "sam", "ada"))
    )
    assert Event.objects.get(kind="item.handed_over").actor_id == _public_id("sam")


def _public_id(username: str) -> str:
    return str(User.objects.get(username=username).public_id)


def _what_was_sent_was_sent_then(loaded: datetime) -> None:
    """What was said in the evening, just before the present, waits for the morning."""
    mails = Message.objects.filter(contact__channel="mail", send_after__lte=loaded).select_related("contact")
    assert mails.filter(state="sent").count() == mails.count() > 100
    assert all(mail.sent_at and mail.sent_at - mail.contact.at < timedelta(hours=14) for mail in mails)


def _loading_again_changes_nothing() -> None:
    models = (User, Customer, Card, ContactPoint, NationalId, Case, Event, WorkItem, Command, Message, Slot, Incident)
    counts = [model.objects.count() for model in models]

    assert "last time" in load()

    assert [model.objects.count() for model in models] == counts
    visitors = User.objects.filter(username__in=["viktor", "vera"])
    assert {slot.visitor for slot in Slot.objects.filter(taken_by=None, starts__gt=timezone.now())} == set(visitors)
    maria = Customer.objects.get(user__username="maria")
    assert contact_points.changed_within(customer=maria, now=timezone.now()) == {"phone"}
    assert maria.cards.get(issuer_token="ic_demo_maria").state == CardState.ACTIVE


def test_every_number_of_a_customer_passes_its_check_and_nobody_shares_one() -> None:
    numbers = [
        (kind, number)
        for serial, someone in enumerate(CUSTOMERS, start=1)
        for kind, number in ids(someone, serial).items()
    ]

    assert all(VALID[kind](number) for kind, number in numbers)
    assert len(set(numbers)) == len(numbers) > 20
    assert (
        len({someone.phone for someone in CUSTOMERS}) == len({someone.key for someone in CUSTOMERS}) == len(CUSTOMERS)
    )


def test_the_names_that_trip_software_are_among_them() -> None:
    names = {f"{one.given_name} {one.family_name}".strip() for one in CUSTOMERS}

    assert {"Siobhán O’Connor", "小明 王", "Świętosława Żółć", "Jörg Müller", "Sukarni"} <= names
    assert sum(one.family_name == "Jansen" for one in CUSTOMERS) == 2
    assert any(one.organisation and one.family_name for one in CUSTOMERS)


@pytest.mark.django_db
def test_nothing_is_written_when_the_issuer_is_away(settings: Settings) -> None:
    settings.ISSUER_URL = "http://127.0.0.1:9"

    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        load()

    assert not Case.objects.filter(opening_key__startswith=OPENED_BY).exists()
    assert not week.is_played()


def test_time_leaps_to_what_comes_next_and_the_rules_clock_with_it() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    loop = Loop(start)
    seen: list[datetime] = []

    async def story() -> None:
        await loop.until(start + timedelta(days=3))
        seen.append(timezone.now())
        await loop.holds(lambda: loop.now() >= start + timedelta(days=4))

    with on_the_clock_of(loop):
        task = loop.create_task(story())
        loop.call_later(timedelta(days=4).total_seconds(), lambda: None)
        loop.run_until_complete(task)
    loop.close()

    assert seen == [start + timedelta(days=3)]
    assert timezone.now() > datetime(2026, 11, 20, tzinfo=UTC)


def test_who_waits_for_what_never_comes_is_told() -> None:
    loop = Loop(datetime(2026, 11, 1, tzinfo=UTC))

    with pytest.raises(Stuck):
        loop.run_until_complete(loop.holds(lambda: False))
    loop.close()
