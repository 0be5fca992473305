"""One frame a tick, from packets as the network brings them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import samples
from backoffice.voice.media.jitter import CONCEALED, DEEPEST, LONGEST, START, JitterBuffer
from backoffice.voice.media.timestamps import FRAME

BEGIN = 0xFFFFFF00
"""The time stamps of the tests wrap after two frames."""
MADE_UP = -1


def frame(number: int) -> bytes:
    return bytes([number % 100, 0x80]) * (FRAME // 2)


def put(buffer: JitterBuffer, *numbers: int) -> None:
    for number in numbers:
        buffer.put((BEGIN + number * FRAME) & 0xFFFFFFFF, frame(number))


def pulled(buffer: JitterBuffer, count: int) -> list[int | None]:
    """The last two digits of the next frames' numbers; None for silence."""
    frames = [buffer.pull() for _ in range(count)]
    return [None if got is None else got[0] if got[1] == 0x80 else MADE_UP for got in frames]


def test_nothing_is_handed_out_before_there_is_enough() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2)
    first = pulled(buffer, 2)
    put(buffer, 3)

    assert first == [None, None]
    assert pulled(buffer, 3) == [1, 2, 3]


def test_reordered_and_doubled_packets_come_in_order_and_once() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 2, 4, 1, 3, 2, 4)

    assert pulled(buffer, 4) == [1, 2, 3, 4]
    assert buffer.doubled == 2


def test_a_lost_frame_is_made_up_and_its_time_passes() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 4, 5)
    made_up = [buffer.pull() for _ in range(3)][-1]

    assert made_up is not None
    assert abs(samples(made_up, Codec.PCMU)).max() <= abs(samples(frame(2), Codec.PCMU)).max() / 2 + 200
    assert pulled(buffer, 2) == [4, 5]
    assert buffer.missing == 1


def test_a_late_frame_is_left_out() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 4, 5)
    pulled(buffer, 3)
    put(buffer, 3)

    assert pulled(buffer, 2) == [4, 5]
    assert buffer.late == 1


def test_when_nothing_comes_some_frames_are_made_up_then_there_is_silence_and_it_begins_anew() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 3)
    got = pulled(buffer, 3 + CONCEALED + 2)
    put(buffer, 30, 31)
    filling = pulled(buffer, 1)
    put(buffer, 32)

    assert got == [1, 2, 3] + [MADE_UP] * CONCEALED + [None, None]
    assert filling == [None]
    assert pulled(buffer, 3) == [30, 31, 32]


def test_a_pause_of_the_network_loses_nothing() -> None:
    """It runs dry for two ticks, and time stands still for as long."""
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 3)
    got = pulled(buffer, 5)
    put(buffer, 4, 5, 6, 7)

    assert got == [1, 2, 3, MADE_UP, MADE_UP]
    assert pulled(buffer, 4) == [4, 5, 6, 7]


def test_a_faster_clock_of_theirs_never_fills_the_buffer() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    sent, deepest = 0, 0
    for tick in range(5000):
        for _ in range(2 if tick % 100 == 0 else 1):
            put(buffer, sent := sent + 1)
        buffer.pull()
        deepest = max(deepest, buffer.depth)

    assert deepest <= START + FRAME
    assert 45 <= buffer.dropped <= 50


def test_a_slower_clock_of_theirs_is_waited_for() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    sent, made_up = 0, 0
    for tick in range(2000):
        if tick % 100:
            put(buffer, sent := sent + 1)
        made_up += pulled(buffer, 1) == [MADE_UP]

    assert buffer.missing == buffer.late == 0
    assert 15 <= made_up <= 20


def test_a_burst_is_cut_to_what_is_needed() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 3)
    pulled(buffer, 1)
    put(buffer, *range(4, 40))

    assert buffer.depth <= DEEPEST
    assert pulled(buffer, 40)[-1] is None


def test_very_many_small_packets_are_not_kept() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    for timestamp in range(1000):
        buffer.put(timestamp, b"\x55")
        assert len(buffer._packets) <= 64


def test_a_new_timeline_is_followed_at_once_if_it_is_far_and_soon_if_it_is_near() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 3)
    pulled(buffer, 1)
    put(buffer, 5010, 5011, 5012)
    far = pulled(buffer, 3)
    put(buffer, *range(4950, 4962))

    assert far == [10, 11, 12]
    assert 60 in pulled(buffer, 12)


def test_what_was_said_before_it_was_dropped_is_not_taken_later_either() -> None:
    buffer = JitterBuffer(Codec.PCMU)
    put(buffer, 1, 2, 3, 9)
    buffer.drop_said()
    put(buffer, 4, 5, 6, 7, 8, 10, 11, 12)

    assert pulled(buffer, 3) == [10, 11, 12]


def test_packets_of_other_lengths_fit() -> None:
    sound = bytes(range(256)) * 5
    for length in (80, 240, 320, 30):
        buffer = JitterBuffer(Codec.PCMA)
        for at in range(0, len(sound), length):
            buffer.put(at, sound[at : at + length])
        assert b"".join(buffer.pull() or b"" for _ in range(len(sound) // FRAME)) == sound, length


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.one_of(st.integers(0, 0xFFFFFFFF), st.integers(0, 3000)), st.integers(1, LONGEST)), max_size=60
    )
)
def test_whatever_comes_it_stays_small_and_hands_out_whole_frames(packets: list[tuple[int, int]]) -> None:
    buffer = JitterBuffer(Codec.PCMU)
    for timestamp, length in packets:
        buffer.put(timestamp, bytes(length))
        got = buffer.pull()
        assert got is None or len(got) == FRAME
        assert buffer.depth <= DEEPEST + LONGEST
        assert len(buffer._packets) <= 64
