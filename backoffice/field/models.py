"""What visitors sent, by the ids that their pages made: the memory that makes sending twice harmless."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from backoffice.cases.models import WorkItem


class Submission(models.Model):
    """One sending of one step. `digest` is a keyed hash of what was sent; nothing of the content is kept.

    `refused` is the code of a refusal that counted (a half that does not fit), with its `sentence` and `field`; empty
    where the step was taken.
    """

    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField()
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    refused = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "key"], name="one_submission_a_key")]
