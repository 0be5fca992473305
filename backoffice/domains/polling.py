"""The registry's queue: each message is stored, then acknowledged, and then told to the processes that listen.

A process that waits for what the registry does with a domain listens from where it is bound (`process.py`):

    polling.listen(registry_reported)

Storing and telling are apart, so that a message that cannot be told, because of a fault of ours, holds no other back:
the registry shows the next one only when the first is acknowledged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import transaction

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.domains.ports import Polled, Registry, RegistryUnavailable, Transfer, TransferState
from backoffice.domains.registry_messages import RegistryMessage, Taken

log = logging.getLogger(__name__)
MOST = 200
"""Messages that one run reads."""
REGISTRY = Actor(kind=ActorKind.OUTSIDE, id="registry", channel=Channel.API)


class Hears(Protocol):
    """A rule that takes what a registry says of a transfer, and gives whether a case heard of it. It may be told the
    same twice. `now` is UTC."""

    def __call__(self, *, transfer: Transfer, by: Actor, now: datetime) -> bool: ...


_listeners: list[Hears] = []


def listen(hears: Hears) -> Callable[[], None]:
    """From now on this rule hears of every transfer, as all others that listen. The result ends that."""
    _listeners.append(hears)
    return lambda: _listeners.remove(hears)


def read(registry: Registry, *, now: datetime) -> int:
    """Stores and acknowledges what is in the queue; gives how many messages were new. A registry that does not answer
    is asked again in the next run."""
    new = 0
    try:
        for _one in range(MOST):
            message = registry.poll()
            if message is None:
                break
            new += _stored(message, now=now)
            registry.acknowledge(message.id, key=f"poll:{message.id}:{message.at.isoformat()}")
    except RegistryUnavailable as unavailable:
        log.warning("the registry's queue was not read: %s", unavailable.reason)
    return new


def hand_out(*, now: datetime) -> None:
    """Tells what was not told yet, the oldest first. When a rule fails, the message waits for the next run, the others
    are told, and the first failure is raised at the end."""
    failures: list[Exception] = []
    for row in RegistryMessage.objects.filter(taken=Taken.NOT_YET).order_by("id")[:MOST]:
        try:
            taken = took(row, now=now)
        except Exception as failed:
            failures.append(failed)
        else:
            RegistryMessage.objects.filter(pk=row.pk).update(taken=taken)
    if failures:
        raise failures[0]


def took(message: RegistryMessage, *, now: datetime) -> Taken:
    """Tells a message to those who listen; gives what became of it."""
    transfer = transfer_in(message)
    if transfer is None or not _listeners:
        return Taken.NOTED
    heard = [hears(transfer=transfer, by=REGISTRY, now=now) for hears in _listeners]
    return Taken.TOLD if any(heard) else Taken.NO_CASE


def transfer_in(message: RegistryMessage) -> Transfer | None:
    """The transfer that it is about."""
    if not message.name or message.asked_at is None or message.until is None:
        return None
    return Transfer(
        name=message.name,
        state=TransferState(message.state),
        asked_by=message.asked_by,
        asked_at=message.asked_at,
        decides=message.decides,
        until=message.until,
    )


def _stored(message: Polled, *, now: datetime) -> bool:
    """Whether it is new."""
    about = message.transfer
    told = {"text": message.text, "read_at": now}
    if about is not None:
        told |= {
            "name": about.name, "state": about.state.value, "asked_by": about.asked_by[:16],
            "asked_at": about.asked_at, "decides": about.decides[:16], "until": about.until,
        }  # fmt: skip
    with transaction.atomic(durable=True):
        _row, made = RegistryMessage.objects.get_or_create(number=message.id[:64], at=message.at, defaults=told)
    return made
