"""The spine: a case, its work items, its timeline, and the commands to its process. All times are UTC."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind, Channel
from backoffice.cases.kept_from import KeptFrom as KeptFrom
from backoffice.cases.party import Party as Party
from backoffice.cases.stage_duration import StageDuration as StageDuration
from backoffice.customers.models import Customer
from backoffice.references import new_reference
from backoffice.sealed import SealedJSONField

T = TypeVar("T")


class CaseState(models.TextChoices):
    OPEN = "open", _("open")
    FROZEN = "frozen", _("frozen")
    STOPPING = "stopping", _("being stopped")
    CLOSED = "closed", _("closed")


class CaseOutcome(models.TextChoices):
    NONE = "", _("none yet")
    DONE = "done", _("done")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    REJECTED = "rejected", _("rejected")
    FAILED = "failed", _("failed")


class WaitingOn(models.TextChoices):
    """Whose turn it is. With done, stopped and needs attention, these are the six states that have a colour."""

    US = "us", _("us")
    CUSTOMER = "customer", _("the customer")
    OTHERS = "others", _("somebody else")
    NOBODY = "nobody", _("nobody")


class Case(models.Model):
    """One sensitive change for one customer. `id` is opaque and the id of its one Temporal workflow.

    It changes only in a unit of work (`unit_of_work.py`), under its lock. `applied` is the number of the last step of
    the process that was done. `applied_result` holds the results of it and of earlier ones, by number, as long as the
    engine may ask for them again in a retry. `events` and `head` are the length of the timeline and its last hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference, editable=False)
    process = models.CharField(_("process"), max_length=40)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cases", verbose_name=_("customer"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    root = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    """The topmost case of the family; None for that case itself. Four eyes are counted over the whole family."""
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    """What is changed, as staff may see it: "VISA ····4242"."""
    stage = models.CharField(_("stage"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CaseState, default=CaseState.OPEN)
    outcome = models.CharField(_("outcome"), max_length=10, choices=CaseOutcome, default=CaseOutcome.NONE, blank=True)
    outcome_reason = models.CharField(_("reason"), max_length=200, blank=True)
    waiting_on = models.CharField(_("waiting on"), max_length=10, choices=WaitingOn, default=WaitingOn.US)
    waiting_until = models.DateTimeField(_("until"), null=True, blank=True)
    past_no_return = models.BooleanField(_("past the point of no return"), default=False)
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)
    needs_attention = models.CharField(max_length=200, blank=True, editable=False)
    """No longer used: incidents have taken its place."""
    open_incidents = models.PositiveSmallIntegerField(_("open incidents"), default=0, editable=False)
    """The number of its incidents that a person must look at."""
    waits_for = models.CharField(_("waits for"), max_length=40, blank=True, editable=False)
    """The code of the outside system that does not answer now. When it answers, the case goes on by itself."""
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    opening_key = models.CharField(max_length=100, unique=True, editable=False)
    opening_digest = models.CharField(max_length=64, editable=False)
    applied = models.PositiveIntegerField(default=0, editable=False)
    applied_result = models.JSONField(default=dict, editable=False)
    commands = models.PositiveIntegerField(default=0, editable=False)
    events = models.PositiveIntegerField(default=0, editable=False)
    head = models.CharField(max_length=64, default="", editable=False)
    signed = models.PositiveIntegerField(default=0, editable=False)
    """How many events the last checkpoint has signed. Only `checkpoints.py` writes it, and nothing else."""

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        _held_up = Q(open_incidents__gt=0) | ~Q(waits_for="")
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="cases_of_customer"),
            models.Index(fields=["-opened_at", "id"], name="cases_newest"),
            models.Index(fields=["-opened_at"], condition=~Q(needs_attention=""), name="cases_needing_attention"),
            models.Index(fields=["-opened_at"], condition=_held_up, name="cases_with_incidents"),
            models.Index(fields=["-opened_at"], condition=Q(state="frozen", root=None), name="cases_paused"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.noted: list[Event] = []
        self.ordered: list[Command] = []
        self.read: dict[str, Any] = {}

    def __str__(self) -> str:
        return self.reference

    @property
    def root_id_or_own(self) -> uuid.UUID:
        return self.root_id or self.id

    def once(self, name: str, read: Callable[[], T]) -> T:
        """The result of `read`, cached on this object, for rows that several rules of a unit of work need."""
        if name not in self.read:
            self.read[name] = read()
        found: T = self.read[name]
        return found


class PerformerKind(models.TextChoices):
    CUSTOMER = "customer", _("the customer")
    ROLE = "role", _("a role")
    PERSON = "person", _("a person")
    PARTY = "party", _("a second party")


class ItemState(models.TextChoices):
    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class WorkItem(models.Model):
    """A step that a person must do. `step` is its name within the case: the same step is opened only once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="items")
    step = models.CharField(max_length=60, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    performer = models.CharField(_("performer"), max_length=10, choices=PerformerKind)
    role = models.CharField(_("role"), max_length=40, blank=True)
    party = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="held_items"
    )
    """The person who claimed it, or to whom it was given."""
    level = models.PositiveSmallIntegerField(_("level of assurance"), default=1)
    part = models.CharField(_("part"), max_length=20, blank=True)
    """The part in the case that answering it takes, for four eyes; empty when it takes none."""
    state = models.CharField(_("state"), max_length=10, choices=ItemState, default=ItemState.OPEN)
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    why = models.CharField(_("why now"), max_length=200, blank=True)
    draft = SealedJSONField(null=True, blank=True)
    draft_at = models.DateTimeField(null=True, blank=True)
    answer = SealedJSONField(null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="answered_items"
    )
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="one_item_a_step")]
        indexes = [
            models.Index(fields=["role", "due_at"], condition=Q(state="open"), name="open_items_of_role"),
            models.Index(fields=["holder", "due_at"], condition=Q(state="open"), name="open_items_of_holder"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="open_items_due"),
        ]

    def __str__(self) -> str:
        return self.kind


