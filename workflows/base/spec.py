"""What a process declares about itself. It is declared only once; faces, API, admin and documentation read it. This is
plain data, without Django, Temporal or I/O. Texts are English sources for gettext. Names are codes that are unique only
within their process: two processes may both have a "review".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

import msgspec

from workflows.base.vocabulary import (
    EXPIRED as EXPIRED,
)
from workflows.base.vocabulary import (
    N_ as N_,
)
from workflows.base.vocabulary import (
    Ending as Ending,
)
from workflows.base.vocabulary import (
    MessageChannel as MessageChannel,
)
from workflows.base.vocabulary import (
    Outcome as Outcome,
)
from workflows.base.vocabulary import (
    Performer as Performer,
)
from workflows.base.vocabulary import (
    Result as Result,
)
from workflows.base.vocabulary import (
    Stage as Stage,
)
from workflows.base.vocabulary import (
    WhenDue as WhenDue,
)


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The base of what a process learns or says: enums, aware times, numbers, opaque ids. Never personal data."""


class Nothing(Facts, frozen=True):
    """No facts: nothing is learned or said."""


@dataclass(frozen=True, kw_only=True)
class PartyRole:
    """A second party to a case, in addition to its customer: "the new holder". `level` is the level of assurance with
    which the customer makes a code that they hand over to the party."""

    name: str
    title: str
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A message to a person. Its words are in `templates/messages/<process>/<name>.txt`.

    `about` says what the message tells and `asks` what its reader should do. These sentences suit every reader and hold
    no name, number or amount: the desk, the public check page and "who contacted me" show them. An `urgent` notice goes
    out at once, even at night, and also to recently replaced addresses. A `reminder` waits for the morning. `to` is the
    name of a party, or empty for the customer. `shows` are the facts that it may show in addition to those common to
    all.
    """

    name: str
    about: str
    asks: str = "It asks to sign in as always and to look at the case."
    channels: tuple[MessageChannel, ...] = (MessageChannel.MAIL,)
    urgent: bool = False
    reminder: bool = False
    to: str = ""
    shows: tuple[str, ...] = ()
    enrols: bool = False
    """It holds a code that opens an account and is good for a day (NIST SP 800-63A): of the codes, only this one and
    one that `proves_address` may go by mail."""
    proves_address: bool = False
    """It holds a code that shows that its reader gets what is sent to a new address. It goes to that address alone, by
    any channel, and without the customer's phrase, because nobody knows yet whose address that is."""
    stops: bool = False
    """Whoever reads it can stop the case without signing in: with its check code, on the public page for that. It goes
    to the addresses of the last thirty days too, by mail and by text message, and says how to stop the case."""


SIGN_IN = N_("It asks to sign in as always and to look at the case.")
ASKS_NOTHING = N_("It asks for nothing.")

ITEM_REMINDER = Notice(
    name="item_reminder",
    about=N_("It is a reminder of a step for which a case waits."),
    reminder=True,
    shows=("until",),
)


