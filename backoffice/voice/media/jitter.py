"""The buffer that turns what arrives early, late, twice or not at all into one frame for each tick.

aiortp's buffer hands frames out when packets arrive. A clock that ticks by itself has to ask, and two clocks are never
equally fast, so ours is asked and bounds its own depth. It is ordered by time stamp, so packets of any length fit, and
sequence numbers that key presses use up leave no gap.
"""

from __future__ import annotations

from collections import deque

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import halved
from backoffice.voice.media.timestamps import FAR, FRAME, WRAP, difference

START = 3 * FRAME
"""What must be there before the first frame is handed out: 60 ms, of which 40 remain against jitter."""
DEEPEST = 10 * FRAME
"""Above this, 200 ms, the oldest is dropped at once."""
WATCHED = 50
"""Ticks in which the buffer was never shallower than needed, before a frame is dropped: the other clock is faster."""
CONCEALED = 3
"""Frames that are made up from the last one, each 6 dB quieter, before there is silence."""
LONGEST = 10 * FRAME
"""The longest packet that is taken: 200 ms (RFC 3551, section 4.2)."""
_MOST = 64
"""Packets at once. Who sends more in 200 ms is not sending sound."""
_STUBBORN = 5
"""So many late packets in a row mean that the way has become longer."""


class JitterBuffer:
    """Packets of one stream of one codec."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.late = self.doubled = self.missing = self.dropped = 0
        self._packets: dict[int, bytes] = {}
        self._head: int | None = None  # the time stamp that is handed out next; none while the buffer fills
        self._played: int | None = None  # where it was before it ran dry
        self._end = 0
        self._floor: int | None = None
        self._late_in_a_row = 0
        self._depths: deque[int] = deque(maxlen=WATCHED)
        self._last = b""
        self._made_up = 0

    def put(self, timestamp: int, payload: bytes) -> None:
        """Takes a packet of at most `LONGEST` bytes."""
        if self._floor is not None and -FAR < difference(timestamp, self._floor) < 0:
            self.late += 1
            return
        reference = self._reference()
        if reference is not None:
            ahead = difference(timestamp, reference)
            if ahead < 0 and ahead > -FAR and self._is_late():
                return
            if abs(ahead) >= FAR or ahead < 0:
                self.drop_all()
        self._late_in_a_row = 0
        if timestamp in self._packets:
            self.doubled += 1
            return
        end = (timestamp + len(payload)) & WRAP
        if len(self._packets) >= _MOST:
            self.drop_all()
        if not self._packets or difference(end, self._end) > 0:
            self._end = end
        self._packets[timestamp] = payload
        self._bound()

    def pull(self) -> bytes | None:
        """The next frame of 160 bytes, made up where it is missing; None while there is nothing to say."""
        if self._head is None and not self._begin():
            return None
        assert self._head is not None
        frame = self._packets.pop(self._head, None)
        if frame is None or len(frame) != FRAME:
            frame = self._assembled(self._head, frame)
        if frame is None:
            return self._concealed()
        self._head = (self._head + FRAME) & WRAP
        self._last, self._made_up = frame, 0
        self._follow_their_clock()
        return frame

    def drop_said(self) -> None:
        """Forgets what is there, and takes nothing any more that was said before its end, however late it comes."""
        if self._packets or self._head is not None:
            self._floor = self._end
        self.drop_all()

    def drop_all(self) -> None:
        """Forgets what is there, and fills anew with whatever comes."""
        self._packets.clear()
        self._depths.clear()
        self._head = self._played = None
        self._last, self._made_up, self._late_in_a_row = b"", 0, 0

    @property
    def depth(self) -> int:
        """Samples from the frame that is next to the end of the newest packet."""
        start = self._head if self._head is not None else self._oldest()
        return 0 if start is None else max(0, difference(self._end, start))

    def _reference(self) -> int | None:
        return self._head if self._head is not None else self._played

    def _is_late(self) -> bool:
        self.late += 1
        self._late_in_a_row += 1
        return self._late_in_a_row < _STUBBORN

    def _oldest(self) -> int | None:
        return min(self._packets, key=lambda at: difference(at, self._end), default=None)

    def _begin(self) -> bool:
        if self.depth < START:
            return False
        self._head = self._oldest()
        self._depths.clear()
        return True

    def _assembled(self, start: int, first: bytes | None) -> bytes | None:
        """A frame of packets that are shorter or longer than 20 ms, or lie across; None if its beginning is missing."""
        if first is not None:
            self._packets[start] = first
        made = b""
        while len(made) < FRAME:
            at = (start + len(made)) & WRAP
            holds = next((t for t, p in self._packets.items() if 0 <= difference(at, t) < len(p)), None)
            if holds is None:
                break
            packet = self._packets.pop(holds)[difference(at, holds) :]
            wanted = FRAME - len(made)
            made += packet[:wanted]
            if rest := packet[wanted:]:
                self._packets[(at + wanted) & WRAP] = rest
        return made.ljust(FRAME, made[-1:]) if made else None

    def _concealed(self) -> bytes | None:
        """A made-up frame. If something newer is there, this one was lost and its time passes. Otherwise we have been
        faster: time stands still, and after some frames the buffer fills anew."""
        assert self._head is not None
        if self.depth:
            self.missing += 1
            self._head = (self._head + FRAME) & WRAP
            self._follow_their_clock()
        else:
            self._packets.clear()
            if self._made_up >= CONCEALED:
                self._played, self._head = self._head, None
                return None
        self._made_up += 1
        if self._made_up > CONCEALED or not self._last:
            return None
        self._last = halved(self._last, self.codec)
        return self._last

    def _follow_their_clock(self) -> None:
        """Drops a frame when the buffer was deeper than needed for a whole second."""
        self._depths.append(self.depth)
        if len(self._depths) == WATCHED and min(self._depths) >= START:
            self._depths.clear()
            self._skip()

    def _bound(self) -> None:
        if self._head is None:
            while self.depth > DEEPEST and (oldest := self._oldest()) is not None:
                del self._packets[oldest]
            return
        if self.depth > DEEPEST:
            while self.depth >= START:
                self._skip()

    def _skip(self) -> None:
        assert self._head is not None
        self._packets.pop(self._head, None)
        self._head = (self._head + FRAME) & WRAP
        self._packets = {t: p for t, p in self._packets.items() if difference((t + len(p)) & WRAP, self._head) > 0}
        self.dropped += 1
