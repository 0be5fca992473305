"""The processes and the policy table as documents, made only from their declarations.

`manage.py document_processes --write` keeps `docs/processes.md` and `docs/rights.md`; a test checks that both are
current.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from backoffice.cases import permissions
from backoffice.cases.catalogue import all_processes
from backoffice.staff.models import Role
from backoffice.staff.rights import Right
from workflows.base.spec import (
    COMMON_KINDS,
    COMMON_NOTICES,
    ItemKind,
    Notice,
    PartyRole,
    Performer,
    ProcessSpec,
    WhenDue,
)

_HEAD = """# Processes

This page is made from the declarations in `workflows/` by `manage.py document_processes --write`; do not edit it.
[new-process.md](new-process.md) says how to write a process, [engine.md](engine.md) what the base gives to each.

Every case can also be **withdrawn** (by the customer or the desk, until the point of no return), **frozen** and
unfrozen (the time in which it was frozen does not count), **rejected**, **expired**, or **failed**, when an outside
system refused for good and a person gave up. What was done before is then taken back, the last thing first."""


def processes() -> str:
    """The whole page of the processes, with a final line break."""
    parts = [_HEAD, *(part for process in all_processes() for part in _process(process.spec))]
    parts += ["## In every process", "### In every process: work items", _kinds(COMMON_KINDS)]
    parts += ["### In every process: messages", _notices(COMMON_NOTICES)]
    return "\n\n".join(parts) + "\n"


_RIGHTS_HEAD = """# Who may do what

This page is made from the policy table in `backoffice/staff/rights.py`, and from what the processes declare, by
`manage.py document_processes --write`; do not edit it.

Every rule function stands under one of these rows and refuses everybody else, whatever route led to it: desk, portal,
field, API, command line or a process. A role is what a group of this name gives to an active member of staff; a
superuser has none. A customer may do something only to what is their own. “Machines” are outside systems, through the
address that was made for them; “process” is the process of a case itself. “Besides” says what the rule asks as well."""


def policy() -> str:
    """The whole page of the policy table, with a final line break."""
    parts = [_RIGHTS_HEAD, "## In every process", _rights(permissions.common_rows())]
    parts += ["### In every process: work items", _rights([permissions.to_answer(kind) for kind in COMMON_KINDS])]
    for process in all_processes():
        parts += [f"## {process.spec.title}", _rights(permissions.rows_of(process))]
    return "\n\n".join(parts) + "\n"


def _rights(rows: Sequence[Right]) -> str:
    head = ("what", *(str(role.label) for role in Role), "customer", "machines", "process", "besides")
    return _table(head, (_right(row) for row in rows))


def _right(row: Right) -> tuple[str, ...]:
    who = (*(role in row.roles for role in Role), row.customers, row.machines, row.process)
    return (str(row.what), *("yes" if may else "–" for may in who), str(row.besides) or "–")


def _process(declared: ProcessSpec) -> Iterator[str]:
    yield f"## {declared.title}"
    yield f"`{declared.name}`; the customer reads “{declared.customer_title}”."
    if declared.stopping:
        yield f"What stopping it means, in the customer's words: {declared.stopping}"
    yield f"### {declared.title}: stages"
    rows = (
        (f"`{stage.value}`", stage.staff, stage.customer or "–", "some cases" if stage.optional else "all")
        for stage in declared.stages
    )
    yield _table(("stage", "for staff", "for the customer", "reached by"), rows)
    yield f"### {declared.title}: work items"
    yield _kinds(declared.kinds, declared.parties)
    if declared.effects or declared.calls or declared.children:
        yield f"### {declared.title}: what it does"
        yield _table(("what", "of what", "takes back"), _acts(declared))
    yield f"### {declared.title}: messages"
    yield _notices(declared.notices, declared.parties)
    if list(declared.endings):
        yield f"### {declared.title}: early endings"
        endings = ((f"`{ending.value}`", ending.result.value, ending.words) for ending in declared.endings)
        yield _table(("ending", "result", "why"), endings)
    yield f"### {declared.title}: periods"
    yield _table(("what", "how long"), ((name, _length(span)) for name, span in declared.periods.named()))


def _acts(declared: ProcessSpec) -> Iterator[tuple[str, ...]]:
    for effect in declared.effects:
        yield f"`{effect.name}`", "our own records", _code(effect.undoes)
    for call in declared.calls:
        yield f"`{call.name}`", f"the outside system “{call.system}”", _code(call.undoes)
    for child in declared.children:
        yield f"`{child.process}`", "a case under this one", "–"


def _notices(notices: Sequence[Notice], parties: Sequence[PartyRole] = ()) -> str:
    titles = {party.name: party.title for party in parties}
    rows = (
        (
            f"`{notice.name}`",
            titles.get(notice.to, "the customer"),
            ", ".join(channel.value for channel in notice.channels),
            "at once" if notice.urgent else "in the daytime" if notice.reminder else "soon",
            f"{notice.about} {notice.asks}",
        )
        for notice in notices
    )
    return _table(("message", "to", "by", "when", "what it says and asks"), rows)


def _code(name: str) -> str:
    return f"`{name}`" if name else "–"


def _kinds(kinds: Sequence[ItemKind[Any, Any]], parties: Sequence[PartyRole] = ()) -> str:
    head = ("work item", "who", "assurance", "part", "outcomes", "due", "reminders", "when due")
    titles = {party.name: party.title for party in parties}
    return _table(head, (_kind(kind, titles) for kind in kinds))


def _kind(kind: ItemKind[Any, Any], titles: Mapping[str, str]) -> tuple[str, ...]:
    return (
        f"{kind.title} (`{kind.name}`)",
        kind.role or titles.get(kind.party, _WHO[kind.performer]),
        f"L{kind.level}",
        kind.part or "–",
        ", ".join(outcome.value for outcome in kind.outcomes),
        _length(kind.due),
        ", ".join(_length(mark) for mark in kind.reminders(kind.due)) or "–",
        "goes to supervisors too" if kind.when_due is WhenDue.ESCALATE else "closes as expired",
    )


_WHO = {
    Performer.CUSTOMER: "the customer",
    Performer.ROLE: "a role",
    Performer.PERSON: "a person named by the process",
    Performer.PARTY: "a second party",
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _length(span: timedelta) -> str:
    """A duration in words: "14 days", "2 h 30 min"."""
    minutes = round(span.total_seconds() / 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
