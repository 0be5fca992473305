"""The mails that people send us. A mail is a row before the sender's server hears that we have it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.references import new_reference
from backoffice.sealed import SealedJSONField, SealedTextField
from backoffice.trust.models import Contact


class MailState(models.TextChoices):
    RECEIVED = "received", _("received, not yet analysed")
    WAITING = "waiting", _("waits for the desk")
    ASKED = "asked", _("the customer is asked")
    CONFIRMED = "confirmed", _("the customer wrote it")
    DENIED = "denied", _("the customer did not write it")
    UNANSWERED = "unanswered", _("the customer did not say")
    SET_ASIDE = "set_aside", _("set aside")


class Hint(models.TextChoices):
    """The verdict of the analysis, with the values of `workflows.mail_order.facts.Verdict`."""

    NONE = "", _("not analysed")
    AGREES = "agrees", _("agrees with what is on file")
    SUSPICIOUS = "suspicious", _("suspicious")
    FORGED = "forged", _("forged")


class Aside(models.TextChoices):
    """Why a mail was set aside."""

    NONE = "", _("not set aside")
    AUTOMATIC = "automatic", _("an automatic answer, a bounce or a list")
    NO_ORDER = "no_order", _("it asks for nothing that we do by a case")
    UNKNOWN = "unknown", _("no customer was found for it")
    JUNK = "junk", _("advertising or fraud that names no customer")


class Answered(models.TextChoices):
    """Whether the sender was told, neutrally, that we do nothing by mail."""

    NO = "", _("no")
    WANTED = "wanted", _("is being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")


class Mail(models.Model):
    """One mail, stored once however often it was sent: `fingerprint` is made of its Message-ID and its content.

    `raw`, `envelope` and `findings` are sealed, and wiped when their time is over (`keeping.py`). `hint`
    and `reasons` are codes. `held_by` is the person who reads it: nobody else does. `history` is
    `[[at, code, user's public id], …]`: what was done with it, also where no case came of it. `customer` is whose mail
    it seems to be, `asks` the process that it asks for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference, editable=False)
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(_("received"))
    size = models.PositiveIntegerField(_("bytes"))
    state = models.CharField(_("state"), max_length=12, choices=MailState, default=MailState.RECEIVED)
    raw = SealedTextField(null=True, editable=False)
    """The mail as it came, a character for each byte (Latin-1)."""
    envelope = SealedJSONField(null=True, editable=False)
    """`{"ip", "helo", "mail_from", "to": […]}`."""
    findings = SealedJSONField(null=True, editable=False)
    """What was found, and the answers of the domain name system on which that rests (`findings.py`)."""
    hint = models.CharField(_("hint"), max_length=12, choices=Hint, default=Hint.NONE, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)
    sender_index = models.CharField(max_length=64, blank=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="mails_received")
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="mail_order")
    asks = models.CharField(_("asks for"), max_length=40, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_at = models.DateTimeField(null=True, blank=True)
    history = models.JSONField(default=list)
    aside = models.CharField(_("set aside"), max_length=12, choices=Aside, default=Aside.NONE, blank=True)
    answered = models.CharField(_("answered"), max_length=8, choices=Answered, default=Answered.NO, blank=True)
    answer = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    wiped_at = models.DateTimeField(_("content deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state__in=("received", "waiting")), name="mails_waiting"),
            models.Index(fields=["received_at"], condition=Q(wiped_at=None), name="mails_with_content"),
            models.Index(fields=["id"], condition=Q(answered="wanted"), name="mails_to_answer"),
        ]

    def __str__(self) -> str:
        return self.reference

    def note(self, what: str, *, by: str = "", at: datetime) -> None:
        """Adds a line to the history; `by` is the public id of a person. The caller saves `history`."""
        self.history = [*self.history, [at.isoformat(), what, by]]

    @property
    def content(self) -> bytes:
        """The mail as it came; empty once it was deleted."""
        return (self.raw or "").encode("latin-1")
