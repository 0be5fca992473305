"""Telephone-events of one stream, packet by packet (RFC 4733)."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.voice.media.events import FORGOTTEN, LOST, EventReceiver


def took(events: EventReceiver, timestamp: int, duration: int, *, end: bool = False, marker: bool = False) -> str:
    """What a packet tells: b for a beginning, e for an end, w for neither, nothing for no news."""
    payload = struct.pack("!BBH", 5, 0x80 if end else 0, duration)
    press = events.take(timestamp & 0xFFFFFFFF, payload, marker=marker)
    if press is None:
        return ""
    return "b" * press.begins + "e" * press.ends or "w"


def test_a_press_begins_once_goes_on_and_ends_once() -> None:
    events = EventReceiver()
    told = [took(events, 1000, 160 * n, marker=n == 1) for n in (1, 2, 2, 3)]
    told += [took(events, 1000, 640, end=True) for _ in range(3)] + [took(events, 1000, 480)]

    assert told == ["b", "w", "w", "w", "e", "", "", ""]


def test_any_packet_of_a_press_is_enough_for_it_to_count() -> None:
    assert took(EventReceiver(), 1000, 320) == "b"
    assert took(EventReceiver(), 1000, 640, end=True) == "be"


def test_late_packets_of_an_older_press_are_no_new_one() -> None:
    events = EventReceiver()
    told = [took(events, 0xFFFFFF00, 160), took(events, 0x100, 160), took(events, 0xFFFFFF00, 320, end=True)]

    assert told == ["b", "b", ""]


def test_a_telephone_that_counts_anew_is_heard_after_a_while() -> None:
    events = EventReceiver()
    took(events, 0x70000000, 160, end=True)
    at_once = took(events, 1000, 160)
    for _ in range(FORGOTTEN):
        events.tick()

    assert (at_once, took(events, 1000, 160)) == ("", "b")


def test_a_press_whose_end_is_lost_ends_by_itself_and_does_not_begin_again() -> None:
    events = EventReceiver()
    took(events, 1000, 160)
    ended = [events.tick() for _ in range(LOST + 5)]

    assert ended.count(True) == 1
    assert ended[LOST - 1]
    assert took(events, 1000, 160 * 20) == ""


def test_a_long_press_in_segments_is_one() -> None:
    events = EventReceiver()
    told = [took(events, 1000, 0xFFFF, marker=True), took(events, 1000 + 0xFFFF, 65), took(events, 1000, 0xFFFF)]
    press = events.take(1000 + 0xFFFF, struct.pack("!BBH", 5, 0x80, 160), marker=False)

    assert told == ["b", "w", ""]
    assert press is not None
    assert (press.begins, press.ends, press.duration) == (False, True, 0xFFFF + 160)


def test_a_new_press_as_far_away_as_a_segment_is_a_new_one_by_its_marker() -> None:
    events = EventReceiver()
    took(events, 1000, 160, marker=True)

    assert took(events, 1000 + 0xFFFF, 160, marker=True) == "b"


def test_what_was_pressed_before_is_no_news_even_if_it_comes_later() -> None:
    events = EventReceiver()
    events.forget_before(2000)

    assert [took(events, 1900, 160), took(events, 1900, 320, end=True), took(events, 2100, 160)] == ["", "", "b"]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 0xFFFFFFFF), st.binary(max_size=6), st.booleans(), st.integers(0, 3)), max_size=15
    )
)
def test_whatever_comes_every_press_begins_before_it_goes_on_or_ends(
    packets: list[tuple[int, bytes, bool, int]],
) -> None:
    events = EventReceiver()
    under_way = False
    for timestamp, payload, marker, ticks in packets:
        for _ in range(ticks * LOST):
            if events.tick():
                assert under_way
                under_way = False
        try:
            press = events.take(timestamp, payload, marker=marker)
        except ValueError:
            continue
        if press is not None:
            assert press.begins or under_way
            under_way = not press.ends
