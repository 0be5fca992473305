"""Who is kept from a family of cases, in their table."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptFrom(models.Model):
    """A member of staff who never sees a family of cases or acts in it, whatever their roles: the person whom a
    complaint is about. A trigger refuses an answer of theirs to a work item. `at` is UTC."""

    root = models.ForeignKey("cases.Case", models.CASCADE, related_name="kept_from")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="kept_from")
    at = models.DateTimeField()

    class Meta:
        app_label = "cases"
        constraints = [models.UniqueConstraint(fields=["root", "user"], name="kept_from_a_family_once")]

    def __str__(self) -> str:
        return str(self.user_id)
