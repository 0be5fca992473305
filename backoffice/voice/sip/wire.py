"""What the transaction layer asks of the network below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.messages import Message

Failed = Callable[[], None]


class Wire(Protocol):
    """Sends messages. `transports.Transports` is the real one."""

    def send(self, message: Message, hop: Hop, failed: Failed) -> None:
        """Sends at once, or as soon as a connection stands. `failed` is called if it surely did not go out; that it
        is not called promises nothing."""
        ...

    def is_connected(self, hop: Hop) -> bool:
        """Whether a connection to it stands. Never over UDP."""
        ...

    def sent_by(self, transport: Transport) -> tuple[str, int]:
        """The host and port at which we can be reached, for Via and Contact."""
        ...
