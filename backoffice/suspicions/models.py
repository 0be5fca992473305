"""Reports of strange contacts, in groups of the same. Times are UTC."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.documents.models import Document
from backoffice.references import new_reference
from backoffice.sealed import SealedJSONField, SealedTextField
from backoffice.trust.models import Contact, ContactChannel, FraudWarning


class GroupState(models.TextChoices):
    WAITING = "waiting", _("waits for an analyst")
    CONFIRMED = "confirmed", _("confirmed: it is fraud")
    CLEARED = "cleared", _("cleared: it is harmless")


class Match(models.TextChoices):
    """What the contact register said, with the values of `workflows.suspicious_contact.facts.Match`."""

    OURS = "ours", _("it is from us")
    NOT_OURS = "not_ours", _("it is not from us")
    CANNOT_TELL = "cannot_tell", _("we cannot tell")


class Proof(models.TextChoices):
    """Who vouches for a report."""

    NONE = "", _("nobody")
    CUSTOMER = "customer", _("the customer, signed in")
    STAFF = "staff", _("one of us, who speaks with the customer")


class Source(models.TextChoices):
    PORTAL = "portal", _("in the portal")
    PUBLIC = "public", _("on the public page")
    DESK = "desk", _("at the desk")
    FIELD = "field", _("by a field agent")
    VISIT = "visit", _("“I expect nobody”")
    MACHINE = "machine", _("by an outside system")


class Suspicion(models.Model):
    """Reports that an analyst decides on together, because number, address, host or words are the same.

    `seen` is what there is to see of the fraud itself, sealed: `{"phones": […], "mails": […], "hosts": […]}`. `sketch`
    is that of the words of its first report. `held_by` is the analyst who reads it. `history` is
    `[[at, code, user's public id], …]`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=GroupState, default=GroupState.WAITING)
    channel = models.CharField(_("channel"), max_length=8, choices=ContactChannel)
    opened_at = models.DateTimeField(_("first reported"))
    latest_at = models.DateTimeField(_("last reported"))
    sketch = models.JSONField(default=list, editable=False)
    seen = SealedJSONField(null=True, editable=False)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = SealedTextField(_("why"), blank=True, default="")
    warning = models.OneToOneField(FraudWarning, models.PROTECT, null=True, blank=True, related_name="group")
    history = models.JSONField(default=list)
    wiped_at = models.DateTimeField(_("texts deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("group of reports")
        verbose_name_plural = _("groups of reports")
        ordering = ["-latest_at", "-id"]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(state="waiting"), name="suspicions_waiting"),
            models.Index(fields=["decided_at"], condition=Q(wiped_at=None), name="suspicions_with_texts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="suspicion_decided_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def note(self, what: str, *, by: str = "", at: datetime) -> None:
        """Adds a line to the history. The caller saves `history`."""
        self.history = [*self.history, [at.isoformat(), what, by]]


class SuspicionMark(models.Model):
    """By what a later report is known to be the same: a trait (`trust.likeness.Trait`) and the keyed hash of it."""

    group = models.ForeignKey(Suspicion, models.CASCADE, related_name="marks")
    trait = models.CharField(max_length=8)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "trait", "value"], name="one_mark_of_a_group")]
        indexes = [models.Index(fields=["value", "trait"], name="marks_of_suspicions")]


class Report(models.Model):
    """One report. Its contact in the register has the reference that whoever reported it was given.

    `customer` is for whom it was reported; without a `proof` that is what a stranger says. `case` is the customer's,
    where one was opened. `ours` is the contact of ours that it turned out to be. `gave` are the codes of what the
    customer said that they gave away; None until they say. `paused` is how many families of cases it paused.
    `source_index` is a keyed hash of where it came from: the account or the network.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, related_name="report", verbose_name=_("contact"))
    group = models.ForeignKey(Suspicion, models.PROTECT, null=True, blank=True, related_name="reports")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="suspicious_reports")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="suspicious_reports")
    source = models.CharField(_("where"), max_length=8, choices=Source)
    source_index = models.CharField(max_length=64, blank=True, editable=False)
    proof = models.CharField(_("vouched for by"), max_length=8, choices=Proof, blank=True, default=Proof.NONE)
    match = models.CharField(_("the register says"), max_length=12, choices=Match)
    ours = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    text = SealedTextField(_("what it says"), blank=True, default="", editable=False)
    sender = SealedTextField(_("from"), blank=True, default="", editable=False)
    is_on_now = models.BooleanField(_("while somebody was on the telephone"), default=False)
    gave = models.JSONField(_("given away"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    paused = models.PositiveSmallIntegerField(_("paused cases"), default=0)
    lifted_at = models.DateTimeField(_("let go on by the customer"), null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("reported"))
    wiped_at = models.DateTimeField(_("text deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of a strange contact")
        verbose_name_plural = _("reports of strange contacts")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["customer", "-at"], name="suspicions_of_customer"),
            models.Index(fields=["source_index", "-at"], name="suspicions_of_source"),
            models.Index(fields=["at"], condition=Q(group=None, wiped_at=None), name="suspicions_ours_with_text"),
        ]

    def __str__(self) -> str:
        return self.contact.reference
