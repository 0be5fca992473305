"""Sending a step of a visit: by an id of the page, so that pressing twice or losing the answer does no harm."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import answering
from backoffice.cases.answering import Receipt
from backoffice.cases.models import WorkItem
from backoffice.field.models import Submission
from backoffice.refusals import Conflict, NotFound
from backoffice.sealed import keyed_hash
from backoffice.staff.models import User
from backoffice.visits.handshake import HalfRefused
from backoffice.visits.models import Visit


def submit(
    *,
    visit: Visit,
    item_id: uuid.UUID,
    key: uuid.UUID,
    by: Actor,
    user: User,
    data: Mapping[str, str],
    now: datetime | None = None,
) -> Receipt:
    """Answers a step of this visit. The same key again, at once or later, gives the first sending's result; a wrong
    half that is sent twice by one key counts once.

    Raises as `answering.answer`; `HalfRefused` for a half that does not fit; `Conflict` where the key was used for
    something else; `NotFound` for a step of another visit.
    """
    now = now or timezone.now()
    if not WorkItem.objects.filter(id=item_id, case_id=visit.case_id).exists():
        raise NotFound("unknown_item", _("There is no such work item."))
    with transaction.atomic():
        sent, new = Submission.objects.get_or_create(
            visitor=user, key=key, defaults={"item_id": item_id, "digest": _digest(item_id, data), "at": now}
        )
        if not new:
            _check_same(sent, item_id, data)
        if sent.refused:
            raise HalfRefused(sent.refused, sent.sentence, field=sent.field)
        try:
            return answering.answer(item_id=item_id, by=by, data=data, now=now)
        except HalfRefused as refused:
            sent.refused, sent.sentence, sent.field = refused.code, refused.sentence, refused.field
            sent.save(update_fields=["refused", "sentence", "field"])
            counted = refused
    raise counted


def _check_same(sent: Submission, item_id: uuid.UUID, data: Mapping[str, str]) -> None:
    if sent.digest != _digest(item_id, data):
        raise Conflict("sent_already", _("This page was sent before, with something else. Here is where you are now."))


def _digest(item_id: uuid.UUID, data: Mapping[str, str]) -> str:
    return keyed_hash("field submission", json.dumps([str(item_id), sorted(data.items())]))
