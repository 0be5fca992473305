"""Signed messages to the systems of others (Standard Webhooks), and each try to deliver them. Times are UTC."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.sealed import SealedTextField


class OffReason(models.TextChoices):
    GONE = "gone", _("the partner's system says that it takes no more messages (HTTP 410)")
    BY_HAND = "by_hand", _("switched off by us")


class Endpoint(models.Model):
    """Where a partner takes our messages. Its address is sealed, because such addresses often hold a token."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = SealedTextField(_("address"))
    host = models.CharField(_("host"), max_length=253)
    secret = SealedTextField(editable=False)
    """`whsec_` and base64: the key of the signature, which the partner has too."""
    active = models.BooleanField(_("in use"), default=True)
    off_since = models.DateTimeField(_("off since"), null=True, blank=True)
    off_why = models.CharField(_("why"), max_length=10, choices=OffReason, blank=True)
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("partner's address for messages")
        verbose_name_plural = _("partners' addresses for messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, off_since=None) | Q(active=False, off_since__isnull=False),
                name="endpoint_off_has_its_time",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("on its way")
    SENT = "sent", _("delivered")
    FAILED = "failed", _("not delivered")
    """Nothing more is tried until somebody replays it or sets it aside."""
    SET_ASIDE = "set_aside", _("set aside")


class Delivery(models.Model):
    """One message to one endpoint. `key` is the caller's: one key is one message. `id` is the message's own id, the
    same in each try, by which the partner knows a message again. `body` is what is signed and sent, to the byte."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", verbose_name=_("to"))
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=120, unique=True, editable=False)
    body = SealedTextField(editable=False)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    made_at = models.DateTimeField(_("made at"))
    next_at = models.DateTimeField(_("next try at"))
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    """Since it was made, or replayed last."""
    error = models.CharField(_("error"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    replays = models.PositiveSmallIntegerField(_("replays"), default=0)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    """Who replayed it last, or set it aside."""
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message to a partner")
        verbose_name_plural = _("messages to partners")
        indexes = [
            models.Index(fields=["next_at"], name="deliveries_due", condition=Q(state="waiting")),
            models.Index(fields=["made_at"], name="deliveries_failed", condition=Q(state="failed")),
            models.Index(fields=["-made_at"], name="deliveries_log"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_its_time"
            )
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """The header `webhook-id`."""
        return f"msg_{self.id.hex}"


class Attempt(models.Model):
    """One try to deliver a message, and what became of it. What the partner's system wrote in answer is not kept."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("at"))
    took = models.DurationField(_("took"))
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return str(self.status or self.error)
