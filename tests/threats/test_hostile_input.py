"""Whatever text is sent to whatever page, it is answered: no error of ours, no long answer, no row locked for long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from knox.models import AuthToken

from backoffice.cases import catalogue
from backoffice.cases.models import Case, ItemState, PerformerKind, WorkItem
from backoffice.raw_input import largest
from backoffice.staff.models import Role, User
from tests.factories import make_card, make_staff, sign_in
from tests.playing import ask, open_card_case
from tests.threats.hostile import PARAMETERS, PARTS, Attacker, Page, all_hostile, forms_of, long, pages
from tests.visits import visiting

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    """A card case with every work item that it can have, a visit at the door, and who may see them."""

    case: Case
    visit: Case
    everything: User
    visitor: User
    token: str


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world()
        transaction.set_rollback(True)


def _world() -> World:
    everything = make_staff(role=Role.SUPPORT)
    for role in (Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE, Role.ADMINISTRATOR):
        everything.groups.add(*make_staff(role=role).groups.all())
    everything = User.objects.get(pk=everything.pk)
    case = open_card_case(make_card())
    visit = visiting.at_the_door(visiting.in_the_window(case=visiting.visit_under(case)))
    visiting.asked_to_compare(visit)
    visiting.step(visit, "enter_half")
    case.refresh_from_db()
    for kind in catalogue.spec(case.process).kinds:
        if kind.performer != PerformerKind.PARTY:
            ask(case, kind.name)
    token = AuthToken.objects.create(user=everything)[1]
    return World(case, visit.case, everything, visiting.visitor_of(visit), token)


@pytest.fixture
def people(world: World) -> dict[str, Attacker]:
    """Who attacks, by the beginning of the addresses."""
    customer = world.case.customer.user
    assert customer is not None
    return {
        "/portal/": Attacker(sign_in(Client(raise_request_exception=False), customer)),
        "/desk/": Attacker(sign_in(Client(raise_request_exception=False), world.everything)),
        "/field/": Attacker(sign_in(Client(raise_request_exception=False), world.visitor)),
        "/api/": Attacker(Client(raise_request_exception=False), {"authorization": f"Token {world.token}"}),
    }


def values_of(world: World, page: Page) -> Iterator[dict[str, str]]:
    """Arguments with which the page is there."""
    items = WorkItem.objects.filter(case__in=[world.case, world.visit], state=ItemState.OPEN)
    known: dict[str, list[str]] = {
        "reference": [world.case.reference, world.visit.reference],
        "item_id": [str(item.id) for item in items],
        "public_id": [str(world.case.customer.public_id)],
        "process": ["card_reissue"],
        "what": ["freeze", "withdraw", "retry"],
        "name": ["risk"],
        "number": ["1", "2"],
        "content_type_id": [str(ContentType.objects.get_for_model(Case).pk)],
        "app_label": ["cases"],
        "url": ["nothing"],
        "username": [world.everything.username],
        "id": ["1"],
    }
    of_model = _primary_keys()
    own = next((key for prefix, key in of_model.items() if page.route.startswith(prefix)), "1")
    lists = [known.get(name, [own]) for name in page.arguments]
    for number in range(max(map(len, lists), default=1)):
        yield {name: one[number % len(one)] for name, one in zip(page.arguments, lists, strict=True)}


def _primary_keys() -> dict[str, str]:
    found = {}
    for model in admin.site._registry:
        row = model._default_manager.first()
        found[f"/desk/{model._meta.app_label}/{model._meta.model_name}/"] = str(row.pk) if row else "1"
    return found


def query_of(page: Page, part: str) -> list[dict[str, str]]:
    """All parameters at once, and then each of our own alone."""
    text = long(part, bytes_=3_000 // (len(PARAMETERS) + len(page.reads)))
    single = long(part, bytes_=3_000)
    return [dict.fromkeys((*PARAMETERS, *page.reads), text), *({name: single} for name in page.reads)]


@pytest.mark.parametrize("face", ["/portal/", "/field/", "/desk/"])
def test_no_parameter_and_no_field_breaks_a_page(world: World, people: dict[str, Attacker], face: str) -> None:
    attacker = people[face]
    for page in pages(face):
        for values in values_of(world, page):
            path = page.at(values)
            forms = forms_of(attacker.get(path))
            for part in PARTS.values():
                for query in query_of(page, part):
                    attacker.get(path, query)
                for form in forms:
                    for sent in all_hostile(form, part, path):
                        attacker.post(form.action or path, sent)
    print(face, attacker.sent, attacker.statuses)
    assert [str(fault) for fault in attacker.faults] == []
