"""Messages. Each is a row, and a contact in the register, before it is sent."""

from __future__ import annotations

import json

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import ContactPoint
from backoffice.sealed import unseal
from backoffice.trust.models import Contact

TO = "to"
"""The key under which `Message.context` holds a new address."""


class MessageState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")


class Message(models.Model):
    """`point` is the address on file to which it goes. Without one it goes to a new address, which its code is to
    prove: that is in `context`, sealed, until the message is sent."""

    contact = models.OneToOneField(Contact, models.PROTECT, related_name="message")
    point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    template = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    """The references, times and last four digits that the template shows; never a name, an address or an amount."""
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    send_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["send_after"], condition=Q(state="waiting"), name="messages_waiting")]

    @property
    def destination(self) -> ContactPoint:
        """Where it goes: an address on file, or a new one, which is in no table. Raises `ValueError` for a new address
        once the message is sent, because it is kept no longer."""
        if self.point is not None:
            return self.point
        if not self.context.get(TO):
            raise ValueError("this message went to an address that was not on file, and is not kept")
        return ContactPoint(**json.loads(unseal(self.context[TO])))
