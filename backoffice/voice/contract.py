"""What the back office asks of the voice gateway, and what it is told.

A command is one JSON object, posted to `PATH` and signed as a Standard Webhook with the control secret; an event is
posted to the back office and signed with the events' secret. Both are tagged unions of the structs below. Times are
UTC. No digit of a card is in either, ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

PATH = "/v1/commands"
HEALTH = "/healthz"
INCOMING = "in-"
"""Begins the ids of conversations that the gateway makes for calls that come in."""
JOINED_FOR = 3600.0
"""Seconds for which two may talk with each other while nothing is asked for them."""
LONGEST_ID = 64
LONGEST_TEXT = 1000
# What is told is held to these wherever it is read: it goes into columns.
Id = Annotated[str, msgspec.Meta(pattern=f"^[A-Za-z0-9-]{{1,{LONGEST_ID}}}$")]
Key = Annotated[str, msgspec.Meta(max_length=3 * LONGEST_ID)]
Code = Annotated[str, msgspec.Meta(pattern=rf"^[^\x00-\x1f]{{0,{LONGEST_ID}}}$")]
"""Of the provider, or its name for something."""
Natural = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Sequence = Annotated[int, msgspec.Meta(ge=0, lt=2**16)]


class Role(StrEnum):
    """Who sits at a telephone. What the customer keys in while the agent is cut off stays with the gateway."""

    CUSTOMER = "customer"
    AGENT = "agent"

    @property
    def other(self) -> Role:
        return Role.AGENT if self is Role.CUSTOMER else Role.CUSTOMER


class Item(StrEnum):
    """What a customer keys in to pay."""

    CARD_NUMBER = "card_number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"


class Stage(StrEnum):
    """How far somebody is with an item. How many digits there are, nobody is told."""

    ASKED = "asked"
    TYPING = "typing"
    ENTERED = "entered"
    ASKED_AGAIN = "asked_again"


class Why(StrEnum):
    """Why a telephone is not in the call any more."""

    HUNG_UP = "hung_up"
    """They did."""
    ENDED = "ended"
    """We did."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FAILED = "failed"
    """It could not be reached, or not be agreed with."""
    LOST = "lost"
    """It stood, and nothing comes from there any more."""


class Outcome(StrEnum):
    """What came of a capture."""

    DONE = "done"
    """`Captured.token` stands for what was keyed in."""
    STOPPED = "stopped"
    """The customer pressed the star."""
    GIVEN_UP = "given_up"
    """Too many wrong tries."""
    HUNG_UP = "hung_up"
    DECLINED = "declined"
    """The provider does not take this card; `Captured.code` says why."""
    UNAVAILABLE = "unavailable"
    """The provider did not answer. What was keyed in is gone: the customer must be asked again."""


class AskedEnd(StrEnum):
    """How a question ended."""

    KEYED = "keyed"
    STAR = "star"
    WRONG = "wrong"
    """Too many wrong tries."""
    SILENT = "silent"
    """The same, and no key was pressed at all."""
    HUNG_UP = "hung_up"
    UNSAID = "unsaid"
    """It could not be spoken."""


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", forbid_unknown_fields=True):
    """`key` is the caller's: the same key is the same command, done once. One that was refused has not been done, and
    is tried anew when it comes again. `conversation` is the caller's id of a call
    of up to two telephones; the first `dial` makes it."""

    key: str
    conversation: str


class Dial(_Command, frozen=True, kw_only=True, tag="dial"):
    """Rings a number of the dial plan (E.164, or an extension) for so many seconds. Whoever answers is put through to
    the number `then`, if it is given: it is rung in the other role, both are joined, and when one leaves, the other is
    hung up, too."""

    role: Role
    number: str
    ring_for: float = 45.0
    then: str = ""


class Answer(_Command, frozen=True, kw_only=True, tag="answer"):
    """Takes the call that came in."""


class Refuse(_Command, frozen=True, kw_only=True, tag="refuse"):
    """Does not take it."""


class Join(_Command, frozen=True, kw_only=True, tag="join"):
    """Both telephones hear each other."""


class Part(_Command, frozen=True, kw_only=True, tag="part"):
    """Both stay in the call, and hear nothing of each other."""


class Say(_Command, frozen=True, kw_only=True, tag="say"):
    """Says a text to one of them. `PromptOver` follows."""

    role: Role
    text: str
    language: str


class Ask(_Command, frozen=True, kw_only=True, tag="ask"):
    """Says a text to the customer, and takes digits that are no secret, such as a choice or the reference of a case.
    With `choices` only these are right. With `whole` no key but the star counts before all of the text was said, for
    what somebody agrees to. `Asked` follows."""

    text: str
    language: str
    choices: tuple[str, ...] = ()
    whole: bool = False
    least: int = 1
    most: int = 1
    seconds: float = 20.0
    tries: int = 3


class Capture(_Command, frozen=True, kw_only=True, tag="capture"):
    """Cuts the agent off, takes these items from the customer, hands them to the payment provider, and puts the agent
    back. With `join`, both are joined where they are parted, without a moment in which the agent hears anything before
    it is over. `Captured` follows."""

    items: tuple[Item, ...]
    language: str
    seconds: float = 60.0
    tries: int = 3
    join: bool = False


class HangUp(_Command, frozen=True, kw_only=True, tag="hang_up"):
    """Ends one telephone's part, or all; with `after_prompt` each as soon as what is being said there is over, after 30
    seconds at the latest."""

    role: Role | None = None
    after_prompt: bool = False


