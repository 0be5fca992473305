"""What a customer may start: the cases that processes offer, and those that can be opened about each of their
things."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import catalogue
from backoffice.cases.menu_groups import MenuGroup
from backoffice.customers import records
from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, RecordKind, Start
from backoffice.refusals import NotFound
from backoffice.staff import rights
from backoffice.ui import openings


@dataclass(frozen=True)
class Offer:
    """One line of the menu. `why_not` says why it cannot be started now; it is empty when it can."""

    label: str
    address: str
    why_not: str = ""
    takes: str = ""


@dataclass(frozen=True)
class Group:
    """Lines of the menu that belong together. `name` is that of a `MenuGroup`, `title` its words."""

    name: str
    title: str
    offers: Sequence[Offer]

    @property
    def has_any(self) -> bool:
        """Whether something can be started now. Talking to us is always possible: our number stands there."""
        return self.name == MenuGroup.TALK or any(not offer.why_not for offer in self.offers)


@dataclass(frozen=True)
class Mine:
    """One thing that the customer has with us, and what can be started about it. `address` is its own page; it may be
    empty."""

    record: Record
    offers: Sequence[Offer]
    address: str = ""


@dataclass(frozen=True)
class MineOfKind:
    """`name` is the kind's, `title` is in the customer's words. `address` is where the customer keeps them themselves,
    or empty."""

    name: str
    title: str
    things: Sequence[Mine]
    address: str = ""
    words: str = ""


@rights.needs(rights.USE_PORTAL)
def menu(*, customer: Customer, by: Actor) -> list[Group]:
    """All kinds of cases that a customer can open and the pages that answer at once, in groups. The most urgent is
    first: somebody is calling, or writes."""
    found: dict[MenuGroup, list[Offer]] = {group: [] for group in MenuGroup}
    found[MenuGroup.WRONG] = [
        Offer(_("Somebody is calling me: is it you?"), reverse("portal:calls_now")),
        Offer(_("I got a message: is it from you?"), reverse("check")),
    ]
    for one in sorted(openings.offers(customer, by=by), key=lambda offer: not offer.comes_first):
        found[one.group].append(Offer(one.label, _address(one.process), one.why_not))
    found[MenuGroup.DETAILS].append(Offer(_("My sign-in: passkeys and codes"), reverse("mfa_index")))
    return [Group(group, str(group.label), those) for group, those in found.items() if those or group == MenuGroup.TALK]


@rights.needs(rights.USE_PORTAL)
def mine(*, customer: Customer, by: Actor) -> list[MineOfKind]:
    """What the customer has with us, by kind; kinds without any are left out."""
    found = [_of_kind(kind, customer, by) for kind in records.all_kinds()]
    return [kind for kind in found if kind.things or kind.address]


@rights.needs(rights.USE_PORTAL)
def one(*, customer: Customer, kind: str, key: str, by: Actor) -> tuple[Detail, Sequence[Offer]]:
    """The own page of one thing, and what can be started about it. Raises `NotFound` for what is not theirs."""
    known = records.kind_of(kind)
    detail = known.detail_for_customer(customer, key) if known else None
    if detail is None:
        raise NotFound("unknown_record", _("There is no such thing of yours."))
    return detail, _offers(detail.record.starts, by)


def opening_key(customer: Customer, key: uuid.UUID) -> str:
    """The key of the opening. It holds the customer's id, so the keys of two customers never clash."""
    return f"portal:{customer.public_id}:{key}"


def _of_kind(kind: RecordKind, customer: Customer, by: Actor) -> MineOfKind:
    things = [Mine(one, _offers(one.starts, by), _page(kind, one)) for one in kind.of_customer(customer)]
    page = kind.page(customer)
    address = reverse(page) if page else ""
    return MineOfKind(kind.name, str(kind.mine), things, address, str(kind.page_words))


def _page(kind: RecordKind, record: Record) -> str:
    return reverse("portal:thing", args=[kind.name, record.key]) if record.key else ""


def _offers(starts: Sequence[Start], by: Actor) -> list[Offer]:
    return [
        Offer(start.label, _address(start.process, start.initial), start.why_not, start.takes)
        for start in starts
        if openings.may_open(start.process, by=by)
    ]


def _address(process: str, initial: Mapping[str, str] | None = None) -> str:
    opens = catalogue.process(process).opening
    if opens is not None and opens.page:
        return reverse(opens.page)
    address = reverse("portal:open", args=[process])
    return f"{address}?{urlencode(initial)}" if initial else address
