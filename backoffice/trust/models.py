"""Proofs in both directions: one-time codes, what a session has proven, and the register of every contact."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import ContactPoint, Customer
from backoffice.references import new_reference
from backoffice.sealed import SealedTextField


class ContactChannel(models.TextChoices):
    MAIL = "mail", _("e-mail")
    SMS = "sms", _("text message")
    CALL = "call", _("telephone call")
    IN_PERSON = "person", _("in person")
    LETTER = "letter", _("letter")
    OTHER = "other", _("in another way")
    """Only of a contact that was reported to us."""


class Direction(models.TextChoices):
    OUT = "out", _("from us")
    IN = "in", _("to us")


def new_check_code() -> str:
    """Thirteen characters and a check character: 63 bits, so that nobody can guess one on the public check page."""
    return new_reference(13)


class Contact(models.Model):
    """A contact by any channel, with its reference, registered before it leaves. `case_id` is a case's id."""

    reference = models.CharField(_("reference"), max_length=20, unique=True, default=new_check_code, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="contacts")
    case_id = models.UUIDField(null=True, blank=True, db_index=True)
    case_reference = models.CharField(max_length=12, blank=True, db_index=True)
    channel = models.CharField(_("channel"), max_length=8, choices=ContactChannel)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.OUT)
    purpose = models.CharField(_("purpose"), max_length=60)
    """The code of the message in `messages/catalogue.py`; for contacts that are not ours it is empty or any other
    text."""
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    address_masked = models.CharField(_("address"), max_length=80, blank=True)
    address_index = models.CharField(max_length=64, blank=True, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(fields=["customer", "-at"], name="contacts_of_customer")]

    def __str__(self) -> str:
        return self.reference


class Code(models.Model):
    """A one-time code: only its keyed hash, bound to a case, an action and a target; used once or blocked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField()
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80, blank=True)
    hashed = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    void_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    allowed_failures = models.PositiveSmallIntegerField(default=5)
    sent_to = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "action", "target"],
                condition=Q(used_at=None, void_at=None),
                name="one_live_code_an_action",
            )
        ]
        indexes = [models.Index(fields=["case_id", "action", "target", "-issued_at"], name="codes_of_action")]


class Grant(models.Model):
    """What a session has proven for one case and one action: it is good once, and for ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants")
    session_hash = models.CharField(max_length=64)
    case_id = models.UUIDField()
    action = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=20)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "case_id", "action"], name="grants_of_action")]


class MutualCode(models.Model):
    """A code of two halves. Neither half is stored: `mutual_codes.py` derives them from `nonce` and a key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField()
    target = models.CharField(max_length=80, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)
    b_compared_at = models.DateTimeField(null=True, blank=True)
    b_failures = models.PositiveSmallIntegerField(default=0)
    a_used_at = models.DateTimeField(null=True, blank=True)
    a_failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("mutual code")
        verbose_name_plural = _("mutual codes")
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "target"], condition=Q(void_at=None), name="one_live_mutual_code"
            )
        ]


class FraudWarning(models.Model):
    """A published warning: "this is going round". What it shows is in our own words, and cannot identify a victim.

    `number`, `address` and `host` are those of the fraud, as anybody may read them; each may be empty. `sketch` is that
    of its words (`likeness.py`). It is shown until `until`, unless it was withdrawn before. `source` is the opaque id
    of the reports that it rests on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.UUIDField(unique=True, editable=False)
    channel = models.CharField(_("how it comes"), max_length=8, choices=ContactChannel)
    words = models.CharField(_("what it says"), max_length=300)
    number = models.CharField(_("telephone number"), max_length=20, blank=True)
    address = models.CharField(_("mail address"), max_length=254, blank=True)
    host = models.CharField(_("internet address"), max_length=253, blank=True)
    sketch = models.JSONField(default=list, editable=False)
    published_at = models.DateTimeField(_("published"))
    until = models.DateTimeField(_("shown until"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("published by"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    why_withdrawn = SealedTextField(_("why it was withdrawn"), blank=True, default="")

    class Meta:
        verbose_name = _("warning of a fraud")
        verbose_name_plural = _("warnings of frauds")
        ordering = ["-published_at", "-id"]
        indexes = [models.Index(fields=["until"], condition=Q(withdrawn_at=None), name="warnings_in_force")]

    def __str__(self) -> str:
        return str(self.words)


class FraudMark(models.Model):
    """By what a pasted text is known as one that a warning is about: a trait, and the keyed hash of its value."""

    warning = models.ForeignKey(FraudWarning, models.CASCADE, related_name="marks")
    trait = models.CharField(max_length=8)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warning", "trait", "value"], name="one_mark_of_a_warning")]
        indexes = [models.Index(fields=["value", "trait"], name="marks_of_warnings")]
