"""The catalogue of processes. Each is one object, and the rest of the house knows a process only through it.

A process binds its spec and its story to what does its effects and calls, to the forms and rules of its work items, to
its opening, its words and its pages. `parts.PROCESSES` names the objects, a line each; registering refuses a second
process of the same name, and a process that does not bind all of its spec. Every look-up names a process."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import incidents, sentences
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.forms import Accepted, Answer, FailureForm, IncidentForm, ItemForm, OpeningForm
from backoffice.cases.menu_groups import MenuGroup
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.reaching import COMMON_EVIDENCE
from backoffice.cases.sentences import Sentence
from backoffice.cases.sentences import Text as Text
from backoffice.cases.shown_to_customers import Headline as Headline
from backoffice.cases.shown_to_customers import Stands
from backoffice.customers.models import Customer
from backoffice.messages import catalogue as messages
from backoffice.refusals import NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import Right
from workflows.base.spec import (
    COMMON_NOTICES,
    LOOK_INTO_INCIDENT,
    RESOLVE_FAILURE,
    Call,
    Effect,
    Facts,
    ItemKind,
    ProcessSpec,
    Stage,
)

ShowsEvidence = Callable[[Case, WorkItem], Sequence[tuple[str, str]]]
"""The lines of a piece of evidence, as (label, value)."""
ArgsT = TypeVar("ArgsT", bound=Facts)
AnswerT = TypeVar("AnswerT", bound=Facts)
ArgsIn = TypeVar("ArgsIn", bound=Facts, contravariant=True)
AnswerOut = TypeVar("AnswerOut", bound=Facts, covariant=True)


class DoesEffect(Protocol[ArgsIn, AnswerOut]):
    """Changes our own records, inside the transaction of the transition. `now` is aware UTC."""

    def __call__(self, *, case: Case, args: ArgsIn, now: datetime) -> AnswerOut: ...


Record = Callable[[Case, datetime], AnswerT]
"""Records the answer of the outside system, in the transaction after the call. Returns what the story learns."""


class MakesCall(Protocol[ArgsIn, AnswerOut]):
    """Asks the outside system, outside any transaction, and returns the function that records the answer. `key` is the
    idempotency key. `asked_at` is when the process asked for the call (aware UTC): the same in every try, except that
    it may be later after a worker was killed, unless the call is bound with `begins_first`. Raises `OutsideRefused` and
    `OutsideUnavailable`."""

    def __call__(
        self, *, case: Case, args: ArgsIn, key: str, asked_at: datetime, now: datetime
    ) -> Callable[[Case, datetime], AnswerOut]: ...


@dataclass(frozen=True)
class BoundEffect(Generic[ArgsT, AnswerT]):
    spec: Effect[ArgsT, AnswerT]
    does: DoesEffect[ArgsT, AnswerT]


@dataclass(frozen=True)
class BoundCall(Generic[ArgsT, AnswerT]):
    spec: Call[ArgsT, AnswerT]
    makes: MakesCall[ArgsT, AnswerT]
    begins_first: bool = False
    """Its record is written before the first try, so that `asked_at` stays the same: for a system that forgets keys."""


@dataclass(frozen=True)
class BoundItem:
    """A kind of work item, with its form and with the rule that takes a valid answer."""

    spec: ItemKind[Any, Any]
    form: type[ItemForm]
    accept: Callable[[Answer], Accepted]
    hidden_while: frozenset[str] = frozenset()
    """While an item of one of these kinds is open in the case, nobody sees an answer of this kind: for two people who
    must judge without each other."""

    def form_for(self, item: WorkItem, *, by: Actor, data: Mapping[str, Any] | None = None, **kwargs: Any) -> ItemForm:
        """The item's form, empty or with data."""
        return self.form(data, item=item, by=by, kind=self.spec, **kwargs)


