"""What is committed reaches every page, and what is not committed never does; whatever is away, nothing is made up."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.customers.models import Customer
from backoffice.telephony.live import LiveState, publishing, reading, state_of, store, teams, watching
from backoffice.telephony.live.publishing import Publisher, snapshot_of_now
from backoffice.telephony.live.snapshots import key_of_case, key_of_customer, key_of_number
from backoffice.telephony.models import Call, CallState, EndedSession
from tests.factories import make_card, make_customer
from tests.playing import open_card_case
from tests.telephony.live.conftest import Valkey
from tests.telephony.live.oncall import CASE, make_call, number_of
from tests.visits import visiting
from tests.waiting import until


@pytest.fixture
def maria(db: None) -> Customer:
    return make_customer()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (CallState.ANNOUNCED, LiveState.NOBODY),
        (CallState.DIALLING, LiveState.CALLING),
        (CallState.RINGING, LiveState.CALLING),
        (CallState.ANSWERED, LiveState.TALKING),
        (CallState.COMPANY_PROVEN, LiveState.TALKING),
        (CallState.CUSTOMER_PROVEN, LiveState.TALKING),
        (CallState.ENDED, LiveState.NOBODY),
        (CallState.VOICEMAIL, LiveState.NOBODY),
    ],
)
def test_each_state_of_a_call_has_its_sentence(
    maria: Customer, valkey: Valkey, state: CallState, says: LiveState
) -> None:
    make_call(maria, state)
    Publisher().publish()

    assert state_of(maria).state == says
    assert state_of(make_customer()).state == LiveState.NOBODY


def test_an_entry_holds_what_the_page_shows_and_nothing_else(maria: Customer) -> None:
    call = make_call(maria, CallState.ANSWERED)
    number = number_of(maria)
    (on,) = snapshot_of_now().calls[key_of_customer(maria.public_id)]

    assert (on.agent, on.team, on.case) == ("Hanna", "our customer service", CASE)
    assert on.number == call.contact.address_masked
    assert call.answered_at is not None
    assert on.since == call.answered_at.timestamp()
    assert snapshot_of_now().calls.keys() == {
        key_of_customer(maria.public_id), key_of_number(number), key_of_case(CASE, number[-3:])
    }  # fmt: skip


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.ANSWERED, CallState.CUSTOMER_PROVEN])
def test_no_page_vouches_for_whoever_calls_us(maria: Customer, state: CallState) -> None:
    """A fraudster who talks to Maria on one telephone calls us on another, and says to be Maria."""
    make_call(maria, state, direction="in")

    assert snapshot_of_now().calls == {}


def test_the_console_that_fell_silent_cannot_be_checked(maria: Customer, valkey: Valkey) -> None:
    long_ago = timezone.now() - timedelta(seconds=16)
    call = make_call(
        maria, CallState.ANSWERED, announced_at=long_ago, seen_at=long_ago, times={"answered": long_ago.isoformat()}
    )
    Publisher().publish()
    assert state_of(maria).state == LiveState.CANNOT_CHECK

    Call.objects.filter(pk=call.pk).update(seen_at=timezone.now())
    Publisher().publish()
    assert until(lambda: state_of(maria).state == LiveState.TALKING, seconds=5)


def test_the_team_is_that_of_the_topmost_case_or_of_the_topic(db: None) -> None:
    case = open_card_case(make_card(), payments=[])
    visit = visiting.agreed_under(open_card_case(make_card(), payments=[]), hours=72).case
    for matter, team in [
        (case.id.hex, "the cards team"),
        (visit.root_id_or_own.hex, "the cards team"),
        ("domains", "the domains team"),
        ("something else", "our customer service"),
    ]:
        customer = make_customer()
        make_call(customer, CallState.ANSWERED, matter=matter)
        (on,) = snapshot_of_now().calls[key_of_customer(customer.public_id)]
        assert on.team == team


def test_a_process_has_one_team() -> None:
    with pytest.raises(ValueError, match="already"):
        teams.name("card_reissue", "another team")


def test_a_snapshot_costs_two_queries_however_many_calls_are_on(db: None) -> None:
    for _call in range(3):
        make_call(make_customer(), CallState.ANSWERED)
    snapshot_of_now()  # Looks once at each new case.
    with CaptureQueriesContext(
        connection,
    ) as captured:
        snapshot_of_now()

    assert len(captured) == 2
    assert '"telephony_call"."ended_at" IS NULL' in captured[1]["sql"], (
        "the partial index calls_going_on has only these"
    )


def test_a_page_costs_no_query(maria: Customer, valkey: Valkey, django_assert_num_queries: object) -> None:
    make_call(maria, CallState.ANSWERED)
    Publisher().publish()
    with CaptureQueriesContext(connection) as captured:
        for _page in range(20):
            assert state_of(maria).state == LiveState.TALKING

    assert len(captured) == 0


@contextmanager
def published() -> Iterator[None]:
    """A publisher at work, in a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=Publisher().run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def says(customer: Customer, state: LiveState, *, seconds: float = 5) -> bool:
    return until(lambda: state_of(customer).state == state, seconds=seconds)


