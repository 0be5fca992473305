"""The two activities that every process uses: a transition of our own rows, and a call of an outside system."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.db import DatabaseError, close_old_connections
from temporalio import activity
from temporalio.exceptions import ApplicationError

from backoffice.actors import system
from backoffice.cases import attention, transitions
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
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
        _alarm(step.case, f"step {step.number} fails: {type(error).__name__}")
        raise _without_personal_data(error) from None


@activity.defn(name="outside", no_thread_cancel_exception=True)
def outside(call: OutsideCall) -> Done:
    """An ordinary activity: the call is made with its key, and its answer recorded once."""
    try:
        return transitions.call_outside(call)
    except OutsideRefused as refused:
        raise ApplicationError(refused.code, type="OutsideRefused", non_retryable=True) from None
    except OutsideUnavailable as unavailable:
        _alarm(call.case, f"{call.effect.name}: {unavailable.code}")
        raise ApplicationError(unavailable.code, type="OutsideUnavailable") from None
    except Exception as error:
        _alarm(call.case, f"{call.effect.name} fails: {type(error).__name__}")
        raise _without_personal_data(error) from None


def _alarm(case: str, why: str) -> None:
    """The same reason again is the same mark, so each later attempt may try to set it: our own database may be what
    is away. A mark that cannot be set hides no failure."""
    attempt = activity.info().attempt
    log.warning("activity failed", case=case, why=why, attempt=attempt, exc_info=attempt == 1)
    if attempt < ALARM_AFTER:
        return
    close_old_connections()
    try:
        attention.needs_attention(case_id=uuid.UUID(case), why=why, by=system())
    except (DatabaseError, NotFound) as error:
        log.warning("case not marked", case=case, why=type(error).__name__)


def _without_personal_data(error: Exception) -> ApplicationError:
    """The error's type is enough for a history; its text, which may quote a row, stays in our own log."""
    return ApplicationError("see the log of the worker", type=type(error).__name__)


ACTIVITIES: list[Callable[..., Done]] = [transition, outside]
