"""What we have asked of registries: a row for each change, committed before its frame is sent, so that a lost answer is
asked after and no change is made twice.

A row holds no personal data and no transfer code: of what was said it has a keyed hash, by which another request under
the same key is noticed.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.domains.ports import RegistryRefusal, RegistryUnavailable
from backoffice.sealed import keyed_hash


class RegistryCommandState(models.TextChoices):
    SENT = "sent", gettext_lazy("sent")
    DONE = "done", gettext_lazy("done")
    REFUSED = "refused", gettext_lazy("refused")


class Part(TypedDict, total=False):
    """What one command adds to a domain, or takes away: states, and handles of contacts by their type."""

    statuses: list[str]
    contacts: dict[str, list[str]]


class Known(TypedDict, total=False):
    """What is remembered of a change: the states that were not there before it, those that it sends, all that it adds
    and takes away where it does both, the transfer as it was afterwards."""

    statuses: list[str]
    send: list[str]
    add: Part
    rem: Part
    transfer: dict[str, str]


class RegistryCommand(models.Model):
    """One change, under the caller's key. `sent` is written before the frame leaves, so it also says that the outcome
    is unknown. Each try has the id `cltrid` with its number behind it, the client transaction id of EPP."""

    key = models.CharField(max_length=200, unique=True)
    cltrid = models.CharField(max_length=40, unique=True)
    verb = models.CharField(gettext_lazy("command"), max_length=30)
    name = models.CharField(gettext_lazy("about"), max_length=253)
    """The domain, the handle of the contact, or the id of the message."""
    digest = models.CharField(max_length=64)
    state = models.CharField(
        gettext_lazy("state"), max_length=8, choices=RegistryCommandState, default=RegistryCommandState.SENT
    )
    known: models.JSONField[Any, Any] = models.JSONField(default=dict)
    tries = models.PositiveIntegerField(gettext_lazy("tries"), default=0)
    first_sent_at = models.DateTimeField(gettext_lazy("first sent"))
    sent_at = models.DateTimeField(gettext_lazy("sent"))
    answered_at = models.DateTimeField(gettext_lazy("answered"), null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    """Until then another process works on it, and nobody else does."""
    code = models.PositiveSmallIntegerField(gettext_lazy("result code"), null=True, blank=True)
    """EPP's result code of the last answer."""
    svtrid = models.CharField(gettext_lazy("id of the answer"), max_length=64, blank=True)
    """The registry's own id of the last answer."""

    class Meta:
        app_label = "domains"
        verbose_name = gettext_lazy("command to a registry")
        verbose_name_plural = gettext_lazy("commands to registries")
        ordering = ["-sent_at", "-id"]
        indexes = [
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="registry_unanswered"),
            models.Index(fields=["name", "-sent_at"], name="registry_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.name}"

    @property
    def trid(self) -> str:
        """The client transaction id of the present try."""
        return f"{self.cltrid}-{self.tries}"


def found(*, key: str, verb: str, name: str, said: str) -> RegistryCommand | None:
    """The row of this key. Raises `RegistryRefusal` with `other_request` when another change was asked for under it."""
    row = RegistryCommand.objects.filter(key=key).first()
    if row is not None and row.digest != _digest(verb, name, said):
        raise RegistryRefusal("other_request", _("Something else was asked of the registry under the same key."))
    return row


def begin(
    *, key: str, verb: str, name: str, said: str, known: Known, now: datetime, lease: timedelta
) -> RegistryCommand:
    """Writes the row before the first try. Raises `RegistryUnavailable` when another process has just begun."""
    try:
        with transaction.atomic(durable=True):
            return RegistryCommand.objects.create(
                key=key,
                cltrid=f"CS{uuid.uuid4().hex}",
                verb=verb,
                name=name,
                digest=_digest(verb, name, said),
                known=known,
                tries=1,
                first_sent_at=now,
                sent_at=now,
                busy_until=now + lease,
            )
    except IntegrityError:
        raise RegistryUnavailable("under way") from None


def take_up(row: RegistryCommand, *, now: datetime, lease: timedelta) -> None:
    """Writes that another try begins. Raises `RegistryUnavailable` while another process is at it."""
    with transaction.atomic(durable=True):
        free = Q(busy_until=None) | Q(busy_until__lt=now)
        taken = RegistryCommand.objects.filter(free, pk=row.pk, tries=row.tries).exclude(
            state=RegistryCommandState.DONE
        )
        if not taken.update(state=RegistryCommandState.SENT, tries=F("tries") + 1, sent_at=now, busy_until=now + lease):
            raise RegistryUnavailable("under way")
    row.refresh_from_db()


def remember(row: RegistryCommand, known: Known) -> None:
    """Writes what must be known afterwards, before the frame is sent."""
    row.known = known
    with transaction.atomic(durable=True):
        row.save(update_fields=["known"])


def ended(row: RegistryCommand, *, state: RegistryCommandState, now: datetime, code: int | None, svtrid: str) -> None:
    """Writes how this try ended; `sent` when the outcome is unknown."""
    row.state, row.busy_until = state, None
    if code is not None:
        row.code, row.svtrid = code, svtrid
    if state != RegistryCommandState.SENT:
        row.answered_at = now
    with transaction.atomic(durable=True):
        row.save(update_fields=["state", "busy_until", "code", "svtrid", "answered_at", "known"])


def _digest(verb: str, name: str, said: str) -> str:
    whole = f"{verb}\n{name}\n{said}".encode(errors="backslashreplace").decode()
    return keyed_hash("registry command", whole)
