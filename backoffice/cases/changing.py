"""The one way to change a case: lock, change, write everything together.

`with changing(case_id) as case:` locks the topmost case of the family first (so that parent and child never wait for
each other), then the case; events noted and commands ordered meanwhile are inserted in bulk, and the fields that
changed are saved, once, when the outermost block of the transaction ends. The same case in an inner block is the
same object. On an exception nothing of it is written.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backoffice.cases.models import Case, Command, CommandKind, Event
from backoffice.celery import app as celery_app
from backoffice.refusals import NotFound

WOKEN = "relay.woken"
"""In the shared cache while a relay was told to run and has not looked yet."""

log = structlog.get_logger(__name__)

_FIELDS = tuple(
    field.attname
    for field in Case._meta.concrete_fields
    if field.attname not in ("id", "reference", "opening_key", "signed")
)


class _Open(threading.local):
    def __init__(self) -> None:
        self.cases: dict[uuid.UUID, tuple[Case, dict[str, Any]]] = {}
        self.depth = 0


_open = _Open()


@contextlib.contextmanager
def changing(case_id: uuid.UUID) -> Iterator[Case]:
    """Raises `NotFound` when there is no such case."""
    with _block():
        yield _lock(case_id)


@contextlib.contextmanager
def creating(case: Case) -> Iterator[Case]:
    """The same for a case that is only now inserted."""
    with _block():
        if case.root_id:
            _lock(case.root_id)
        case.save(force_insert=True)
        _open.cases[case.id] = (case, _values(case))
        try:
            yield case
        except BaseException:
            _open.cases.pop(case.id, None)
            raise


def order(case: Case, kind: CommandKind, *, signal: str = "", payload: dict[str, Any] | None = None) -> Command:
    """A command to the case's process, sent after this transaction in the order of its number."""
    case.commands += 1
    command = Command(
        case_id=case.id,
        number=case.commands,
        kind=kind,
        signal=signal,
        payload=payload or {},
        next_try_at=timezone.now(),
    )
    case.ordered.append(command)
    return command


@contextlib.contextmanager
def _block() -> Iterator[None]:
    with transaction.atomic():
        _open.depth += 1
        try:
            yield
            if _open.depth == 1:
                _write()
        finally:
            _open.depth -= 1
            if _open.depth == 0:
                _open.cases = {}


def _lock(case_id: uuid.UUID) -> Case:
    if case_id in _open.cases:
        return _open.cases[case_id][0]
    root = Case.objects.filter(id=case_id).annotate(top=Coalesce(F("root_id"), F("id"))).values("top")
    found = Case.objects.select_for_update(of=("self",)).select_related("customer")
    case = found.filter(id__in=root).first()
    if case is None:
        raise NotFound("unknown_case", "There is no such case.")
    top = _open.cases.setdefault(case.id, (case, _values(case)))[0]
    if top.id == case_id:
        return top
    below = found.get(id=case_id)
    _open.cases[below.id] = (below, _values(below))
    return below


def _values(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _FIELDS}


def _write() -> None:
    events: list[Event] = []
    commands: list[Command] = []
    for case, before in _open.cases.values():
        changed = [name for name in _FIELDS if getattr(case, name) != before[name]]
        if changed:
            case.save(update_fields=changed)
        events += case.noted
        commands += case.ordered
        case.noted, case.ordered = [], []
    if events:
        Event.objects.bulk_create(events)
    if commands:
        Command.objects.bulk_create(commands)
        transaction.on_commit(wake_relay, robust=True)


def wake_relay() -> None:
    """Tells Celery that commands wait, unless it was just told and has not begun: one relay delivers what many commits
    wrote. Losing this costs seconds, for beat sweeps the outbox; so the broker's absence is logged, and the face that
    caused it goes on."""
    try:
        if not cache.add(WOKEN, 1, timeout=2):
            return
    except (RedisError, OSError) as away:
        log.warning("cache away, the relay is woken each time", why=type(away).__name__)
    try:
        celery_app.send_task("engine.relay", ignore_result=True, expires=30)
    except OperationalError as away:
        log.warning("broker away, the outbox is swept later", why=type(away).__name__)


def later_of(now: datetime, at: datetime) -> datetime:
    """Our clock, unless the process's own runs ahead of it (as it does on a server that skips time)."""
    return max(now, at)
