"""The two activities that every process uses: a step that changes our own rows, with the calls that go with it; and a
single call of an outside system."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError, close_old_connections
from temporalio import activity
from temporalio.exceptions import ApplicationError

from backoffice.actors import system
from backoffice.cases import calls, catalogue, incidents, transitions
from backoffice.cases.models import Case, IncidentKind
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import NotFound
from workflows.base.contracts import Done, MakeCall, OutsideCall, Transition

ALARM_AFTER = 5
"""After this many failed attempts the case shows on the desk as needing attention."""
SECONDS_COUNT = timedelta(minutes=10)
"""For this long, an outage is met with a try every few seconds; after that with one a minute."""
THEN_EVERY = timedelta(minutes=1)
LOOKS_EVERY = 5.0
"""How often to look, in seconds, for cases that wait for a system which has answered."""
WAKES = 50
"""How many cases one success wakes; each of them that succeeds wakes more."""

log = structlog.get_logger(__name__)


@activity.defn(name="transition", no_thread_cancel_exception=True)
def transition(step: Transition) -> Done:
    """A local activity, done completely or not at all, and once for each number. With calls there is only one short
    attempt; if it fails, the process makes each call separately."""
    try:
        done = transitions.apply(step)
    except OutsideRefused as refused:
        raise _refused(refused) from None
    except OutsideUnavailable as unavailable:
        raise ApplicationError(unavailable.code, type="OutsideUnavailable") from None
    except Exception as error:
        _alarm(step.case, IncidentKind.STEP_FAILS, str(step.number), error=type(error).__name__)
        raise _without_personal_data(error) from None
    _answers_again(step.calls)
    return done


@activity.defn(name="outside", no_thread_cancel_exception=True)
def outside(asked: OutsideCall) -> Done:
    """Makes the call with its key, and records its answer once. It runs first as a brief local activity, then as an
    ordinary one."""
    try:
        done = calls.call_outside(asked)
    except OutsideRefused as refused:
        raise _refused(refused) from None
    except OutsideUnavailable as unavailable:
        if not asked.brief:
            _away(asked, unavailable.code)
        raise ApplicationError(unavailable.code, type="OutsideUnavailable", next_retry_delay=_pause()) from None
    except Exception as error:
        _alarm(asked.case, IncidentKind.CALL_FAILS, asked.call.name, error=type(error).__name__)
        raise _without_personal_data(error, next_retry_delay=_pause()) from None
    if not done.held:
        _answers_again([asked.call])
    return done


def _refused(refused: OutsideRefused) -> ApplicationError:
    return ApplicationError(refused.code, refused.key, type="OutsideRefused", non_retryable=True)


def _pause() -> timedelta | None:
    """The pause until the next attempt. None leaves it to the retry policy, which waits only seconds, because somebody
    may be waiting."""
    info = activity.info()
    lasts = datetime.now(UTC) - info.scheduled_time
    return THEN_EVERY if lasts > SECONDS_COUNT else None


def _away(asked: OutsideCall, code: str) -> None:
    """Shows on every face that the case waits, from the first try that is not a brief one."""
    attempt = activity.info().attempt
    log.warning("outside system away", case=asked.case, call=asked.call.name, code=code, attempt=attempt)
    _note(
        asked.case,
        lambda case: incidents.outside_away(case, system=calls.system_of(case, asked.call), code=code),
    )


_looked: dict[str, float] = {}


def _answers_again(made: Sequence[MakeCall]) -> None:
    """Cases that wait for the systems which have just answered are tried at once. Each look costs a statement, so it is
    made only now and then. If the look fails, those cases wait some seconds more; this call is done all the same."""
    if not made:
        return
    try:
        process = catalogue.process(activity.info().workflow_type or "")
        for name in {process.call(call.name).spec.system for call in made}:
            if time.monotonic() - _looked.get(name, -LOOKS_EVERY) >= LOOKS_EVERY:
                _looked[name] = time.monotonic()
                if incidents.outside_back(system=name, most=WAKES) == WAKES:
                    del _looked[name]
    except DatabaseError as error:
        log.warning("nobody woken", why=type(error).__name__)


def _alarm(case_id: str, kind: IncidentKind, key: str, **values: str) -> None:
    """Opening the same incident again changes nothing, so each later attempt may try it."""
    attempt = activity.info().attempt
    log.warning("activity failed", case=case_id, kind=kind.value, key=key, attempt=attempt, exc_info=attempt == 1)
    if attempt >= ALARM_AFTER:
        _note(case_id, lambda case: incidents.open(case, kind, by=system(), key=key, values=values))


def _note(case_id: str, note: Callable[[Case], None]) -> None:
    """Our own database may be the part that fails. An incident that cannot be opened must not hide the failure
    itself."""
    close_old_connections()
    try:
        with changing(uuid.UUID(case_id)) as case:
            note(case)
    except (DatabaseError, NotFound) as error:
        log.warning("no incident opened", case=case_id, why=type(error).__name__)


def _without_personal_data(error: Exception, *, next_retry_delay: timedelta | None = None) -> ApplicationError:
    """A history gets only the error's type. Its text, which may quote a row, stays in our own log."""
    return ApplicationError("see the log of the worker", type=type(error).__name__, next_retry_delay=next_retry_delay)


ACTIVITIES: list[Callable[..., Done]] = [transition, outside]
