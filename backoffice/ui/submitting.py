"""Sending a step from the field. Each page has an id, so pressing twice or losing the answer does no harm."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import answering
from backoffice.cases.answering import Receipt
from backoffice.cases.models import Case, WorkItem
from backoffice.refusals import Conflict, NotFound, TryRefused
from backoffice.sealed import keyed_hash
from backoffice.staff import rights
from backoffice.staff.models import User


class Submission(models.Model):
    """One sending of one step, stored so that sending it again does no harm. `digest` is a keyed hash of what was sent;
    the content is not stored. `refused` is the code of a refusal that counted as a try (such as a wrong half), with its
    `sentence` and `field`; it is empty when the step was taken. The table belongs to the field app.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField()
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    refused = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        app_label = "field"
        constraints = [models.UniqueConstraint(fields=["agent", "key"], name="one_submission_a_key")]


@rights.needs(rights.ANSWER)
def submit(
    *,
    case: Case,
    item_id: uuid.UUID,
    key: uuid.UUID,
    by: Actor,
    user: User,
    data: Mapping[str, str],
    now: datetime | None = None,
) -> Receipt:
    """Answers a step of this case. The same key again, at once or later, returns the result of the first sending; a
    wrong try that is sent twice with one key counts once. Raises what `answering.answer` raises, `TryRefused` for a
    wrong try that was counted, `Conflict` when the key was used for something else, and `NotFound` for a step of
    another case. A step that takes a code of `trust.codes` cannot be sent this way, because those failures are counted
    in a separate transaction.
    """
    now = now or timezone.now()
    if not WorkItem.objects.filter(id=item_id, case_id=case.pk).exists():
        raise NotFound("unknown_item", _("There is no such work item."))
    with transaction.atomic():
        sent, new = Submission.objects.get_or_create(
            agent=user, key=key, defaults={"item_id": item_id, "digest": _digest(item_id, data), "at": now}
        )
        if not new:
            _check_same(sent, item_id, data)
        if sent.refused:
            raise TryRefused(sent.refused, sent.sentence, field=sent.field)
        try:
            return answering.answer(item_id=item_id, by=by, data=data, now=now)
        except TryRefused as refused:
            sent.refused, sent.sentence, sent.field = refused.code, refused.sentence, refused.field
            sent.save(update_fields=["refused", "sentence", "field"])
            counted = refused
    raise counted


def _check_same(sent: Submission, item_id: uuid.UUID, data: Mapping[str, str]) -> None:
    if sent.digest != _digest(item_id, data):
        raise Conflict("sent_already", _("This page was sent before, with something else. Here is where you are now."))


def _digest(item_id: uuid.UUID, data: Mapping[str, str]) -> str:
    return keyed_hash("field submission", json.dumps([str(item_id), sorted(data.items())]))