class Part(models.Model):
    """The one part that a member of staff has in a family of cases: the person who asked does not approve, the person
    who visited does not review. The unique constraint is the four-eyes rule; a trigger refuses an answer that has no
    row here."""

    root = models.ForeignKey(Case, models.CASCADE, related_name="parts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    part = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root", "user"], name="one_part_a_person_in_a_case")]


class Event(models.Model):
    """One line of a timeline. A trigger refuses update and delete to everybody; each line carries the hash of the
    one before it (see `timeline.py` for what is hashed). `data` holds references and numbers, never personal data."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="timeline")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in ActorKind])
    actor_id = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=20, choices=[(c.value, c.value) for c in Channel])
    proof = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_event_a_number")]


class CallRecord(models.Model):
    """A call of an outside system, by its idempotency key. `answer` is what its process learned; None until the call
    was made. The row is written once everything that the process said before the call is done."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="calls")
    key = models.CharField(max_length=140, unique=True)
    answer = models.JSONField(null=True)
    begun_at = models.DateTimeField()
    """When the process asked for it, as it knew then; see `asked_at` in the catalogue."""


class CommandKind(models.TextChoices):
    START = "start", _("start")
    SIGNAL = "signal", _("signal")
    CANCEL = "cancel", _("cancel")


class CommandState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    DEAD = "dead", _("dead letter")


class Command(models.Model):
    """A row that starts, signals or cancels a workflow, written in the transaction of its cause (the outbox)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="outbox")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=CommandKind)
    signal = models.CharField(max_length=40, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=CommandState, default=CommandState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_command_a_number")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="commands_waiting"),
            models.Index(fields=["case", "number"], condition=~Q(state="sent"), name="commands_unsent_of_case"),
        ]


class IncidentKind(models.TextChoices):
    """Why a person must look at a case. The line below a kind says what its `key` names; without one the key is
    empty."""

    STEP_FAILS = "step_fails", _("a step of the process fails")
    """The number of the transition."""
    CALL_FAILS = "call_fails", _("a call of an outside system fails")
    """The name of the call: it fails by a fault of our own."""
    OUTSIDE_AWAY = "outside_away", _("an outside system does not answer")
    """The name of the system."""
    DEAD_LETTER = "dead_letter", _("the process could not be told something")
    """The number of the command."""
    ENGINE_LOST = "engine_lost", _("the engine has lost the process")
    ENDED_EARLY = "ended_early", _("the process has ended, the case has not")
    RUNS_ON = "runs_on", _("the case is closed, its process runs on")
    PROCESS_FAILS = "process_fails", _("the process fails and waits for a mended version")
    ENDED_FAILED = "ended_failed", _("the case ended as failed")
    ALARM = "alarm", _("an alarm was raised in the case")
    """What raised it."""


class Resolution(models.TextChoices):
    """How an incident ended."""

    OPEN = "", _("open")
    WORKS = "works", _("it works again")
    TRIED_AGAIN = "tried_again", _("tried again by a person")
    LOOKED_INTO = "looked_into", _("looked into by a person")


class Reached(models.TextChoices):
    """Whether a person was called because of an incident."""

    NOT_CALLED = "", _("not called")
    REACHED = "reached", _("called and reached")
    NOT_REACHED = "not_reached", _("called, not reached")


class Incident(models.Model):
    """Something that a person must look at before the case can be trusted to go on, or an outside system that does not
    answer. Several may be open at once, but only one with the same kind and key. `what` holds codes and values."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="incidents")
    kind = models.CharField(_("kind"), max_length=20, choices=IncidentKind)
    key = models.CharField(max_length=60, blank=True)
    what = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("opened"))
    looked_into_at = models.DateTimeField(_("looked into"), null=True, blank=True)
    looked_into_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    """None where it resolved by itself."""
    resolution = models.CharField(_("how"), max_length=12, choices=Resolution, default=Resolution.OPEN, blank=True)
    called = models.JSONField(_("called"), null=True, blank=True)
    """Who was called, by the code of the person, and whether they were reached: `{"visitor": "reached"}`."""
    came_of_it = models.CharField(_("what came of it"), max_length=300, blank=True, db_default="")
    """As the person who closed it typed it."""

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "key"], condition=Q(resolved_at=None), name="one_open_incident_of_a_kind"
            )
        ]
        indexes = [
            models.Index(
                fields=["key"], condition=Q(kind="outside_away", resolved_at=None), name="cases_waiting_for_a_system"
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def told(self) -> dict[str, str]:
        """As an event keeps it."""
        return {"incident": self.kind, **({"key": self.key} if self.key else {}), **self.what}


class Alarm(models.Model):
    """What a machine reported and nothing could be done about, because it names no case or record of ours: a supervisor
    must look at it. `code` says what it is, in words of the process; `key` is the machine's own id of the report."""

    process = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=100, unique=True)
    told = SealedJSONField(null=True, blank=True)
    """`{"fields": {name: [why]}, "text": the whole report}`, sealed, and without card numbers."""
    opened_at = models.DateTimeField(_("opened"))
    readings = models.JSONField(default=list)
    """`[[user's public id, at, reason], …]` of those who read what was told."""
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-opened_at"], condition=Q(resolved_at=None), name="alarms_open")]


class Checkpoint(models.Model):
    """A signed statement about all timelines at one moment. A chain that was rewritten as a whole contradicts it."""

    at = models.DateTimeField()
    heads = models.JSONField()
    """`[[case id, events, head], …]` of the cases that changed since the checkpoint before."""
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
