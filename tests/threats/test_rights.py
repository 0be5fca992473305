"""One policy table, asked by the rules themselves: every rule has a row, and every route gives the row's answer."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from django.conf import settings
from django.db import transaction

import backoffice
from backoffice.actors import Actor
from backoffice.cases import answering, catalogue, permissions, worklist
from backoffice.cases.models import PerformerKind
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.staff import rights
from backoffice.staff.models import Role
from backoffice.staff.rights import Right
from tests.threats.people import Answer, Person, World, make_world, taken_back, written
from tests.threats.rule_calls import CALLS
from tests.threats.tries import TRIES, Tried, Try, may

pytestmark = pytest.mark.django_db
PEOPLE = (*(role.value for role in Role), "no role", "superuser", "switched off", "customer", "another customer")
MACHINES = ("machine", "process")
FACES = ("desk", "portal", "field", "api", "cli", "ui", "cards/reissue/api.py", "cards/reissue/portal.py")
FACES_OF_VISITS = ("visits/field", "visits/portal")
CHANGE_NOTHING = {
    *("actions", "can_compare", "code_of", "described", "door", "find", "first_gap", "form_for", "form_of"),
    *("goes_on_at", "half_a", "incident_lines", "label", "may_open", "offers", "openable", "panel", "progress"),
    *("related", "screen", "since", "turns"),
}
"""Questions about what an actor may do or see, which faces may ask."""


# --- every rule has a row ---------------------------------------------------------------------------------------------


@cache
def modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(backoffice.__path__, "backoffice.")]
    left_out = (".migrations", "backoffice.wsgi", "backoffice.celery")
    return [importlib.import_module(name) for name in names if not any(part in name for part in left_out)]


@cache
def with_an_actor() -> list[tuple[str, inspect.Signature]]:
    """Every public function that takes `by: Actor`, by its dotted name."""
    return list(_with_an_actor())


def _with_an_actor() -> Iterator[tuple[str, inspect.Signature]]:
    for module in modules():
        for name, function in vars(module).items():
            if isinstance(function, FunctionType) and function.__module__ == module.__name__ and name[0] != "_":
                signature = inspect.signature(function)
                by = signature.parameters.get("by")
                if by is not None and "Actor" in str(by.annotation):
                    yield f"{module.__name__}.{name}", signature


def rules() -> Mapping[str, Right]:
    modules()
    return {name.removeprefix("backoffice."): row for name, row in rights.rules().items() if "backoffice" in name}


def is_rule(signature: inspect.Signature) -> bool:
    """A rule's parameters are all named. What takes a case that is being changed already is a part of another rule."""
    named = all(one.kind is one.KEYWORD_ONLY for one in signature.parameters.values())
    return named and not any("Case" in str(one.annotation) for one in signature.parameters.values())


def test_every_rule_stands_under_a_row() -> None:
    missing = [name for name, signature in with_an_actor() if is_rule(signature) and name not in rights.rules()]

    assert missing == [], "put it under a row of backoffice/staff/rights.py with @needs(ROW)"


def test_every_row_that_a_rule_stands_under_is_in_the_table() -> None:
    table = {*permissions.common_rows(), *(row for process in catalogue.all_processes() for row in process.rights)}

    assert {name for name, row in rules().items() if row not in table} == set()
    assert len({row.act for row in table}) == len(table)


def test_a_rule_without_a_row_would_be_found() -> None:
    def new_rule(*, case_id: str, by: Actor) -> None: ...

    assert is_rule(inspect.signature(new_rule))


def files_of_faces() -> list[Path]:
    root = Path(settings.BASE_DIR) / "backoffice"
    found = [root / name for name in (*FACES, *FACES_OF_VISITS)]
    files = [path for one in found for path in ([one] if one.suffix else sorted(one.rglob("*.py")))]
    return [*files, *sorted(root.glob("*/admin.py"))]


