"""How long a stage of a process took in the cases that were done lately: one row for each, written by `durations`."""

from __future__ import annotations

from django.db import models


class StageDuration(models.Model):
    """`median` is that of the time from reaching the stage to reaching the next one, over so many `cases`."""

    process = models.CharField(max_length=40)
    stage = models.CharField(max_length=40)
    median = models.DurationField()
    cases = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        app_label = "cases"
        constraints = [models.UniqueConstraint(fields=["process", "stage"], name="one_duration_a_stage")]

    def __str__(self) -> str:
        return f"{self.process} {self.stage}"
