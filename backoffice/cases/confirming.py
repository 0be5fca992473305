"""Steps of a case that its customer confirms with a code or a passkey and that are no work item. The process declares
each with the words of what is confirmed; the portal's page asks for the proof, the rule spends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from backoffice.actors import Actor, Level
from backoffice.cases.answering import Session
from backoffice.cases.sentences import Text
from backoffice.refusals import NeedsProof, NotFound
from backoffice.trust import assurance


@dataclass(frozen=True)
class Declared:
    """`what` says what is confirmed. `page` is the name of the view, with the case's reference, that comes after it."""

    what: Text
    page: str


@dataclass(frozen=True)
class Step:
    """What a proof is for: one step of one case."""

    case_id: UUID
    step: str


_declared: dict[tuple[str, str], Declared] = {}


def declare(process: str, step: str, *, what: Text, page: str) -> None:
    """Raises `ValueError` where the process has a step of this name already."""
    if _declared.setdefault((process, step), declared := Declared(what, page)) != declared:
        raise ValueError(f"{process} has two steps called “{step}”")


def declared(process: str, step: str) -> Declared:
    """Raises `NotFound` for a step that the process does not have."""
    found = _declared.get((process, step))
    if found is None:
        raise NotFound("unknown_step", _("There is no such step."))
    return found


def is_proven(step: Step, *, session: Session, now: datetime) -> bool:
    """Whether the session has a proof for the step that is not spent."""
    level, _method = assurance.shown(
        user=session.user, session_key=session.key, case_id=step.case_id, action=step.step, now=now
    )
    return level >= Level.CONFIRMED


def proven(step: Step, *, by: Actor, session: Session | None, now: datetime, level: int = Level.CONFIRMED) -> Actor:
    """The actor with the proof that the session gave for the step, which is spent. Raises `NeedsProof`."""
    if by.level >= level:
        return by
    proof = session and assurance.spend(
        user=session.user, session_key=session.key, case_id=step.case_id, action=step.step, level=level, now=now
    )
    if not proof:
        raise NeedsProof(_("First confirm that it is you, for this step of this case."), level=level)
    return by.with_proof(Level(proof.level), proof.method)
