"""What the payment provider reported, so that each report counts once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportedEvent(models.Model):
    """A report of the provider, by its own id of it. `taken_at` is empty while nobody here knew the payment: such a
    report is asked about again when it comes again. Times are UTC."""

    id = models.CharField(primary_key=True, max_length=80, editable=False)
    kind = models.CharField(_("what"), max_length=60)
    came_at = models.DateTimeField(_("came"), db_index=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of the payment provider")
        verbose_name_plural = _("reports of the payment provider")
        ordering = ["-came_at", "id"]

    def __str__(self) -> str:
        return self.kind
