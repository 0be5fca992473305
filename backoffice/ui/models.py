"""What the pages keep for a short time, sealed: the answer to something that was sent, until the browser fetches it,
and what was typed and could not be sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """An answer that waits for its browser (`answers.py`). `hashed` is a keyed hash of its id; `until` is UTC."""

    hashed = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    until = models.DateTimeField(db_index=True)


class KeptTyping(models.Model):
    """What a user typed on a page, in the form that is sent to one address (`typed.py`). `page` and `action` are keyed
    hashes of the paths; `until` is UTC."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    sealed = models.BinaryField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "action"], name="one_typing_a_form")]
