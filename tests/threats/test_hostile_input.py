"""Whatever text is sent to whatever page, it is answered: no error of ours, no long answer, no row locked for long."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, override_settings
from knox.models import AuthToken

from backoffice.actors import Level
from backoffice.cases import catalogue
from backoffice.cases.models import Case, ItemState, PerformerKind, WorkItem
from backoffice.customers.models import Customer
from backoffice.domains.models import Domain
from backoffice.raw_input import NUL
from backoffice.settings import LARGEST_CONTENT, MIDDLEWARE
from backoffice.staff.models import Role, User
from backoffice.trust import assurance
from tests.factories import PASSWORD, make_card, make_customer, make_staff, now, sign_in
from tests.playing import ask, open_card_case
from tests.threats import registrar_cases
from tests.threats.hostile import (
    HELD,
    PARAMETERS,
    PARTS,
    Attacker,
    Page,
    all_hostile,
    lock_held,
    long,
    pages,
    undone,
)
from tests.visits import visiting
from workflows.base.spec import Performer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    """A card case with every work item that it can have, a visit at the door, a case of each of the registrar's
    processes, who may see them, and a customer whose record is opened only for a reason."""

    stranger: Customer
    case: Case
    visit: Case
    others: list[Case]
    everything: User
    visitor: User
    token: str


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    """A password is hashed slowly on purpose, whatever it is."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    files = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with files, django_db_blocker.unblock(), transaction.atomic():
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
    visiting.free_slot()
    make_card(customer=case.customer)
    customer = case.customer.user
    assert customer is not None
    TOTP.activate(customer, generate_totp_secret())
    for one in (case, visit.case):
        for kind in catalogue.spec(one.process).kinds:
            if kind.performer in (Performer.ROLE, Performer.CUSTOMER):
                ask(one, kind.name)
    token = AuthToken.objects.create(user=everything)[1]
    others = registrar_cases.open_all(case.customer, agent=everything)
    return World(make_customer(), case, visit.case, others, everything, visiting.visitor_of(visit), token)


@pytest.fixture
def people(world: World) -> dict[str, Attacker]:
    """Who attacks, by the beginning of the addresses."""
    customer = world.case.customer.user
    assert customer is not None
    customer.set_password(PASSWORD)
    customer.save(update_fields=["password"])
    at_home = sign_in(Client(raise_request_exception=False), customer)
    theirs = WorkItem.objects.filter(performer__in=[PerformerKind.CUSTOMER, PerformerKind.PARTY])
    for item in theirs.exclude(kind="prove_identity"):
        assurance.grant(
            user=customer,
            session_key=at_home.session.session_key or "",
            case_id=item.case_id,
            action=item.step,
            level=Level.CONFIRMED,
            method="totp",
            now=now(),
        )
    return {
        "/portal/": Attacker(at_home),
        "/account/": Attacker(at_home),
        "/desk/": Attacker(sign_in(Client(raise_request_exception=False), world.everything)),
        "/field/": Attacker(sign_in(Client(raise_request_exception=False), world.visitor)),
        "/api/": Attacker(Client(raise_request_exception=False), {"authorization": f"Token {world.token}"}),
    }


FEW = 2
"""How many of the parts a form gets whose fields are those of another."""
SENT_ELSEWHERE = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.BAD_REQUEST}
"""What a page answers that refuses a parameter."""
_WITH_OTHER_FORMS = (
    "items/<uuid:item_id>/",
    "item/<str:item_id>/",
    "<int:number>/",
    "<str:what>/",
    "customer/<str:public_id>/",
    "cases/<str:reference>/",
    "case/<str:reference>/",
    "open/<slug:process>/",
)
"""The routes on which another argument shows another form."""


