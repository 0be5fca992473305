"""What the account updater answers, line by line: once each, whatever order, however often, and however late.

An answer that fits nothing is kept apart: for a line that we never sent, for one that was answered before, for a card
or a case that is closed. It changes nothing, and a person at the desk is told, once for each response. A payment that
the network knows and we did not is no such answer, but a find (`finding.py`).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from backoffice.actors import Actor
from backoffice.cards.autopay import files, finding, lines
from backoffice.cards.autopay.models import (
    MOVES,
    AutopayUpdate,
    Line,
    LineState,
    MovedBy,
    NetworkAnswer,
    UpdaterResponse,
)
from backoffice.cards.autopay.rights import REPORT_UPDATES
from backoffice.cards.models import CardState
from backoffice.cases import alarms, timeline
from backoffice.cases.models import CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.staff.rights import needs
from backoffice.statements import insert_new
from workflows.autopay_update.spec import AUTOPAY_UPDATE

MOST_SHOWN = 50
"""Lines that an alarm names; it says how many there are in all."""
_KNOWN = frozenset(NetworkAnswer.values) - {NetworkAnswer.NONE.value}


@dataclass
class Taken:
    """What came of a response: `again` when it was taken before, `found` payments that we did not know. `apart` are the
    lines that changed nothing, each with the reason: "unknown_line", "answered_before", "closed", "unknown_answer",
    "other_response"; and finds: "unknown_card"."""

    again: bool = False
    moved: int = 0
    noted: int = 0
    found: int = 0
    apart: dict[str, str] = field(default_factory=dict)


@needs(REPORT_UPDATES)
@transaction.atomic
def take(*, response: files.Response, by: Actor, now: datetime) -> Taken:
    """Takes a response. The same number of the same batch with the same lines is taken once."""
    taken, digest, key = Taken(), _digest(response), f"{response.batch.hex}:{response.number}"
    if insert_new(UpdaterResponse(key=key, digest=digest, at=now), unique="key"):
        _take_new(response, taken, by=by, now=now)
    elif UpdaterResponse.objects.get(key=key).digest == digest:
        taken.again = True
    else:
        taken.apart = _all(response, "other_response")
    if taken.apart:
        _tell(response, digest, taken.apart, now=now)
    return taken


def _take_new(response: files.Response, taken: Taken, *, by: Actor, now: datetime) -> None:
    update = AutopayUpdate.objects.filter(batch=response.batch).first()
    if update is None:
        taken.apart = _all(response, "unknown_line")
        return
    with changing(update.case_id) as case:
        update = AutopayUpdate.objects.select_related("card").get(pk=update.pk)
        update.case = case
        by_id = _lines(update)
        for answered in response.lines:
            line = by_id.get(answered.id)
            if why := _why_apart(update, line, answered):
                taken.apart[str(answered.id)] = why
            elif line is not None:
                _apply(line, NetworkAnswer(answered.answer), taken, now=now)
        for number, told in enumerate(response.finds, start=len(response.lines) + 1):
            _take_find(update, told, number, taken, now=now)
        if taken.moved or taken.noted:
            data = {"moved": str(taken.moved), "others": str(taken.noted)}
            timeline.note(case, "autopay.answered", by=by, data=data, at=now)
        if taken.found:
            timeline.note(case, "autopay.found", by=by, data={"lines": str(taken.found)}, at=now)
        if taken.moved or taken.noted or taken.found:
            lines.tell_process(update)


def _lines(update: AutopayUpdate) -> Mapping[uuid.UUID, Line]:
    found = Line.objects.filter(update=update, in_batch=True)
    found = found.select_related("mandate__biller__endpoint", "mandate__card", "old_card")
    lines_of = {line.public_id: line for line in found}
    for line in lines_of.values():
        line.update = update
    return lines_of


def _why_apart(update: AutopayUpdate, line: Line | None, answered: files.AnsweredLine) -> str:
    """The reason to keep an answer apart; empty for one that counts."""
    if line is None:
        return "unknown_line"
    if line.answer != NetworkAnswer.NONE:
        return "answered_before"
    return _why_not_now(update, answered.answer)


def _why_not_now(update: AutopayUpdate, answer: str) -> str:
    if not update.live or update.case.state == CaseState.CLOSED or update.card.state == CardState.CLOSED:
        return "closed"
    return "" if answer in _KNOWN else "unknown_answer"


def _apply(line: Line, answer: NetworkAnswer, taken: Taken, *, now: datetime) -> None:
    """What did not move is the customer's from now on. What was ticked off meanwhile stays as it is; the answer is
    noted all the same."""
    line.answer, line.answered_at = answer, now
    if line.state == LineState.ASKED and answer not in MOVES:
        line.state = LineState.TO_DO
    line.save(update_fields=["answer", "answered_at", "state"])
    if answer in MOVES and lines.close(line, LineState.MOVED, how=MovedBy.NETWORK, now=now):
        taken.moved += 1
    else:
        taken.noted += 1


def _take_find(update: AutopayUpdate, told: files.Find, number: int, taken: Taken, *, now: datetime) -> None:
    why = _why_not_now(update, told.answer)
    card = finding.card_of(update, told.old_card)
    if why or card is None:
        taken.apart[f"find {number}"] = why or "unknown_card"
    elif finding.take(update=update, card=card, told=told, now=now):
        taken.found += 1


def _all(response: files.Response, why: str) -> dict[str, str]:
    """Every line of the response, or its batch where it has none."""
    return {str(line.id): why for line in response.lines} or {f"batch {response.batch.hex}": why}


def _digest(response: files.Response) -> str:
    lines = [f"{line.id.hex}{line.answer}" for line in response.lines]
    finds = [f"{one.old_card} {one.biller} {one.answer}" for one in response.finds]
    told = "\n".join(lines + finds)
    return hashlib.sha256(told.encode()).hexdigest()


def _tell(response: files.Response, digest: str, apart: Mapping[str, str], *, now: datetime) -> None:
    shown: Sequence[tuple[str, str]] = list(apart.items())[:MOST_SHOWN]
    alarms.sound(
        process=AUTOPAY_UPDATE.name,
        code="answers_apart",
        key=f"updater:{response.batch.hex}:{response.number}:{digest[:16]}",
        told={
            "fields": {line: [_SAID[why]] for line, why in shown},
            "text": f"batch {response.batch.hex}, response {response.number}, lines {len(apart)}",
        },
        now=now,
    )


_SAID = {
    "unknown_line": "We never sent this line.",
    "answered_before": "This line was answered before.",
    "closed": "The card or the case of this line is closed.",
    "unknown_answer": "We do not know this answer.",
    "unknown_card": "This find is about a card that the batch has not.",
    "other_response": "Another response had the same number.",
}
"""English, as all that alarms tell."""
