"""Who acts, through which channel, and what they have proven. Every rule function takes one as `by=`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Self


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    SYSTEM = "system"
    """The process itself: timers and what follows from an answer."""
    OUTSIDE = "outside"
    """An outside system: the issuer, a detector of fraud."""


class Channel(StrEnum):
    DESK = "desk"
    PORTAL = "portal"
    FIELD = "field"
    API = "api"
    PROCESS = "process"
    COMMAND_LINE = "command_line"
    MAIL_LINK = "mail_link"
    TELEPHONE = "telephone"
    """The keys of a telephone from which somebody calls us, or on which we ring them."""


class Level(IntEnum):
    """Levels of assurance: how sure we are of who acts."""

    REFERENCE = 0
    """Only the case reference: it shows the status, and no data."""
    SIGNED_IN = 1
    CONFIRMED = 2
    """Signed in, and confirmed this case and action with a code or a passkey."""
    SEEN = 3
    """CONFIRMED, and a visit or a qualified signature."""


CALLER_CODE = "caller_code"
"""The proof of a member of staff who acts on the order of a caller: the caller read out the code from the portal. Only
the rules of the calls give it."""


@dataclass(frozen=True)
class Actor:
    """`id` is the opaque public id of the user or customer (never a name), empty for the system.

    `roles` are the names of the staff groups. `proof` names the evidence, e.g. "totp", and goes to the timeline.
    `request_id` ties together what one request did.
    """

    kind: ActorKind
    id: str = ""
    channel: Channel = Channel.PROCESS
    level: Level = Level.REFERENCE
    proof: str = ""
    roles: frozenset[str] = frozenset()
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def with_proof(self, level: Level, proof: str) -> Self:
        return replace(self, level=max(self.level, level), proof=proof)


def system() -> Actor:
    """The process itself."""
    return Actor(kind=ActorKind.SYSTEM, id="", channel=Channel.PROCESS)
