"""Entering billers: who they are, how a customer changes a card there, and how we reach them.

A biller with a system of its own gets our signed webhooks, and may confirm new cards by its own signed messages. Each
way has a secret of its own, so that no message of ours can be sent back to us as theirs. We make both; they are shown
once, to the person who entered the biller, and to nobody afterwards.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cards.autopay.models import Biller, Category, Reach
from backoffice.cards.autopay.rights import KEEP_BILLERS
from backoffice.customers import addresses
from backoffice.customers.models import ContactKind
from backoffice.customers.postal_rules import countries
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.text import kept, kept_lines
from backoffice.webhooks import endpoints
from backoffice.webhooks.models import Endpoint

LONGEST_NAME, LONGEST_HOW, LONGEST_ADDRESS = 80, 300, 300
MOST_LINES = 6
SECRET_BYTES = 32
_NETWORK_ID = re.compile(r"[A-Z0-9]{1,20}")
_SHOWN = ("name", "country", "category", "network_id", "reach", "mail", "address", "how_to_change")
"""The particulars whose changes stand in the history. Addresses of systems and secrets do not."""


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """As they are typed. `country` is ISO 3166-1; `url` is empty to leave the address of its system as it is, and
    `confirms` asks for a secret with which it signs its confirmations, a new one where it has one."""

    name: str
    country: str
    category: str = Category.OTHER
    network_id: str = ""
    reach: str = Reach.NOTHING
    url: str = ""
    mail: str = ""
    address: str = ""
    how_to_change: str = ""
    confirms: bool = False


@dataclass(frozen=True, repr=False)
class Entered:
    """`changed` names what is different now, with what it was and what it is. The secrets are empty where none was
    made; nobody can read them again."""

    biller: Biller
    changed: Mapping[str, tuple[str, str]]
    our_secret: str = ""
    their_secret: str = ""


@needs(KEEP_BILLERS)
def enter(*, particulars: Particulars, by: Actor, now: datetime) -> Entered:
    """A new biller. Raises `Invalid` with every fault on its field, and `Conflict` on the field for one that is there
    already."""
    with transaction.atomic():
        return _keep(Biller(), particulars, by=by, now=now)


@needs(KEEP_BILLERS)
def change(*, biller_id: int, particulars: Particulars, by: Actor, now: datetime) -> Entered:
    """Other particulars of a biller. Its number at the network stays once it is known, because batches that are under
    way name it. Raises as `enter` does, and `NotFound`."""
    with transaction.atomic():
        biller = Biller.objects.select_for_update().filter(pk=biller_id, only_for=None).first()
        if biller is None:
            raise NotFound("unknown_biller", _("There is no such company."))
        return _keep(biller, particulars, by=by, now=now)


def _keep(biller: Biller, told: Particulars, *, by: Actor, now: datetime) -> Entered:
    before = _shown(biller) if biller.pk else dict.fromkeys(_SHOWN, "")
    values = _checked(biller, told)
    _refuse_doubles(biller, values)
    for name, value in values.items():
        setattr(biller, name, value)
    our_secret = _new_secret() if told.url.strip() else ""
    if our_secret:
        biller.endpoint = _endpoint(biller, told.url, our_secret, by=by, now=now)
    their_secret = _new_secret() if told.confirms else ""
    biller.secret = their_secret or biller.secret
    biller.save()
    after = _shown(biller)
    changed = {name: (before[name], after[name]) for name in _SHOWN if before[name] != after[name]}
    made = {"system": bool(our_secret), "confirmations": bool(their_secret)}
    changed |= {name: ("", "new secret") for name, is_new in made.items() if is_new}
    return Entered(biller, changed, our_secret, their_secret)


def _checked(biller: Biller, told: Particulars) -> Mapping[str, str | None]:
    """The values to keep. Raises `Invalid` with all faults."""
    errors: dict[str, list[str]] = {}

    def read(field: str, rule: Callable[[], str]) -> str:
        try:
            return rule()
        except Invalid as refused:
            errors[field] = refused.errors.get(field) or [refused.sentence]
            return ""

    values: dict[str, str | None] = {
        "name": read("name", lambda: _text("name", told.name, shortest=2, longest=LONGEST_NAME)),
        "country": read("country", lambda: _one_of("country", told.country, countries())),
        "category": read("category", lambda: _one_of("category", told.category, Category.values)),
        "network_id": read("network_id", lambda: _network_id(biller, told.network_id)) or None,
        "reach": read("reach", lambda: _one_of("reach", told.reach, Reach.values)),
        "mail": read("mail", lambda: _mail(told.mail)),
        "address": read("address", lambda: _address(told.address)),
        "how_to_change": read("how_to_change", lambda: _text("how_to_change", told.how_to_change, longest=LONGEST_HOW)),
    }
    needed = {Reach.WEBHOOK: "url", Reach.MAIL: "mail", Reach.LETTER: "address"}
    field = needed.get(Reach(values["reach"])) if values["reach"] else None
    is_there = {"url": bool(told.url.strip() or biller.endpoint_id), "mail": told.mail, "address": told.address.strip()}
    if field and not is_there[field]:
        errors.setdefault(field, [_("Say where to reach it, or choose another way.")])
    if errors:
        raise Invalid(errors)
    return values


def _refuse_doubles(biller: Biller, values: Mapping[str, str | None]) -> None:
    others = Biller.objects.filter(only_for=None).exclude(pk=biller.pk)
    if values["network_id"] and others.filter(network_id=values["network_id"]).exists():
        raise Conflict("known", _("Another company has this number at the card network."), field="network_id")
    if others.filter(name__iexact=values["name"], country__in=("", values["country"])).exists():
        raise Conflict("known", _("A company of this name is entered already, for this country."), field="name")


def _endpoint(biller: Biller, url: str, secret: str, *, by: Actor, now: datetime) -> Endpoint:
    """Where its system takes our messages. Raises `Invalid` on `url`, `Conflict` on `name`."""
    name = biller.endpoint.name if biller.endpoint is not None else biller.name
    if biller.endpoint is None and Endpoint.objects.filter(name=name).exists():
        raise Conflict("known", _("Another partner of this name takes messages from us."), field="name")
    return endpoints.enter(name=name, url=url, secret=secret, by=by, now=now)


def _text(field: str, typed: str, *, longest: int, shortest: int = 0) -> str:
    text = " ".join(kept(typed).split())
    if not shortest <= len(text) <= longest:
        told = {"shortest": shortest, "longest": longest}
        sentence = (
            _("Write %(shortest)d to %(longest)d characters.") if shortest else _("Use at most %(longest)d characters.")
        )
        raise Invalid({field: [sentence % told]})
    no_card_numbers.refuse(text, field=field)
    return text


def _one_of(field: str, typed: str, choices: Container[str]) -> str:
    if typed not in choices:
        raise Invalid({field: [_("Choose one of the list.")]})
    return str(typed)


def _network_id(biller: Biller, typed: str) -> str:
    told = typed.strip().upper()
    if told and _NETWORK_ID.fullmatch(told) is None:
        raise Invalid({"network_id": [_("It has at most 20 capital letters and digits.")]})
    if biller.network_id and told != biller.network_id:
        raise Invalid({"network_id": [_("It stays as it is: batches that are under way name it.")]})
    return told


def _mail(typed: str) -> str:
    return addresses.clean(kind=ContactKind.MAIL, value=typed, field="mail") if typed.strip() else ""


def _address(typed: str) -> str:
    text = kept_lines(typed)
    if len(text) > LONGEST_ADDRESS or len(text.splitlines()) > MOST_LINES:
        raise Invalid({"address": [_("Use at most 6 lines and 300 characters, without the name and the country.")]})
    no_card_numbers.refuse(text, field="address")
    return text


def _shown(biller: Biller) -> Mapping[str, str]:
    return {name: str(getattr(biller, name) or "") for name in _SHOWN}


def _new_secret() -> str:
    return endpoints.PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
