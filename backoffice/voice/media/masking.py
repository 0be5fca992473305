"""Takes the tones of keys out of what is recorded.

Who pays keys in while nothing is recorded. But nobody can be kept from pressing keys at any other moment: a PIN while
they wait, a card number while they talk with an agent. A recording from which keys could be read again would keep what
must never be kept (PCI DSS 4.0, 3.3.1), so they are silence in it, on both sides.

The same thresholds as in `tones` tell a key from speech, here for many blocks at once: a recording has the time to look
at a tone before it writes its beginning.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backoffice.voice.media.timestamps import FRAME
from backoffice.voice.media.tones import BLOCK, HOP, steady_keys

HELD = 10 * FRAME
"""Samples that are looked at twice before they are written: 200 ms, more than is needed to tell a key."""
MARGIN = 2 * HOP
"""Samples before and after a key that go with it."""
_Both = npt.NDArray[np.int16]


class Masking:
    """Both channels of one recording, as samples in two columns."""

    def __init__(self) -> None:
        self._waiting = np.zeros((0, 2), np.int16)
        self._written = 0
        """How many samples of `_waiting` were given away already, and are there to tell a key that goes on."""

    def feed(self, sound: _Both, *, last: bool = False) -> _Both:
        """Adds what comes next, and gives what may be written now: all but the last 200 ms, and with `last` that, too.
        In it keys are silence."""
        whole = np.concatenate((self._waiting, sound))
        end = len(whole) if last else max(self._written, len(whole) - HELD)
        clean = without_keys(whole)[self._written : end]
        begin = max(0, end - HELD)
        self._waiting, self._written = whole[begin:], end - begin
        return clean


def without_keys(both: _Both) -> _Both:
    """A copy in which keys are silence."""
    clean = both.copy()
    for channel in range(both.shape[1]):
        for first, last in steady_keys(both[:, channel]):
            begin, end = first * HOP - MARGIN, last * HOP + BLOCK + MARGIN
            clean[max(0, begin) : end, channel] = 0
    return clean
