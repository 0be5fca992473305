"""What registries told us on their own accord: a row for each message of the queue, written before it is acknowledged,
so that none is lost, whatever becomes of it here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Taken(models.TextChoices):
    """What became of a message. `NOTED`: it is about nothing that anybody here listens to."""

    NOT_YET = "", _("not yet looked at")
    TOLD = "told", _("told to the domain's case")
    NO_CASE = "no_case", _("about a domain without a case")
    NOTED = "noted", _("noted")


class RegistryMessage(models.Model):
    """`text` is the registry's own sentence. The other fields are those of the transfer that it is about; `name` is
    empty when it is about none. Times are UTC."""

    number = models.CharField(_("number"), max_length=64)
    """The registry's id of the message."""
    at = models.DateTimeField(_("sent"))
    text = models.CharField(_("text"), max_length=1000, blank=True)
    name = models.CharField(_("domain"), max_length=253, blank=True)
    state = models.CharField(_("transfer"), max_length=20, blank=True)
    asked_by = models.CharField(_("asked by"), max_length=16, blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    decides = models.CharField(_("decides"), max_length=16, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"))
    taken = models.CharField(_("what became of it"), max_length=8, choices=Taken, default=Taken.NOT_YET, blank=True)

    class Meta:
        app_label = "domains"
        verbose_name = _("message of a registry")
        verbose_name_plural = _("messages of registries")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["number", "at"], name="one_row_a_registry_message")]
        indexes = [
            models.Index(fields=["name", "-at"], name="registry_messages_by_name"),
            models.Index(fields=["id"], condition=models.Q(taken=""), name="registry_messages_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"
