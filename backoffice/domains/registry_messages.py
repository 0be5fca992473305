"""What registries told us on their own accord: a row for each message of the queue, written before it is acknowledged,
so that no message is lost or taken twice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Taken(models.TextChoices):
    """What became of a message."""

    TOLD = "told", _("told to the domain's case")
    NO_CASE = "no_case", _("no case was open")
    NOTED = "noted", _("noted")


class RegistryMessage(models.Model):
    """`text` is the registry's own sentence. The other fields are those of the transfer that it is about; `name` is
    empty when it is about none. Times are UTC."""

    number = models.CharField(max_length=64, unique=True)
    """The registry's id of the message."""
    at = models.DateTimeField(_("sent"))
    text = models.CharField(_("text"), max_length=1000, blank=True)
    name = models.CharField(_("domain"), max_length=253, blank=True)
    state = models.CharField(_("transfer"), max_length=20, blank=True)
    asked_by = models.CharField(max_length=16, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    decides = models.CharField(max_length=16, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(_("read"))
    taken = models.CharField(_("what became of it"), max_length=8, choices=Taken, default=Taken.NOTED)

    class Meta:
        app_label = "domains"
        verbose_name = _("message of a registry")
        verbose_name_plural = _("messages of registries")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["name", "-at"], name="registry_messages_by_name")]

    def __str__(self) -> str:
        return self.number