OutcomeT = TypeVar("OutcomeT", bound=Outcome)
FactsT = TypeVar("FactsT", bound=Facts)
ArgsT = TypeVar("ArgsT", bound=Facts)
AnswerT = TypeVar("AnswerT", bound=Facts)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Something that the person who answers a work item needs to see. Evidence `on_request` is shown only after they
    ask for it; this is noted, and the customer can see it afterwards."""

    name: str
    title: str
    on_request: bool = False


CUSTOMER_PHONE = Evidence(name="customer_phone", title=N_("The customer's telephone number"), on_request=True)
"""Every kind of work item that asks for a call can declare it."""
COMMON_EVIDENCE = (CUSTOMER_PHONE,)


@dataclass(frozen=True, kw_only=True)
class ItemKind(Generic[OutcomeT, FactsT]):
    """A kind of work item: everything that a face or a rule must know about it. `level` is the level of assurance that
    an answer needs (0 to 3). `part` is the part in the case that answering takes: nobody has two parts in one family of
    cases (four eyes). A `sensitive` item needs a second factor shown within the last fifteen minutes. `remind` is
    counted from the opening; None means at 50 % and 85 % of `due`. `facts` is the type of what an answer tells the
    process in addition to its outcome.
    """

    name: str
    title: str
    performer: Performer
    outcomes: type[OutcomeT]
    facts: type[FactsT]
    due: timedelta
    customer_title: str = ""
    press: str = ""
    """What stands on the button that leads to it, where "Start" would not say what one decides there."""
    role: str = ""
    party: str = ""
    level: int = 1
    part: str = ""
    part_words: str = ""
    """Why a person with this part may take no other one: "You made the visit; another person must do this."."""
    sensitive: bool = False
    evidence: tuple[Evidence, ...] = ()
    remind: tuple[timedelta, ...] | None = None
    reminder: Notice = ITEM_REMINDER
    """The message that reminds a customer or a party. Staff are reminded by their worklist."""
    when_due: WhenDue = WhenDue.ESCALATE
    while_frozen: bool = False
    """It can be answered while the case is frozen, because it looks into the suspicion itself."""
    for_story: bool = True
    """Its answer goes to the story. This is false for items that the back office itself opens."""

    def __post_init__(self) -> None:
        expires = any(outcome.value == EXPIRED for outcome in self.outcomes)
        if expires != (self.when_due is WhenDue.EXPIRE):
            raise ValueError(f"{self.name}: the outcome “{EXPIRED}” goes with WhenDue.EXPIRE, and only with it")

    def reminders(self, due: timedelta) -> tuple[timedelta, ...]:
        """When to remind of an item that is due after `due`, counted from its opening."""
        if self.remind is not None:
            return tuple(mark for mark in self.remind if mark < due)
        return (due * 0.5, due * 0.85)

    @property
    def decisions(self) -> tuple[OutcomeT, ...]:
        """The outcomes that a person can choose: all but "expired", which nobody decides."""
        return tuple(outcome for outcome in self.outcomes if outcome.value != EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Effect(Generic[ArgsT, AnswerT]):
    """What a process does to our own records, in the transaction of its transition."""

    name: str
    args: type[ArgsT]
    answer: type[AnswerT]
    undoes: str = ""
    """The name of the effect that this one undoes."""


@dataclass(frozen=True, kw_only=True)
class Call(Generic[ArgsT, AnswerT]):
    """What a process asks of an outside system. `system` is the system's code: when it answers again, all calls that
    wait for it are tried again. If `answer` is `Nothing`, the story does not wait for the call, which goes with the
    next transition."""

    name: str
    system: str
    args: type[ArgsT]
    answer: type[AnswerT]
    undoes: str = ""


@dataclass(frozen=True, kw_only=True)
class Signal(Generic[FactsT]):
    """Something that happens outside the process, and for which its story waits."""

    name: str
    facts: type[FactsT]


@dataclass(frozen=True, kw_only=True)
class Child(Generic[FactsT]):
    """A case of another process under this one: the name of that process, and the facts that it gives when it
    closes."""

    process: str
    facts: type[FactsT]


@dataclass(frozen=True)
class Periods:
    """The base of a process's durations: a frozen dataclass of `timedelta` with defaults. They are written nowhere
    else."""

    def named(self) -> Iterator[tuple[str, timedelta]]:
        """Each as (words, duration), in the declared order."""
        for one in dataclasses.fields(self):
            yield one.name.replace("_", " "), getattr(self, one.name)


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """`opening` are the facts that the story starts with, `closing` those that a parent learns at the end. `stopping`
    tells the customer what stopping the case means."""

    name: str
    title: str
    customer_title: str
    stages: type[Stage]
    endings: type[Ending]
    kinds: tuple[ItemKind[Any, Any], ...]
    notices: tuple[Notice, ...]
    periods: Periods
    effects: tuple[Effect[Any, Any], ...] = ()
    calls: tuple[Call[Any, Any], ...] = ()
    signals: tuple[Signal[Any], ...] = ()
    parties: tuple[PartyRole, ...] = ()
    children: tuple[Child[Any], ...] = ()
    opening: type[Facts] = Nothing
    closing: type[Facts] = Nothing
    stopping: str = ""
    shows: tuple[str, ...] = ()
    """The facts that all of its messages may show: "last_four"."""
    harmless: bool = False
    """Nothing that the customer has changes by it, so that a suspicion about the customer's account does not pause
    it."""

    def __post_init__(self) -> None:
        for what in (self.kinds, self.notices, self.effects, self.calls, self.signals, self.parties):
            names = [one.name for one in what]
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{self.name} declares twice: {', '.join(sorted(twice))}")

    def kind(self, name: str) -> ItemKind[Any, Any]:
        """Raises `KeyError` for a kind that neither this process has nor all processes."""
        return _named(self.kinds + COMMON_KINDS, name)

    def notice(self, name: str) -> Notice:
        return _named(self.notices + COMMON_NOTICES, name)

    def effect(self, name: str) -> Effect[Any, Any]:
        return _named(self.effects, name)

    def call(self, name: str) -> Call[Any, Any]:
        return _named(self.calls, name)

    def signal(self, name: str) -> Signal[Any]:
        return _named(self.signals, name)

    def stage(self, value: str) -> Stage | None:
        """The stage of that value; None before the first one."""
        return next((stage for stage in self.stages if stage.value == value), None)

    def ending(self, reason: str) -> Ending | None:
        """The ending of that code; None for every other reason why a case ends."""
        return next((ending for ending in self.endings if ending.value == reason), None)

    def why(self, reason: str) -> str:
        """Why a case of this process ended, in words for staff; the code itself if it has no declared words."""
        return ending.words if (ending := self.ending(reason)) else reason


_N = TypeVar("_N", ItemKind[Any, Any], Notice, Effect[Any, Any], Call[Any, Any], Signal[Any])


def _named(known: tuple[_N, ...], name: str) -> _N:
    for one in known:
        if one.name == name:
            return one
    raise KeyError(name)


class NoEnding(Ending):
    """For a process whose story never ends early."""


class FailureOutcome(Outcome):
    RETRY = "retry", N_("Try again")
    GIVE_UP = "give_up", N_("Give up and stop the case")


RESOLVE_FAILURE = ItemKind(
    name="resolve_failure",
    title=N_("Resolve what an outside system refused"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=FailureOutcome,
    facts=Nothing,
    due=timedelta(hours=4),
)
"""Every process can ask for it: an outside system refused for good, and a person decides what to do."""


class IncidentOutcome(Outcome):
    TRY_AGAIN = "try_again", N_("Try again")
    LOOKED_INTO = "looked_into", N_("Looked into: nothing is left to do")


LOOK_INTO_INCIDENT = ItemKind(
    name="look_into_incident",
    title=N_("Look into what went wrong"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=IncidentOutcome,
    facts=Nothing,
    due=timedelta(hours=4),
    while_frozen=True,
    for_story=False,
    evidence=(CUSTOMER_PHONE,),
)
"""Something failed and does not recover by itself. The item stays in the worklist until somebody has looked into it, or
until it works again."""

COMMON_KINDS: tuple[ItemKind[Any, Any], ...] = (RESOLVE_FAILURE, LOOK_INTO_INCIDENT)

CASE_WITHDRAWN = Notice(
    name="case_withdrawn",
    about=N_("It says that a case was stopped."),
    asks=N_("It asks to call us if somebody else stopped the case."),
)
CASE_EXPIRED = Notice(
    name="case_expired",
    about=N_("It says that a case ended because its time ran out."),
    asks=N_("It asks to open a new case, or to call us, if it is still needed."),
)
CASE_REJECTED = Notice(
    name="case_rejected",
    about=N_("It says that we cannot do what was asked in a case."),
    asks=N_("It asks to call us to hear why."),
)
CASE_FROZEN = Notice(
    name="case_frozen",
    about=N_("It says that a case is paused while we check something."),
    asks=N_("It asks the customer to call us if somebody else contacts them about this case."),
)
CASE_UNFROZEN = Notice(name="case_unfrozen", about=N_("It says that a case goes on."))
STOPPED_BY_NOTICE = Notice(
    name="case_stopped_by_notice",
    about=N_("It says that somebody stopped a case with the code of one of our messages."),
    asks=N_("It asks the reader to call us, and to change their password if they did not ask for the change."),
    channels=(MessageChannel.MAIL, MessageChannel.SMS),
    urgent=True,
)
CASE_DONE = Notice(name="case_done", about=N_("It says that a case is finished."), asks=ASKS_NOTHING)
PARTY_ASKED = Notice(name="party_asked", about=N_("It says that somebody else's case needs something from the reader."))
PARTY_INVITED = Notice(
    name="party_invited",
    about=N_("It invites the reader to take part in somebody else's case."),
    asks=N_("It asks to open our page for invitations, and to type the code from the message there."),
    shows=("code", "until"),
    enrols=True,
)
PARTY_INVITED_BY_LETTER = Notice(
    name="party_invited_by_letter",
    about=N_("It invites the reader to take part in somebody else's case."),
    asks=N_("It asks to open our page for invitations, and to type the code from the letter there."),
    channels=(MessageChannel.LETTER,),
    shows=("code", "until"),
    enrols=True,
)
PARTY_PROVES_MAIL = Notice(
    name="party_proves_mail",
    about=N_("It holds a code that shows that an e-mail address is the reader's."),
    asks=N_("It asks to type the code on our page for invitations, if the reader asked for it there."),
    shows=("code", "until"),
    proves_address=True,
)
COMMON_NOTICES: tuple[Notice, ...] = (
    *(ITEM_REMINDER, CASE_WITHDRAWN, CASE_EXPIRED, CASE_REJECTED, CASE_DONE, CASE_FROZEN, CASE_UNFROZEN),
    *(STOPPED_BY_NOTICE, PARTY_ASKED, PARTY_INVITED, PARTY_INVITED_BY_LETTER, PARTY_PROVES_MAIL),
)
"""The messages that every process can send. Their words are in `templates/messages/`."""