def values_of(world: World, page: Page) -> Iterator[dict[str, str]]:
    """Arguments with which the page is there: all of those that lead to another form, and one of the others."""
    cases = [world.case, world.visit, *world.others]
    items = WorkItem.objects.filter(case__in=cases, state=ItemState.OPEN).order_by("kind")
    theirs = [PerformerKind.CUSTOMER, PerformerKind.PARTY]
    performers = {"/portal/": theirs, "/field/": [PerformerKind.PERSON]}
    items = items.filter(performer__in=performers.get(page.face, [PerformerKind.ROLE]))
    of_process = [case.reference for case in world.others if case.process == page.process]
    shown = of_process or [case.reference for case in (world.case, *world.others)]
    known: dict[str, list[str]] = {
        "reference": [world.visit.reference] if page.face == "/field/" else shown,
        "item_id": [str(item.id) for item in items],
        "public_id": [str(world.case.customer.public_id), str(world.stranger.public_id)],
        "process": ["card_reissue", "domain_cession", "contact_change"],
        "kind": ["domain"],
        "key": [str(Domain.objects.filter(customer=world.case.customer).latest("pk").public_id)],
        "pk": [str(world.case.customer.pk)] if "/customers/customer/" in page.route else [_primary_key(page.route)],
        "what": ["freeze", "withdraw"],
        "name": ["risk"],
        "number": ["1", "2", "3", "4"],
        "content_type_id": [str(ContentType.objects.get_for_model(Case).pk)],
        "app_label": ["cases"],
        "url": ["nothing"],
        "username": [world.everything.username],
    }
    lists = [known.get(name, [_primary_key(page.route)]) for name in page.arguments]
    several = page.route.endswith(_WITH_OTHER_FORMS)
    for values in itertools.product(*(one if several else one[:1] for one in lists)):
        yield dict(zip(page.arguments, values, strict=True))


def _primary_key(route: str) -> str:
    """Of some row of the model to whose records the route leads."""
    for model in admin.site._registry:
        if route.startswith(f"/desk/{model._meta.app_label}/{model._meta.model_name}/"):
            row = model._default_manager.first()
            return str(row.pk) if row else "1"
    return "1"


def attack(attacker: Attacker, page: Page, path: str, turn: int, *, most: int = len(PARTS)) -> None:
    """Opens the page, sends parameters and forms. A parameter gets some of the parts, and each form all of them or
    `most`, once: the same form on many pages is sent from one, and of forms with the same fields the first gets all."""
    parts = list(PARTS.values())
    if most < len(parts):
        parts = parts[turn % len(parts) :] + parts[: turn % len(parts)]
    content = send_parameters(attacker, page, path, turn)
    for form, alike in attacker.new_forms(content, page.route):
        for number, part in enumerate(parts[: min(most, FEW) if alike else most]):
            everywhere, where_typed = all_hostile(form, part, path)
            if form.free or number == 0:
                attacker.post(form.action or path, where_typed)
            if number % 4 == turn % 4 and form.chosen:
                attacker.post(form.action or path, everywhere)