class Prepare(Protocol):
    """The rule that opens a case, in the opening's transaction. `content` is the cleaned form. Raises
    `Refused`, and then nothing is written."""

    def __call__(self, *, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Facts: ...


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a case of this process is opened by people and machines: one form, one rule, on every face.

    `prepare` runs in the opening's transaction: it checks, writes the particulars, and gives the facts for the
    story. `by_roles` are the roles of staff who may open one, `by_customers` and `by_machines` say whether they
    may. `whose` finds the customer from the form's fields where none is named. `offer` is the line of a menu:
    "Change my address". Customers find it in `group`, at its top with `comes_first`. `why_not` says why this
    customer cannot have a case now. `why` gives the code of the reason, for the timeline. `page` is a page of the
    portal by which customers open one in fewer presses; the menu leads there. `on_the_phone` lets the desk open one
    for a caller who reads out a code from the portal, whose screen shows it as what the code is for: "Change my
    e-mail address". With `needs_phone_code` staff can open one only so."""

    form: type[OpeningForm]
    prepare: Prepare
    offer: Text
    offer_to_customer: Text = ""
    group: MenuGroup = MenuGroup.OTHER
    comes_first: bool = False
    by_roles: frozenset[str] = frozenset()
    by_customers: bool = False
    by_machines: bool = False
    whose: Callable[[Mapping[str, Any]], Customer | None] = lambda data: None
    why: Callable[[Mapping[str, Any]], str] = lambda content: ""
    why_not: Callable[[Customer], str] = lambda customer: ""
    page: str = ""
    on_the_phone: Text = ""
    needs_phone_code: bool = False

    def __post_init__(self) -> None:
        if self.needs_phone_code and not self.on_the_phone:
            raise ValueError(f"“{self.offer}” needs a code, and does not say what the code is for")


@dataclass(frozen=True, kw_only=True)
class DeskLink:
    """A page of a process in the menu of the desk, for those whom `right` allows. `page` is the name of its view
    within the process, `key` the letter that leads there after `g`."""

    page: str
    label: Text
    key: str
    right: Right


@dataclass(frozen=True, kw_only=True)
class DeskWork:
    """Work at the desk for which no case was opened yet, as a row of the worklist. `what`, `who` and `why` are as in
    the row of a work item. `address` is the URL of its page, `claim` the one to which a POST takes it; `is_mine` means
    that the reader has taken it, `is_first` that it comes before everything else, such as somebody on the telephone."""

    id: str
    what: str
    reference: str
    who: str
    why: str
    due_at: datetime
    address: str
    claim: str = ""
    is_mine: bool = False
    is_first: bool = False


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """An appointment of a field agent, as the list of the day shows it. `day` and `title` say when it is, on the clock
    of its place. `where` says for whom and at which address, `route` opens the way there in the agent's map; both are
    empty once the agent no longer needs to know. `state` is one of the six states, with its `words`, or empty when
    there is nothing to say. `address` is the URL of its own page. `going_on` means that it has begun, `is_ahead` that
    something is left to do."""

    case: Case
    starts: datetime
    title: str
    address: str
    day: str = ""
    where: str = ""
    route: str = ""
    state: str = ""
    words: str = ""
    going_on: bool = False
    is_ahead: bool = True


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The process's own pages beside the generic ones, as the dotted names of modules with `urlpatterns`. Each face
    mounts them in a namespace named after the process. A panel returns a template and its context for a place on a
    generic page, or None when there is nothing to show."""

    desk: str = ""
    portal: str = ""
    field: str = ""
    api: str = ""
    desk_link: DeskLink | None = None
    desk_work: Callable[[Actor, User, datetime], Sequence[DeskWork]] = lambda by, user, now: ()
    """What waits at the desk beside the work items for this person now: the most urgent first, at most a full list."""
    desk_news: Callable[[], QuerySet[Any] | None] = lambda: None
    """The rows on which `desk_work` depends, each with the values `row` (a UUID), `changes_at` (a time) and `taken_by`
    (a number): an open worklist is shown anew when one of them changes, or when its time comes."""
    desk_panel: Callable[[Case], tuple[str, Mapping[str, Any]] | None] = lambda case: None
    portal_panel: Callable[[Case, Any], tuple[str, Mapping[str, Any]] | None] = lambda case, by: None
    party_panel: Callable[[Case, Any], tuple[str, Mapping[str, Any]] | None] = lambda case, by: None
    """What a second party sees of the case, who is shown nothing of it but what they did themselves."""
    item_done: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By kind of work item: the page after the answer, a view that takes the reference: "portal:<process>:<page>"."""
    item_page: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By kind of work item: the page of the desk on which it is done, likewise: "admin:<process>:<page>"."""
    appointments: Callable[[User, datetime], Sequence[Appointment]] = lambda user, now: ()
    """This agent's appointments of today, on pages of their own; the field face lists all other work items itself."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """`shows` returns what messages may show in addition to what the story says. It is called when a message is
    written, so these values are in no history of the engine. `evidence` gives the lines of each evidence that a kind
    declares."""

    spec: ProcessSpec
    story: type[Any]
    items: Sequence[BoundItem]
    effects: Sequence[BoundEffect[Any, Any]] = ()
    calls: Sequence[BoundCall[Any, Any]] = ()
    opening: Opening | None = None
    prepare: Prepare | None = None
    """For a process that only another case opens."""
    headline: Callable[[Case], Headline] | None = None
    party_headline: Callable[[Case], Headline] | None = None
    """The same for a second party, of whom it must be true in every state."""
    stands: Callable[[Case], Stands | None] = lambda case: None
    """Where a case stands, where no open work item tells it; None for what is said of every case."""
    summary: Callable[[Case], str] = lambda case: ""
    """What the process's title leaves open, for staff: "fraud"."""
    about: Callable[[Case], str] = lambda case: ""
    """What a case is about, as a sentence for a confirmation by its customer."""
    sentences: Mapping[str, Sentence] = dataclasses.field(default_factory=dict)
    words: Mapping[str, Mapping[str, Text]] = dataclasses.field(default_factory=dict)
    """The words of the codes in its events and work items, by the code's name: `{"risk": {"high": _("high")}}`.
    `call` says what each call asks for, after "refused to", and `refusal` why an outside system refuses."""
    shows: Callable[[Case, str], Mapping[str, str]] = lambda case, notice: {}
    evidence: Mapping[str, ShowsEvidence] = dataclasses.field(default_factory=dict)
    on_close: Callable[[Case], None] = lambda case: None
    on_freeze: Callable[[Case, datetime], None] = lambda case, now: None
    """Runs in the transaction that freezes the case: for what outside systems do meanwhile. Likewise the next one."""
    on_unfreeze: Callable[[Case, datetime], None] = lambda case, now: None
    never_frozen: Text = ""
    why_not_stop: Callable[[Case, Actor], str] = lambda case, by: ""
    """Why no such case is frozen; and why this actor cannot stop one before its point of no return; empty if so."""
    call_sheet: Callable[[Case], CallSheet | None] = lambda case: None
    """What a call of ours about such a case is for; None when there is nothing to call about."""
    rights: Sequence[Right] = ()
    """The rows of the policy table for what its own rules let people do, beside opening and answering."""
    pages: Pages = dataclasses.field(default_factory=Pages)

    @property
    def name(self) -> str:
        return self.spec.name

    def effect(self, name: str) -> BoundEffect[Any, Any]:
        """Raises `KeyError` for an effect that this process does not have."""
        return {bound.spec.name: bound for bound in self.effects}[name]

    def shows_evidence(self, name: str) -> ShowsEvidence:
        """Raises `KeyError` for evidence that neither this process has nor all processes."""
        return {**COMMON_EVIDENCE, **self.evidence}[name]

    def call(self, name: str) -> BoundCall[Any, Any]:
        """Raises `KeyError` for a call that this process does not have."""
        return {bound.spec.name: bound for bound in self.calls}[name]

    def item(self, kind: str) -> BoundItem:
        """Raises `NotFound` for a kind that this process does not have."""
        found = next((bound for bound in (*self.items, *COMMON_ITEMS) if bound.spec.name == kind), None)
        if found is None:
            raise NotFound("unknown_kind", _("There is no such kind of work item."))
        return found

    def message(self, notice: str) -> str:
        """The code of a message of this process, or of one that is common to all."""
        own = any(one.name == notice for one in self.spec.notices)
        return messages.code_of(notice, process=self.name if own else "")

    def message_facts(self, case: Case, notice: str) -> dict[str, str]:
        """What a message of this case shows in addition to what the story says."""
        allowed = messages.known(self.message(notice)).shows
        return {name: value for name, value in self.shows(case, notice).items() if name in allowed}

    def prepares(self, case: Case, content: Mapping[str, Any], *, by: Actor, now: datetime) -> Facts:
        prepare = self.opening.prepare if self.opening else self.prepare
        if prepare is None:
            raise NotFound("not_openable", _("Only another case can open a case of this process."))
        return prepare(case=case, content=content, by=by, now=now)


def decided(answer: Answer) -> Accepted:
    """The rule for a work item that is a decision: an outcome with a reason."""
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])


