"""How long the transaction layer waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers of RFC 3261, table 4, and of RFC 6026, in seconds. All follow from T1, T2 and T4."""

    t1: float = 0.5
    """Estimate of a round trip."""
    t2: float = 4.0
    """The longest wait between two sendings of a request other than INVITE, and of an answer to INVITE."""
    t4: float = 5.0
    """How long a message may stay in the network."""

    @property
    def gives_up(self) -> float:
        """Timers B, F, H, J, L and M."""
        return 64 * self.t1

    @property
    def absorbs_answers(self) -> float:
        """Timer D over an unreliable transport: at least 32 s."""
        return max(64 * self.t1, 32.0)
