"""Proofs in both directions: one-time codes, what a session has proven, and the register of every contact."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import ContactPoint, Customer
from backoffice.references import new_reference


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