def incident_looked_into(answer: Answer) -> Accepted:
    """The rule of the work item of an incident."""
    outcome, reason = answer.cleaned["outcome"], answer.cleaned["reason"]
    called = incidents.called_in(answer.cleaned)
    incidents.answered(answer.case, answer.item.step, outcome=outcome, by=answer.by, reason=reason, called=called)
    return Accepted(outcome, reason=reason)


EVERY_OPENING = frozenset({"process", "key", "customer"})
"""What machines and commands give with every opening, in addition to the fields of its form."""
COMMON_ITEMS = (
    BoundItem(RESOLVE_FAILURE, FailureForm, decided),
    BoundItem(LOOK_INTO_INCIDENT, IncidentForm, incident_looked_into),
)
_processes: dict[str, Process] = {}


def register(process: Process) -> None:
    """Raises `ValueError` for a second process of the same name, and for one that is not whole."""
    if process.name in _processes:
        raise ValueError(f"two processes are called “{process.name}”")
    _check_whole(process)
    _processes[process.name] = process
    for kind, sentence in process.sentences.items():
        sentences.register(kind, sentence)
    for notice in process.spec.notices:
        messages.register(notice, process=process.name, shows=process.spec.shows)


def _check_whole(process: Process) -> None:
    for what, declared, bound in (
        ("kinds", process.spec.kinds, process.items),
        ("effects", process.spec.effects, process.effects),
        ("calls", process.spec.calls, process.calls),
    ):
        _check_bound(process.name, what, [one.name for one in declared], [one.spec.name for one in bound])
    if process.opening and (taken := EVERY_OPENING & process.opening.form.base_fields.keys()):
        raise ValueError(f"{process.name}: every opening says {', '.join(sorted(taken))}; its form may not ask for it")
    shown = [evidence.name for kind in process.spec.kinds for evidence in kind.evidence]
    if missing := (set(shown) - set(COMMON_EVIDENCE)) ^ set(process.evidence):
        raise ValueError(f"{process.name}: evidence declared or bound alone: {sorted(missing)}")


