"""Where partners take our messages: entered, and switched off and on."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.webhooks import outbound, rights
from backoffice.webhooks.models import Endpoint, OffReason

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
"""As Standard Webhooks says."""
LONGEST_NAME = 80


@needs(rights.SET_UP_ENDPOINTS)
def enter(*, name: str, url: str, secret: str, by: Actor, now: datetime) -> Endpoint:
    """Enters a partner's endpoint, or other particulars of the one with this name, which is in use then. `secret` is
    `whsec_` and base64, agreed with the partner.

    Raises `Invalid` with every fault on its field.
    """
    name, url, secret = name.strip(), url.strip(), secret.strip()
    errors: dict[str, list[str]] = {}
    if not name or len(name) > LONGEST_NAME:
        errors["name"] = [_("Give it the partner's name, in at most 80 characters.")]
    host = ""
    try:
        host = outbound.check(url).hostname or ""
    except Invalid as refused:
        errors |= {field: list(sentences) for field, sentences in refused.errors.items()}
    if not _is_secret(secret):
        errors["secret"] = [_("The secret is whsec_ and 24 to 64 random bytes in base64.")]
    if errors:
        raise Invalid(errors)
    told = {"url": url, "host": host, "secret": secret, "active": True, "off_since": None, "off_why": ""}
    first = told | {"entered_at": now}
    return Endpoint.objects.update_or_create(name=name, defaults=told, create_defaults=first)[0]


@needs(rights.SET_UP_ENDPOINTS)
def switch(*, endpoint_id: int, on: bool, by: Actor, now: datetime) -> Endpoint:
    """Switches an endpoint on or off. As it is already changes nothing. What waits for one that is off is not sent, and
    goes on when it is on again. Raises `NotFound`."""
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
        if endpoint is None:
            raise NotFound("unknown_endpoint", _("There is no such endpoint."))
        if endpoint.active != on:
            endpoint.active = on
            endpoint.off_since, endpoint.off_why = (None, "") if on else (now, OffReason.BY_HAND)
            endpoint.save(update_fields=["active", "off_since", "off_why"])
        return endpoint


def refuse_if_off(endpoint: Endpoint) -> None:
    """Raises `Conflict` while nothing is sent there."""
    if not endpoint.active:
        raise Conflict("endpoint_off", _("Messages to this partner are switched off. Write to them instead."))


def _is_secret(secret: str) -> bool:
    try:
        return secret.startswith(PREFIX) and len(base64.b64decode(secret[len(PREFIX) :], validate=True)) in SECRET_BYTES
    except (binascii.Error, ValueError):
        return False