class Look(_Command, frozen=True, kw_only=True, tag="look"):
    """Asks for the state only."""


class Find(_Command, frozen=True, kw_only=True, tag="find"):
    """Asks for the newest conversation in which this number was dialled since then, leaving out those in `known`. Its
    own `conversation` is not looked at."""

    number: str
    since: datetime
    known: tuple[str, ...] = ()


class Count(_Command, frozen=True, kw_only=True, tag="count"):
    """Asks how the gateway does; `Counts` is the answer. Its own `conversation` is not looked at."""


Command = Dial | Answer | Refuse | Join | Part | Say | Ask | Capture | HangUp | Look | Find | Count


class TelephoneState(StrEnum):
    CALLING = "calling"
    RINGING = "ringing"
    UP = "up"
    OVER = "over"


class Telephone(msgspec.Struct, frozen=True, kw_only=True):
    """`answered` says whether somebody took it, also when it is over."""

    role: Role
    state: TelephoneState
    answered: bool = False
    why: Why | None = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to each command. `instance` is another one after each start of the gateway: what an earlier one knew
    is lost. `events` is the number of the newest event."""

    instance: str
    conversation: str
    telephones: tuple[Telephone, ...] = ()
    joined: bool = False
    cut: bool = False
    events: int = 0


class Failure(StrEnum):
    """What the gateway could not do."""

    PROVIDER = "provider"
    """The payment provider did not answer, or not in a way that can be read."""
    VOICE = "voice"
    """A text could not be spoken."""
    LEG = "leg"
    """A telephone's sound was given up after an error of ours."""
    RECORDING = "recording"
    """Frames of a recording are missing: the disk was full or too slow."""
    CALL = "call"
    """Somebody rang, and there was no room for the call."""
    EVENT = "event"
    """The back office did not take an event for so long that it was given up."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway does since it started at `since`: numbers only, nothing of any call.

    `conversations` and `telephones` go on now. Of `frames` of 20 ms that telephones were sent, `late_frames` left more
    than 5 ms after their time. `refused` are commands that were not signed, came twice or could not be read,
    `sip_refused` messages and connections of unknown peers, and those that could not be read, `sound_refused` datagrams
    at the ports of sound that were not the telephone's or could not be read; each by a code.
    """

    instance: str
    since: datetime
    conversations: int = 0
    telephones: int = 0
    frames: int = 0
    late_frames: int = 0
    refused: Mapping[str, int] = {}
    sip_refused: Mapping[str, int] = {}
    sound_refused: Mapping[str, int] = {}
    failures: Mapping[str, int] = {}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a command was not done; `code` is for machines."""

    code: str


class CleanWindow(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent's telephone was really sent while it was cut off, counted on the packets that left: of `frames` of
    20 ms, `non_silent` and `events` are 0 if it was clean. `ssrc` and the sequence numbers find them in a recording of
    the wire."""

    capture: Key
    conversation: Id
    instance: Id
    frames: Natural
    non_silent: Natural
    events: Natural
    ssrc: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
    first_sequence: Sequence
    last_sequence: Sequence
    began_at: datetime
    ended_at: datetime

    @property
    def is_clean(self) -> bool:
        return self.frames > 0 and self.non_silent == 0 and self.events == 0


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A window, as the canonical JSON that was signed, and its Ed25519 signature in base64 by the key with this id."""

    window: Annotated[str, msgspec.Meta(max_length=2_000)]
    signature: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9+/=]{1,100}$")]
    key_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class _What(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    pass


class Arrived(_What, frozen=True, kw_only=True, tag="arrived"):
    """Somebody rings. `called` is the number that they dialled, `caller` what their network says of theirs, which
    proves nothing. Unless it is answered within ten seconds, it is refused."""

    called: Annotated[str, msgspec.Meta(max_length=40)]
    caller: Annotated[str, msgspec.Meta(max_length=40)]


class Ringing(_What, frozen=True, kw_only=True, tag="ringing"):
    role: Role


class Answered(_What, frozen=True, kw_only=True, tag="answered"):
    role: Role


class Left(_What, frozen=True, kw_only=True, tag="left"):
    """One telephone is not in the call any more. `answered` says whether somebody had taken it."""

    role: Role
    why: Why
    answered: bool = False


class PromptOver(_What, frozen=True, kw_only=True, tag="prompt_over"):
    """`key` is that of the command; `whole` says whether all of it was played."""

    key: Key
    whole: bool


class Asked(_What, frozen=True, kw_only=True, tag="asked"):
    """The digits that were keyed in, or None; `why` says how it ended, None from a gateway that does not tell."""

    key: Key
    digits: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,33}$")] | None
    why: AskedEnd | None = None


class Keying(_What, frozen=True, kw_only=True, tag="keying"):
    key: Key
    item: Item
    stage: Stage


class Captured(_What, frozen=True, kw_only=True, tag="captured"):
    """`token` is the provider's name for what was keyed in; `brand` and `last_four` are what it shows of the card.
    `proof` is missing where no agent was in the call."""

    key: Key
    outcome: Outcome
    token: Code = ""
    brand: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]{0,20}$")] = ""
    last_four: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]{0,4}$")] = ""
    code: Code = ""
    proof: Proof | None = None


What = Arrived | Ringing | Answered | Left | PromptOver | Asked | Keying | Captured


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`number` counts from 1 in each conversation, so that what comes late can be told."""

    instance: Id
    conversation: Id
    number: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    at: datetime
    what: What
