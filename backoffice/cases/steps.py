"""Does what a process said between two waits, in our own rows, within the caller's unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.actors import Actor, system
from backoffice.cases import catalogue, parties, timeline
from backoffice.cases.closing import close_case
from backoffice.cases.items import escalate, expire, open_items, remind, withdraw_items
from backoffice.cases.models import Case
from backoffice.cases.opening import open_case
from backoffice.messages.telling import Notice, tell_all
from workflows.base.contracts import OpenChild, Said, SendNotice, Wire, from_wire, to_wire


@dataclass(frozen=True)
class Came:
    """The result: what the last effect answered, and the steps that were answered before they could expire."""

    facts: Wire
    late: tuple[str, ...]


def do(case: Case, said: Said, *, now: datetime) -> Came:
    """Within `changing`. Raises what a rule raises; the caller's unit of work then writes nothing."""
    by = system()
    facts: Wire = {}
    if said.no_return:
        case.past_no_return = True
        timeline.note(case, "case.no_return", by=by, at=now)
    for called in said.effects:
        bound = catalogue.process(case.process).effect(called.name)
        facts = to_wire(bound.does(case=case, args=from_wire(called.args, bound.spec.args), now=now))
    if said.stage:
        case.stage = said.stage
        timeline.note(case, "case.stage", by=by, data={"stage": said.stage}, at=now)
    if said.waiting_on:
        case.waiting_on, case.waiting_until = said.waiting_on, said.waiting_until
    withdraw_items(case, steps=said.withdraws, by=by, now=now)
    late = expire(case, steps=said.expires, by=by, now=now)
    remind(case, steps=said.reminds, by=by, now=now)
    escalate(case, steps=said.escalates, by=by, now=now)
    open_items(case, opens=said.opens, by=by, now=now)
    _send(case, said.notices, by=by, now=now)
    for child in said.children:
        _open_child(case, child, by=by, now=now)
    if said.close:
        close_case(case, close=said.close, by=by, now=now)
    return Came(facts, late)


def _send(case: Case, sent: Sequence[SendNotice], *, by: Actor, now: datetime) -> None:
    """Writes all messages of a step, reader by reader. Urgent ones go to earlier addresses too."""
    process = catalogue.process(case.process)
    by_reader: dict[str, list[Notice]] = {}
    for one in sent:
        notice = process.spec.notice(one.name)
        message = Notice(
            process.message(notice.name),
            {**process.message_facts(case, notice.name), **one.shows},
            channels=tuple(channel.value for channel in notice.channels),
            urgent=notice.urgent or notice.stops,
            to_old=notice.urgent or notice.stops,
        )
        by_reader.setdefault(notice.to, []).append(message)
    for role, notices in by_reader.items():
        reader = parties.of_case(case)[role].customer if role else case.customer
        tell_all(customer=reader, case_id=case.id, case_reference=case.reference, notices=notices, by=by, now=now)
        for message in notices:
            told = {"template": message.template, "channels": ",".join(message.channels)}
            timeline.note(case, "party.told" if role else "case.told", by=by, data=told | _of(role), at=now)


def _of(role: str) -> dict[str, str]:
    return {"party": role} if role else {}


def _open_child(case: Case, opened: OpenChild, *, by: Actor, now: datetime) -> None:
    child, _ = open_case(
        process=opened.process,
        customer=case.customer,
        by=by,
        key=f"{case.id}:{opened.step}",
        content={**opened.facts, "step": opened.step},
        parent=case,
        now=now,
    )
    timeline.note(case, "child.opened", by=by, data={"reference": child.reference}, at=now)