@pytest.mark.parametrize("path", files_of_faces(), ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_face_acts_through_rules_only(path: Path) -> None:
    """Whatever a face calls in somebody's name has a row, or changes nothing."""
    known = {name.rpartition(".")[2] for name, _signature in with_an_actor()}
    free = {name.rpartition(".")[2] for name in rights.rules()} | CHANGE_NOTHING
    calls = [
        (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and any(one.arg == "by" for one in node.keywords)
    ]

    assert [name for name in calls if name in known - free and not name.startswith("why_not")] == []


# --- every rule gives the answer of its row ---------------------------------------------------------------------------


@pytest.fixture
def _django_db_helper() -> None:
    """In the place of pytest-django's, which gives each test a transaction and a connection of its own."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Made once; each try is taken back."""
    with django_db_blocker.unblock(), taken_back():  # type: ignore[attr-defined]
        yield make_world()


def row_of(name: str) -> Right:
    """The row of a rule, narrowed as the process or the work item of the call narrows it."""
    row = rules()[name]
    process = catalogue.process("card_reissue")
    if row is rights.OPEN:
        return replace(permissions.to_open(process), process=name.endswith("open_case"))
    return row


def refusal(name: str, world: World, person: Person) -> str | None:
    """The sentence with which the rule refuses because of the row; None where it gets past the row."""
    user = person.user or world.people[Role.SUPPORT.value].account
    try:
        CALLS[name](world, person.actor, user)
    except Forbidden as refused:
        return refused.sentence
    except Refused:
        return None
    return None


@pytest.mark.parametrize("name", sorted(rules()))
def test_a_rule_refuses_whom_its_row_leaves_out_and_nobody_else(world: World, name: str) -> None:
    assert name in CALLS, "add a call of the new rule to tests/threats/rule_calls.py"
    row = row_of(name)
    before = written()
    for person in world.people.values():
        with taken_back():
            sentence = refusal(name, world, person)
            if not may(row, person):
                assert sentence == (row.refusal if person.name != "switched off" else "Sign in first."), person.name
                assert written() == before, person.name
            else:
                assert sentence != row.refusal or person.name == "another customer", person.name


# --- every route gives the same answer --------------------------------------------------------------------------------


@pytest.mark.parametrize("act", TRIES)
def test_every_route_gives_every_role_the_answer_of_the_table(world: World, act: str) -> None:
    tried, before = TRIES[act], written()
    for route, attempt in tried.routes.items():
        for name in PEOPLE:
            person = world.people[name]
            for which in which_ones(tried, route, name):
                expected = tried.expected(route, person, which)
                with taken_back():
                    answer = attempt_of(attempt, world, person, which)
                    assert answer in expected, (route, name, which)
                    assert answer == "done" or written() == before, (route, name, which)
                if expected == {"refused", "unknown"} and route != "rule":
                    break


def which_ones(tried: Tried, route: str, name: str) -> tuple[str, ...]:
    """The cases that are worth a try: to staff, Maria's and Ewa's are alike, as the rule itself shows."""
    if not tried.on_cases:
        return ("own",)
    return ("own", "others", "frozen") if route == "rule" or "customer" in name else ("own", "frozen")


def attempt_of(attempt: Try, world: World, person: Person, which: str) -> Answer:
    """Making the actor of an account that is switched off is refused before the rule is reached."""
    try:
        return attempt(world, person, which)
    except Forbidden:
        return "refused"


def test_a_handover_to_somebody_who_was_switched_off_is_refused(world: World) -> None:
    support, gone = world.people[Role.SUPPORT.value], world.people["switched off"]
    with taken_back():
        worklist.claim(item_id=world.calls["own"].id, by=support.actor, user=support.account)

        with pytest.raises(Refused, match="That colleague may not do this"):
            worklist.hand_over(item_id=world.calls["own"].id, to=gone.account, by=support.actor, user=support.account)


@pytest.mark.parametrize("what", ["claim", "release", "hand_over", "answer"])
def test_nobody_acts_in_the_name_of_another(world: World, what: str) -> None:
    support, other = world.people[Role.SUPPORT.value], world.people[Role.SUPERVISOR.value]
    item = world.calls["own"]
    calls: dict[str, Callable[[], object]] = {
        "claim": lambda: worklist.claim(item_id=item.id, by=support.actor, user=other.account),
        "release": lambda: worklist.release(item_id=item.id, by=other.actor, user=support.account),
        "hand_over": lambda: worklist.hand_over(
            item_id=item.id, to=support.account, by=other.actor, user=support.account
        ),
        "answer": lambda: answering.answer(
            item_id=item.id, by=support.actor, data={}, session=answering.Session(other.account, "")
        ),
    }
    with taken_back(), pytest.raises((Forbidden, NotFound)):
        calls[what]()


def test_a_work_item_is_answered_by_whom_its_row_names(world: World) -> None:
    """The rows of the document and the rule that decides say the same, for every kind of every process."""
    for process in catalogue.all_processes():
        for kind in process.spec.kinds:
            if not kind.role:
                continue
            item = world.calls["own"]
            item.performer, item.role, item.part, item.escalated_at = PerformerKind.ROLE, kind.role, kind.part, None
            row = permissions.to_answer(kind)
            assert {role for role in Role if permissions.may_do(item, roles={role.value})} == row.roles, kind.name
    world.calls["own"].refresh_from_db()


def test_the_sweep_writes_nothing(world: World) -> None:
    assert transaction.get_connection().in_atomic_block
    world.cases["own"].refresh_from_db()
    assert world.cases["own"].state == "open"
