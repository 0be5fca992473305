"""Signed checkpoints: from time to time we sign (Ed25519) the length and the last hash of each timeline.

An attacker who can rewrite rows can also rewrite a whole hash chain. But without the key they cannot sign the
checkpoint again, and the key's public half is enough to see that. `manage.py verify_timeline` checks them all.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import F

from backoffice.cases.models import Case, Checkpoint, Event


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(settings.CHECKPOINT_KEY))


def signature_of(digest: str) -> str:
    """Our signature (Ed25519, base64) of a digest: for a bundle of evidence, which is a checkpoint of its own."""
    return base64.b64encode(_key().sign(digest.encode())).decode()


def public_key() -> str:
    """The public half of our key (base64), with which anybody can verify what we signed."""
    return base64.b64encode(_key().public_key().public_bytes_raw()).decode()


def _digest(at: datetime, heads: list[Any], previous: str) -> str:
    told = json.dumps([at.isoformat(), heads, previous], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def sign(*, now: datetime) -> Checkpoint | None:
    """Signs the heads of the cases that grew since the last checkpoint; None when none did. A case that is locked right
    now is signed the next time, so a checkpoint never waits for a change, and no change waits for a checkpoint."""
    with transaction.atomic():
        last = Checkpoint.objects.select_for_update().order_by("-id").first()
        unsigned = Case.objects.exclude(signed=F("events")).order_by("id")
        grown = unsigned.select_for_update(of=("self",), skip_locked=True)
        heads = [[str(case_id), number, head] for case_id, number, head in grown.values_list("id", "events", "head")]
        if not heads:
            return None
        previous = last.digest if last else ""
        digest = _digest(now, heads, previous)
        signature = signature_of(digest)
        Case.objects.filter(id__in=[case_id for case_id, _, _ in heads]).update(signed=F("events"))
        return Checkpoint.objects.create(at=now, heads=heads, previous=previous, digest=digest, signature=signature)


def contradiction() -> str:
    """How the checkpoints contradict the timelines, as a sentence; empty when they agree."""
    previous = ""
    public = _key().public_key()
    for point in Checkpoint.objects.order_by("id"):
        if point.previous != previous or point.digest != _digest(point.at, point.heads, point.previous):
            return f"checkpoint {point.id} was changed or one before it is missing."
        try:
            public.verify(base64.b64decode(point.signature), point.digest.encode())
        except InvalidSignature:
            return f"checkpoint {point.id} is not signed by us."
        for case_id, number, head in point.heads:
            if not Event.objects.filter(case_id=case_id, number=number, hash=head).exists():
                return f"event {number} of case {case_id} is not the one that checkpoint {point.id} signed."
        previous = point.digest
    return ""
