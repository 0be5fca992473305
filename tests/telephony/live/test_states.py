"""From which facts each of the five sentences follows, and that every doubt reads "cannot check"."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.sealed import seal_for
from backoffice.telephony.live.snapshots import Latest, Snapshot, Unreadable, unsealed
from backoffice.telephony.live.states import FRESH_FOR, Live, LiveState
from tests.telephony.live.oncall import NOON, Clocks, on_call, snapshot


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def read(clocks: Clocks, *snapshots: Snapshot) -> Latest:
    latest = clocks.latest()
    for one in snapshots:
        latest.take(one.sealed())
    return latest


def state(latest: Latest, key: str = "her") -> LiveState:
    return latest.of(key).state


def test_without_a_call_nobody_is_calling(clocks: Clocks) -> None:
    assert read(clocks, snapshot()).of("her") == Live(LiveState.NOBODY, (), 0.0, FRESH_FOR)


def test_a_call_that_was_answered_is_talking_and_one_that_rings_is_calling(clocks: Clocks) -> None:
    ringing = on_call(talking=False)

    assert state(read(clocks, snapshot(on_call()))) == LiveState.TALKING
    assert state(read(clocks, snapshot(ringing))) == LiveState.CALLING
    assert state(read(clocks, snapshot(ringing, on_call()))) == LiveState.TALKING
    assert read(clocks, snapshot(ringing, on_call())).of("her").calls == [on_call(), ringing]


def test_another_customers_call_is_not_mine(clocks: Clocks) -> None:
    assert state(read(clocks, snapshot(on_call())), key="me") == LiveState.NOBODY


@pytest.mark.parametrize("somebody", [False, True])
@pytest.mark.parametrize("calls", [(), (on_call(heard=NOON + 60),), (on_call(talking=False, heard=NOON + 60),)])
def test_a_state_that_is_older_than_fifteen_seconds_cannot_be_checked(
    clocks: Clocks, calls: tuple[()], somebody: bool
) -> None:
    latest = read(clocks, snapshot(*calls, at=NOON))
    clocks.pass_(15.1)
    found = latest.of("her").to_somebody_on_the_telephone() if somebody else latest.of("her")

    assert found.state == LiveState.CANNOT_CHECK


def test_a_console_that_was_silent_for_fifteen_seconds_cannot_be_checked(clocks: Clocks) -> None:
    silent = on_call(heard=NOON - 15.1)
    found = read(clocks, snapshot(silent)).of("her")

    assert found.state == LiveState.CANNOT_CHECK
    assert found.is_on
    assert found.as_message()["calls"] == []
    assert state(read(clocks, snapshot(silent, on_call()))) == LiveState.CANNOT_CHECK
    assert state(read(clocks, snapshot(silent)), key="me") == LiveState.NOBODY


def test_a_state_is_good_until_its_snapshot_or_its_console_is_too_old(clocks: Clocks) -> None:
    latest = read(clocks, snapshot(on_call(heard=NOON - 6)))
    clocks.pass_(4)

    assert latest.of("her").good_for == pytest.approx(5)
    assert latest.of("me").good_for == pytest.approx(11)


def test_nothing_was_ever_read() -> None:
    assert state(Latest()) == LiveState.CANNOT_CHECK


def test_a_publisher_whose_clock_stands_still_is_found_out(clocks: Clocks) -> None:
    """It goes on publishing, and its time never changes."""
    latest = clocks.latest()
    for _second in range(16):
        latest.take(snapshot(at=NOON).sealed())
        clocks.pass_(1)

    assert state(latest) == LiveState.CANNOT_CHECK


def test_a_reader_whose_wall_clock_stands_still_is_found_out(clocks: Clocks) -> None:
    latest = read(clocks, snapshot())
    clocks.steady += 15.1
    assert state(latest) == LiveState.CANNOT_CHECK

    latest.take(snapshot(at=NOON + 15).sealed())
    assert state(latest) == LiveState.CANNOT_CHECK


def test_a_snapshot_from_the_future_is_not_believed(clocks: Clocks) -> None:
    assert state(read(clocks, snapshot(at=NOON + 1))) == LiveState.NOBODY
    assert state(read(clocks, snapshot(on_call(), at=NOON + 3))) == LiveState.CANNOT_CHECK


def test_an_old_snapshot_that_is_played_again_changes_nothing(clocks: Clocks) -> None:
    latest = read(clocks, snapshot(on_call(), at=NOON), snapshot(at=NOON + 1))

    assert latest.take(snapshot(on_call(), at=NOON).sealed()) is None
    assert state(latest) == LiveState.NOBODY


def test_a_snapshot_that_is_played_after_the_publisher_was_stopped_is_too_old(clocks: Clocks) -> None:
    latest = read(clocks, snapshot(on_call(heard=NOON + 60), at=NOON))
    clocks.pass_(15.1)
    latest.take(snapshot(on_call(heard=NOON + 60), at=NOON).sealed())

    assert state(latest) == LiveState.CANNOT_CHECK


def test_after_a_clock_was_set_back_states_are_believed_again(clocks: Clocks) -> None:
    latest = read(clocks, snapshot(at=NOON + 3600))
    assert state(latest) == LiveState.CANNOT_CHECK

    clocks.pass_(15.1)
    latest.take(snapshot(at=clocks.wall).sealed())
    assert state(latest) == LiveState.NOBODY


SEALED = snapshot(on_call()).sealed()


def flipped(place: int) -> bytes:
    return SEALED[:place] + bytes([SEALED[place] ^ 1]) + SEALED[place + 1 :]


@settings(max_examples=50)
@given(st.integers(0, len(SEALED) - 1), st.sampled_from([lambda at: SEALED[:at], flipped]))
def test_a_torn_or_changed_snapshot_is_none(place: int, spoiled: Callable[[int], bytes]) -> None:
    with pytest.raises(Unreadable):
        unsealed(spoiled(place))


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"{}",
        b'{"sequence":9e15,"at":1780000000,"calls":{}}',
        seal_for(b'{"sequence":9e15,"at":1780000000,"calls":{}}', about="something else"),
        seal_for(b"[]", about="calls that are on"),
        seal_for(b'{"sequence":1,"at":1,"calls":{"her":[{"agent":"Hanna"}]}}', about="calls that are on"),
    ],
    ids=range(6),
)
def test_a_forged_snapshot_is_refused_and_the_last_one_stays(clocks: Clocks, forged: bytes) -> None:
    latest = read(clocks, snapshot(on_call()))

    with pytest.raises(Unreadable):
        latest.take(forged)
    assert state(latest) == LiveState.TALKING


def test_a_published_snapshot_shows_nothing_of_anybody() -> None:
    assert not [word for word in (b"Hanna", b"cards", b"K7Q", b"her") if word in SEALED]


@pytest.mark.parametrize(
    ("calls", "age", "says"),
    [
        ((), 2.9, LiveState.NOT_US),
        ((), 3.1, LiveState.CANNOT_CHECK),
        ((), 15.1, LiveState.CANNOT_CHECK),
        ((on_call(talking=False),), 3.1, LiveState.CALLING),
        ((on_call(),), 3.1, LiveState.TALKING),
    ],
)
def test_somebody_is_on_the_telephone(clocks: Clocks, calls: tuple[()], age: float, says: LiveState) -> None:
    """It is not us only by a young snapshot: a genuine call may have begun since an older one."""
    latest = read(clocks, snapshot(*calls))
    clocks.pass_(age)

    assert latest.of("her").to_somebody_on_the_telephone().state == says


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-40, 5)), max_size=3),
    st.floats(-5, 40),
    st.floats(0, 40),
    st.booleans(),
)
def test_whatever_the_clocks_say_only_what_is_young_is_believed(
    calls: list[tuple[bool, float]], behind: float, passed: float, somebody: bool
) -> None:
    clocks = Clocks()
    latest = read(clocks, snapshot(*(on_call(talking=is_, heard=NOON + at) for is_, at in calls), at=NOON - behind))
    clocks.pass_(passed)
    live = latest.of("her")
    found = live.to_somebody_on_the_telephone() if somebody else live
    age = behind + passed
    doubtful = age > 15 or passed > 15 or age < -2 or any(abs(passed - at) > 15 for _is, at in calls)

    assert (found.state == LiveState.CANNOT_CHECK) >= doubtful
    if not doubtful and calls:
        assert found.state == (LiveState.TALKING if any(is_ for is_, _at in calls) else LiveState.CALLING)
    if not doubtful and not calls and not somebody:
        assert found.state == LiveState.NOBODY