def send_parameters(attacker: Attacker, page: Page, path: str, turn: int) -> bytes:
    """Sends parameters to the page, and gives what it shows without them. A page that reads none is the same with them;
    where one address of a route was shown, the others get one request, for they have the same view."""
    parts, names = list(PARTS.values()), (*PARAMETERS, *page.reads)

    def of_all(part: str) -> bytes:
        return attacker.get(path, dict.fromkeys(names, long(part, bytes_=3_000 // len(names))))

    content = b"" if page.reads else of_all(parts[turn % len(parts)])
    if page.reads or attacker.status in SENT_ELSEWHERE:
        content = attacker.get(path)
    there, first = attacker.status == HTTPStatus.OK, page.route not in attacker.opened
    attacker.opened.add(page.route)
    if page.reads and (there or first):
        of_all(parts[turn % len(parts)])
    if there and page.route not in attacker.shown and (page.reads or not page.arguments):
        attacker.shown.add(page.route)
        for usual in ("digits", "punctuation"):
            of_all(PARTS[usual])
        for place, name in enumerate(page.reads):
            attacker.get(path, {name: long(parts[(turn + place) % len(parts)], bytes_=3_000)})
    return content


REACHED = {
    "/portal/": {"told_us", "code", "last_four", "half", "card", "window"},
    "/field/": {"half", "otherwise"},
    "/account/": {"oldpassword", "password1", "code"},
    "/desk/": {"reason", "words", "pasted", "document_last", "card", "username"},
}
"""Fields that must have been attacked on each face: otherwise the test reached nothing."""


@pytest.mark.parametrize("face", REACHED)
def test_no_parameter_and_no_field_breaks_a_page(world: World, people: dict[str, Attacker], face: str) -> None:
    attacker = people[face]
    for turn, page in enumerate(pages(face)):
        for values in values_of(world, page):
            attack(attacker, page, page.at(values), turn, most=most_for(world, values))

    assert [str(fault) for fault in attacker.faults] == []
    assert REACHED[face] - {name for form in attacker.forms.values() for name in form.values} == set()


def most_for(world: World, values: Mapping[str, str]) -> int:
    """The registrar's forms are many, and made of the same fields: each gets two of the parts."""
    items = WorkItem.objects.filter(case__in=world.others).values_list("id", flat=True)
    theirs = {*map(str, items), *(case.reference for case in world.others)}
    return len(PARTS) if theirs.isdisjoint(values.values()) else FEW


@pytest.mark.parametrize("face", ["/portal/", "/desk/", "/field/", "/api/"])
def test_no_argument_of_an_address_breaks_a_page(people: dict[str, Attacker], face: str) -> None:
    """NUL is refused before an address is looked up, and all pages that only lead to another one are one view. The
    three pages of a record of the admin look it up in one way: each gets two of the parts, and not the same for every
    model."""
    attacker, redirected, of_records = people[face], False, itertools.count()
    for page in pages(face):
        if page.redirects and redirected:
            continue
        redirected = redirected or page.redirects
        odd: tuple[str, ...] = ("9", "abc", "\u0301\u0316", "'\"\\", "\udc80", "\u202e")
        if page.arguments == ["object_id"] and not page.redirects:
            number = next(of_records)
            first = 2 * ((number + number // 3) % 3)
            odd = odd[first : first + 2]
        for argument in page.arguments:
            for part in odd:
                text = long(part, bytes_=1 if part == "abc" else 2_000)
                attacker.get(page.at({**dict.fromkeys(page.arguments, "1"), argument: text}))
    attacker.get(f"{face}{long(NUL, bytes_=2_000)}/")

    assert attacker.status == HTTPStatus.BAD_REQUEST
    assert [str(fault) for fault in attacker.faults] == []
    assert MIDDLEWARE.index("backoffice.raw_input.RawInput") < MIDDLEWARE.index("backoffice.machines.ShortWay")


def test_no_content_breaks_the_api(world: World, people: dict[str, Attacker]) -> None:
    attacker = people["/api/"]
    names = ("process", "key", "customer", "card", "reason", "outcome", "document", "document_last", "words", "data")
    for page in pages("/api/"):
        for values in values_of(world, page):
            path = page.at(values)
            for part in PARTS.values():
                text = long(part, bytes_=2_000)
                attacker.get(path, dict.fromkeys(("state", "process", "after", "mine", "customer"), text[:200]))
                whole = part * (LARGEST_CONTENT["/api/"] // 12 // len(names))
                attacker.post_json(path, dict.fromkeys(names, whole))
                if attacker.status == HTTPStatus.METHOD_NOT_ALLOWED:
                    continue
                attacker.post_json(
                    path, {**dict.fromkeys(names, whole), "process": "card_reissue", "outcome": "approved"}
                )
            odds: list[Any] = [[], "", 1e308, {"reason": [[]] * 1000}, {"reason": 10**400}, {text: text}]
            for odd in odds if attacker.status != HTTPStatus.METHOD_NOT_ALLOWED else []:
                attacker.post_json(path, odd)

    assert [str(fault) for fault in attacker.faults] == []


def test_nobody_needs_to_sign_in_to_be_answered() -> None:
    attacker = Attacker(Client(raise_request_exception=False))
    for turn, page in enumerate(page for page in pages() if not page.arguments):
        attack(attacker, page, page.route, turn)

    assert [str(fault) for fault in attacker.faults] == []
    assert {"login", "password", "username", "mail"} <= {
        name for form in attacker.forms.values() for name in form.values
    }


def test_a_row_that_is_locked_for_long_is_seen(world: World) -> None:
    with undone(), lock_held() as held:
        with transaction.atomic():
            assert Case.objects.select_for_update().filter(pk=world.case.pk).exists()
            until = time.process_time() + HELD
            while time.process_time() < until:
                pass
        with transaction.atomic():
            assert Case.objects.filter(pk=world.case.pk).exists()

    assert HELD <= held() < HELD * 5
