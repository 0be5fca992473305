"""The two activities that every process uses: a transition of our own rows, and a call of an outside system."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.db import DatabaseError, close_old_connections
from temporalio import activity
from temporalio.exceptions import ApplicationError

from backoffice.actors import system
from backoffice.cases import incidents, transitions
from backoffice.cases.models import IncidentKind
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import NotFound
from workflows.exchange import Done, OutsideCall, Transition

ALARM_AFTER = 5
"""So many attempts in vain, and the case shows on the desk as needing attention."""

log = structlog.get_logger(__name__)


@activity.defn(name="transition", no_thread_cancel_exception=True)
def transition(step: Transition) -> Done:
    """A local activity: done whole or not at all, once for each number."""
    try:
        return transitions.apply(step)
    except Exception as error:
        _alarm(step.case, IncidentKind.STEP_FAILS, str(step.number), error=type(error).__name__)
        raise _without_personal_data(error) from None


@activity.defn(name="outside", no_thread_cancel_exception=True)
def outside(call: OutsideCall) -> Done:
    """An ordinary activity: the call is made with its key, and its answer recorded once."""
    try:
        return transitions.call_outside(call)
    except OutsideRefused as refused:
        raise ApplicationError(refused.code, type="OutsideRefused", non_retryable=True) from None
    except OutsideUnavailable as unavailable:
        _alarm(call.case, IncidentKind.OUTSIDE_AWAY, call.effect.name, code=unavailable.code)
        raise ApplicationError(unavailable.code, type="OutsideUnavailable") from None
    except Exception as error:
        _alarm(call.case, IncidentKind.CALL_FAILS, call.effect.name, error=type(error).__name__)
        raise _without_personal_data(error) from None


def _alarm(case_id: str, kind: IncidentKind, key: str, **values: str) -> None:
    """The same incident again is the same one, so each later attempt may try to open it: our own database may be what
    is away. An incident that cannot be opened hides no failure."""
    attempt = activity.info().attempt
    log.warning("activity failed", case=case_id, kind=kind.value, key=key, attempt=attempt, exc_info=attempt == 1)
    if attempt < ALARM_AFTER:
        return
    close_old_connections()
    try:
        with changing(uuid.UUID(case_id)) as case:
            incidents.open(case, kind, by=system(), key=key, values=values)
    except (DatabaseError, NotFound) as error:
        log.warning("no incident opened", case=case_id, why=type(error).__name__)


def _without_personal_data(error: Exception) -> ApplicationError:
    """The error's type is enough for a history; its text, which may quote a row, stays in our own log."""
    return ApplicationError("see the log of the worker", type=type(error).__name__)


ACTIVITIES: list[Callable[..., Done]] = [transition, outside]