def _check_bound(process: str, what: str, declared: Iterable[str], bound: Sequence[str]) -> None:
    if sorted(declared) != sorted(bound):
        raise ValueError(f"{process}: its {what} are {sorted(declared)}, but bound are {sorted(bound)}")


def load(names: Iterable[str]) -> None:
    """Registers the processes of these dotted names, and the messages that every process can send."""
    for notice in COMMON_NOTICES:
        messages.register(notice)
    for name in names:
        register(import_string(name))


def all_processes() -> Sequence[Process]:
    return tuple(_processes.values())


def process(name: str) -> Process:
    """Raises `NotFound` for a process that is not installed here."""
    try:
        return _processes[name]
    except KeyError:
        sentence = _("There is no process “%(name)s”.") % {"name": name}
        raise NotFound("unknown_process", sentence, field="process") from None


def spec(name: str) -> ProcessSpec:
    return process(name).spec


def item_kind(process_name: str, kind: str) -> ItemKind[Any, Any]:
    return process(process_name).item(kind).spec


def answering(item: WorkItem) -> BoundItem:
    """The form and the rule of a work item."""
    return process(item.case.process).item(item.kind)


def stage(process_name: str, value: str) -> Stage | None:
    """The stage of that value; None before the first one."""
    return spec(process_name).stage(value)
