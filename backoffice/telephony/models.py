"""Telephone calls as rows of the contact register, written before anything is dialled. Times are UTC."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import ContactPoint, Customer
from backoffice.sealed import SealedTextField
from backoffice.telephony.believed import BELIEVED_FOR
from backoffice.trust.models import Contact, Direction


class CallState(models.TextChoices):
    ANNOUNCED = "announced", _("announced")
    DIALLING = "dialling", _("dialling")
    RINGING = "ringing", _("ringing")
    ANSWERED = "answered", _("answered")
    COMPANY_PROVEN = "company_proven", _("we have proven who we are")
    CUSTOMER_PROVEN = "customer_proven", _("the customer has proven who they are")
    ENDED = "ended", _("ended")
    NOT_ANSWERED = "not_answered", _("not answered")
    VOICEMAIL = "voicemail", _("voicemail")


OVER = frozenset({CallState.ENDED, CallState.NOT_ANSWERED, CallState.VOICEMAIL})
"""In these nobody is on the line any more."""
TALKING = frozenset({CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.CUSTOMER_PROVEN})


class CallOutcome(models.TextChoices):
    SPOKEN = "spoken", _("spoken with the customer")
    RINGS_BACK = "rings_back", _("the customer rings back to be sure")
    NOT_THE_CUSTOMER = "not_the_customer", _("somebody else answered")
    BROKEN_OFF = "broken_off", _("broken off")
    BUSY = "busy", _("busy")
    NO_ANSWER = "no_answer", _("nobody answered")
    VOICEMAIL = "voicemail", _("voicemail, without content")
    FAILED = "failed", _("the call could not be made")
    CALLED_OFF = "called_off", _("not dialled")


class Call(models.Model):
    """One call, in or out. Only the rules of this room change one, under the lock of its row.

    `contact` is its row of the register, with its check code, the masked number and its keyed index; it is written in
    the same transaction, before anything is dialled. `matter` is what the budget of calls counts by: the opaque id of
    the topmost case, or the name of a topic. `key` is the caller's: one key is one call; the provider knows the call by
    our `id`. `requested_at` is when the provider was asked to make it, which is written before; `line_closed_at` is
    since when the provider has nothing more to do for it. `seen_at` is when its agent's console last said that it is
    going on. Each state that was reached has its time in `times`, as ISO 8601 in UTC, by the state's value.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, related_name="telephone_call", verbose_name=_("contact"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="telephone_calls", verbose_name=_("customer")
    )
    point = models.ForeignKey(
        ContactPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("number")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="telephone_calls",
        verbose_name=_("agent"),
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.OUT)
    purpose = models.CharField(_("purpose"), max_length=60)
    matter = models.CharField(_("matter"), max_length=64, db_index=True)
    case_id = models.UUIDField(_("case"), null=True, blank=True, db_index=True)
    case_reference = models.CharField(max_length=12, blank=True)
    asked_by_customer = models.BooleanField(_("the customer asked for it"), default=False)
    key = models.CharField(max_length=120, unique=True, editable=False)
    adapter = models.CharField(_("made by"), max_length=20, default="by_hand")
    provider_id = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    line_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=CallState, default=CallState.ANNOUNCED)
    times = models.JSONField(_("times"), default=dict)
    outcome = models.CharField(_("outcome"), max_length=20, choices=CallOutcome, blank=True)
    announced_at = models.DateTimeField(_("announced at"))
    sheet_opened_at = models.DateTimeField(_("sheet opened at"), null=True, blank=True)
    dialled_at = models.DateTimeField(_("dialled at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("over at"), null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    wrapped_at = models.DateTimeField(_("wrapped up at"), null=True, blank=True)
    wrap_up = SealedTextField(_("wrap-up"), blank=True)

    class Meta:
        verbose_name = _("telephone call")
        verbose_name_plural = _("telephone calls")
        indexes = [
            models.Index(fields=["customer", "-announced_at"], name="calls_of_customer"),
            models.Index(fields=["customer", "matter", "-dialled_at"], name="calls_of_matter"),
            models.Index(fields=["announced_at"], name="calls_going_on", condition=Q(ended_at=None)),
            models.Index(
                fields=["dialled_at"],
                name="calls_with_an_open_line",
                condition=Q(line_closed_at=None) & ~Q(adapter="by_hand"),
            ),
            models.Index(
                fields=["dialled_at"],
                name="calls_that_cost_minutes",
                condition=Q(direction="out", dialled_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(wrapped_at=None), name="one_telephone_call_of_an_agent"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(OVER), ended_at__isnull=False)
                | (~Q(state__in=sorted(OVER)) & Q(ended_at=None)),
                name="telephone_call_over_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | ~Q(outcome=""), name="telephone_call_over_has_its_outcome"
            ),
            models.CheckConstraint(
                condition=Q(wrapped_at=None) | Q(ended_at__isnull=False), name="telephone_call_wrapped_up_is_over"
            ),
            models.CheckConstraint(
                condition=Q(direction=Direction.IN) | Q(customer__isnull=False, point__isnull=False),
                name="telephone_call_out_has_its_number",
            ),
            models.CheckConstraint(
                condition=Q(direction=Direction.IN) | Q(dialled_at=None) | Q(sheet_opened_at__isnull=False),
                name="telephone_call_prepared_before_dialled",
            ),
        ]

    def __str__(self) -> str:
        return self.contact.reference

    @property
    def heard_at(self) -> datetime:
        """When somebody or something last said that the call goes on. Each state that was reached says so, too: a
        provider reports it where no console is open."""
        reached = [datetime.fromisoformat(at) for at in self.times.values()]
        return max([self.announced_at, *reached, *([self.seen_at] if self.seen_at else [])])

    def is_heard(self, now: datetime) -> bool:
        """Whether a page may say of it at `now` (aware) that it goes on; else it says that we cannot check."""
        return now - self.heard_at <= BELIEVED_FOR

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_by_voice(self) -> bool:
        """Whether a voice speaks in this call of ours, and no person."""
        return self.direction == Direction.OUT and self.agent_id is None


class MenuCall(models.Model):
    """A call that came in and that our voice menu has, not a person: which conversation of the voice gateway it is, and
    its row of the register. Nothing else is kept of it here; a branch of the menu keeps its own.
    """

    conversation = models.CharField(_("conversation"), max_length=64, unique=True, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, related_name="menu_call", verbose_name=_("contact"))

    class Meta:
        verbose_name = _("call to the voice menu")
        verbose_name_plural = _("calls to the voice menu")

    def __str__(self) -> str:
        return self.contact.reference


class EndedSession(models.Model):
    """That a session ended before its time, or all that hold with a password which was replaced, for the pages that
    were open in them (`live/watching.py`). Triggers on the tables of sessions and users write and delete these, so no
    rule that ends one has to think of it. `mark` stands for the session or the password, `ended_at` is UTC."""

    mark = models.CharField(_("mark of the session"), max_length=32)
    ended_at = models.DateTimeField(_("ended at"), db_index=True)

    class Meta:
        verbose_name = _("session that ended")
        verbose_name_plural = _("sessions that ended")

    def __str__(self) -> str:
        return self.mark


class StrayReport(models.Model):
    """What the provider reported of a call that is none of ours: nothing but its id and how far it was. Times are
    UTC."""

    provider_id = models.CharField(_("call at the provider"), max_length=64, unique=True)
    status = models.CharField(_("reported last"), max_length=12)
    first_at = models.DateTimeField(_("first reported at"))
    last_at = models.DateTimeField(_("last reported at"))
    times = models.PositiveIntegerField(_("how often"), default=1)

    class Meta:
        verbose_name = _("report of a call that is not ours")
        verbose_name_plural = _("reports of calls that are not ours")

    def __str__(self) -> str:
        return self.provider_id
