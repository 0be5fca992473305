"""Keeping a mail: once, sealed, and before its sender's server hears that we have it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from backoffice.actors import Actor
from backoffice.celery import app
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind
from backoffice.mail_orders import rights
from backoffice.mail_orders.models import Mail
from backoffice.sealed import keyed_hash
from backoffice.staff.rights import needs
from backoffice.statements import insert_new
from backoffice.trust.mails.accepting import Accepted

ANALYSE = "mail_orders.analyse"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Envelope:
    """What the sender's server said: its address, its name, the sender of the envelope and our recipients."""

    ip: str
    helo: str
    mail_from: str
    to: tuple[str, ...]


@needs(rights.RECEIVE)
def store(*, raw: bytes, accepted: Accepted, envelope: Envelope, by: Actor, now: datetime) -> bool:
    """Stores a mail that `accepting.check` took, unless it is stored already; whether it is new. `now` is UTC. It is
    committed when this returns. The errors of the database are the caller's: then nothing is stored."""
    told: Any = asdict(envelope)
    mail = Mail(
        fingerprint=keyed_hash("mail", f"{accepted.message_id}\n{hashlib.sha256(raw).hexdigest()}"),
        received_at=now,
        size=len(raw),
        raw=raw.decode("latin-1"),
        envelope=told,
        sender_index=index_of(kind=ContactKind.MAIL, value=accepted.sender),
    )
    with transaction.atomic():
        new = insert_new(mail, unique="fingerprint")
        if new:
            transaction.on_commit(_wake, robust=True)
    log.info("mail stored" if new else "mail known", mail=mail.reference if new else "", size=mail.size)
    return new


def _wake() -> None:
    """The analysis runs by the clock anyway; so it comes sooner."""
    try:
        app.send_task(ANALYSE, ignore_result=True, expires=60)
    except OperationalError as away:
        log.warning("broker away, mails wait for the sweep", why=type(away).__name__)