@pytest.mark.django_db(transaction=True)
def test_only_a_commit_makes_a_state_and_it_does_at_once(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken by the trigger: the sweep alone would take twenty seconds here."""
    monkeypatch.setattr(publishing, "EVERY", 20.0)
    maria = make_customer()
    with published():
        assert says(maria, LiveState.NOBODY)
        with transaction.atomic():
            call = make_call(maria, CallState.RINGING)
            make_call(make_customer(), CallState.RINGING)
            assert not says(maria, LiveState.CALLING, seconds=0.2)
        assert says(maria, LiveState.CALLING, seconds=1)

        Call.objects.filter(pk=call.pk).update(state="ended", ended_at=timezone.now(), outcome="spoken")
        assert says(maria, LiveState.NOBODY, seconds=1)
        ends, lasts = signed_in().session_key, signed_in().session_key
        Session.objects.filter(session_key=ends).delete()
        assert until(lambda: reading.has_ended(watching.mark_of(ends)), seconds=1)
        assert not reading.has_ended(watching.mark_of(lasts))
        monkeypatch.setattr(publishing, "EVERY", 0.1)
        make_call(make_customer(), CallState.RINGING)


def signed_in(**fields: Any) -> Session:
    return Session.objects.create(
        **{"session_key": uuid.uuid4().hex, "expire_date": timezone.now() + timedelta(hours=1), **fields}
    )


def test_only_sessions_that_ended_before_their_time_are_named_and_only_for_as_long_as_a_ticket_is_good(
    db: None,
) -> None:
    """Those that are cleared away when they have long been over are many, and nobody watches by them."""
    over, ended = signed_in(expire_date=timezone.now() - timedelta(seconds=1)), signed_in()
    Session.objects.all().delete()
    assert snapshot_of_now().ended == {watching.mark_of(ended.session_key)}
    assert over.session_key != ended.session_key

    EndedSession.objects.all().delete()
    maria = make_customer().user
    assert maria is not None
    before = maria.password
    maria.save()
    assert snapshot_of_now().ended == set()
    maria.set_password("a battery of correct horses")
    maria.save()
    assert snapshot_of_now().ended == {watching.mark_of(before)}

    EndedSession.objects.update(ended_at=timezone.now() - timedelta(seconds=publishing.TOLD_FOR))
    assert snapshot_of_now().ended == set()
    EndedSession.objects.update(ended_at=timezone.now() - timedelta(hours=1))
    signed_in().delete()
    assert EndedSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_cache_or_the_publisher_is_away_nothing_is_believed_for_long(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.telephony.live.snapshots.FRESH_FOR", 0.8)
    monkeypatch.setattr(publishing, "EVERY", 0.1)
    maria = make_customer()
    make_call(maria, CallState.ANSWERED)
    with published():
        assert says(maria, LiveState.TALKING)
        valkey.stop()
        assert says(maria, LiveState.CANNOT_CHECK)
        valkey.start()
        assert says(maria, LiveState.TALKING)
    assert says(maria, LiveState.CANNOT_CHECK)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_what_was_published_grows_old_and_then_it_goes_on(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.telephony.live.snapshots.FRESH_FOR", 0.8)
    monkeypatch.setattr(publishing, "EVERY", 0.1)
    maria = make_customer()
    with published():
        assert says(maria, LiveState.NOBODY)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE telephony_call RENAME TO telephony_call_away")
            others = "pid <> pg_backend_pid() AND query LIKE '%telephony_call%'"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        try:
            assert says(maria, LiveState.CANNOT_CHECK)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE telephony_call_away RENAME TO telephony_call")
        assert says(maria, LiveState.NOBODY)


def test_what_somebody_else_wrote_into_the_cache_is_passed_over(maria: Customer, valkey: Valkey) -> None:
    make_call(maria, CallState.ANSWERED)
    publisher = Publisher()
    with store.client() as client:
        client.set(store.KEY, b'{"calls": {}}')
        assert state_of(maria).state == LiveState.CANNOT_CHECK
        publisher.publish()
        assert says(maria, LiveState.TALKING)
        client.publish(store.CHANNEL, b'{"calls": {}}')
        client.publish(store.CHANNEL, snapshot_of_now().sealed()[:-1])

    assert state_of(maria).state == LiveState.TALKING


def test_an_installation_without_a_shared_cache_cannot_check(maria: Customer) -> None:
    assert state_of(maria).state == LiveState.CANNOT_CHECK
    with pytest.raises(CommandError, match="CACHE_URL"):
        call_command("publish_calls")
