"""Everybody who may try something, the cases that they try it on, and how each route answers them."""

from __future__ import annotations

import contextlib
import io
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from knox.models import AuthToken

from backoffice.actors import Actor, Channel, system
from backoffice.cards.models import Card
from backoffice.cases import freezing
from backoffice.cases.models import Case, Event, IncidentKind, WorkItem
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Refused
from backoffice.staff.models import Role, User
from backoffice.staff.roles import actor_of
from tests.factories import make_card, make_staff, sign_in
from tests.playing import ask, open_card_case, open_incident, outside_actor
from tests.visits.visiting import agreed

Answer = str
"""What became of a try: done, refused, unknown (there is no such thing), conflict, or invalid."""
_BY_STATUS = {400: "invalid", 401: "refused", 403: "refused", 404: "unknown", 409: "conflict"}
CALLED = "They called about it"


@dataclass
class Person:
    """Somebody with an account, signed in and with a token, or an outside system, or the process."""

    name: str
    user: User | None = None
    acts: Actor | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    token: str = ""
    session: dict[str, str] = field(default_factory=dict)
    """The cookies after signing in; each request begins with these."""

    @property
    def actor(self) -> Actor:
        """Raises `Forbidden` for an account that is switched off."""
        return self.acts or actor_of(user=self.account, channel=Channel.DESK)

    @property
    def account(self) -> User:
        assert self.user is not None
        return self.user

    def get(self, address: str, **query: str) -> Answer:
        return self._said(lambda: self.client.get(address, query))

    def post(self, address: str, **data: str) -> Answer:
        return self._said(lambda: self.client.post(address, data))

    def api(self, address: str, content: Mapping[str, Any] | None = None, *, reason: str = "") -> Answer:
        """GET, or POST where there is content. Raw headers and no cookies, as a machine sends them."""
        headers = {"authorization": f"Token {self.token}", **({"reason": reason} if reason else {})}
        client, url = self.client, f"/api/v1/{address}"
        client.cookies = SimpleCookie()
        if content is None:
            return answer_of(client.get(url, headers=headers))
        return answer_of(client.post(url, json.dumps(content), content_type="application/json", headers=headers))

    def command(self, *said: str) -> Answer:
        try:
            call_command("case", *said, "--by", self.account.username, stdout=io.StringIO())
        except CommandError as error:
            cause = error.__context__
            return _BY_STATUS[cause.status] if isinstance(cause, Refused) else "refused"
        return "done"

    def _said(self, asks: Callable[[], Any]) -> Answer:
        self.client.cookies = SimpleCookie(self.session)
        return answer_of(asks())


def answer_of(response: HttpResponse | Any) -> Answer:
    if response.status_code in (301, 302):
        return "refused" if "login" in response.headers["Location"] else "done"
    return _BY_STATUS.get(response.status_code, "done" if response.status_code < 400 else f"{response.status_code}")


def by_rule(calls: Callable[[], object]) -> Answer:
    try:
        calls()
    except Refused as refused:
        return _BY_STATUS[refused.status]
    return "done"


@dataclass
class World:
    """`maria` and `ewa` are customers; each has a case in which the desk is to call them, and a card in no case.
    Another case of Maria's is paused."""

    people: dict[str, Person]
    cases: dict[str, Case]
    """own (Maria's), others (Ewa's), frozen (Maria's)."""
    calls: dict[str, WorkItem]
    surveys: dict[str, WorkItem]
    cards: dict[str, Card]
    visit: Case
    incident: int

    def customer(self, which: str = "own") -> Customer:
        return self.cases[which].customer

    def phone(self, which: str = "own") -> ContactPoint:
        return self.customer(which).contact_points.get(kind=ContactKind.PHONE, superseded_at=None)


def make_world() -> World:
    cases = {"own": open_card_case(make_card()), "others": open_card_case(make_card())}
    maria, ewa = cases["own"].customer, cases["others"].customer
    cases["frozen"] = open_card_case(make_card(customer=maria))
    calls = {which: ask(case, "call_customer") for which, case in cases.items()}
    surveys = {which: ask(case, "email_survey") for which, case in cases.items()}
    freezing.freeze(case_id=cases["frozen"].id, by=system(), reason="suspicion")
    visit = agreed().case
    open_incident(visit, IncidentKind.RUNS_ON)
    for case in cases.values():
        case.refresh_from_db()
    return World(
        people={person.name: person for person in _people(maria, ewa)},
        cases=cases,
        calls=calls,
        surveys=surveys,
        cards={"own": make_card(customer=maria), "others": make_card(customer=ewa)},
        visit=visit,
        incident=visit.incidents.get().pk,
    )


def _people(maria: Customer, ewa: Customer) -> Iterator[Person]:
    for role in Role:
        yield _signed_in(Person(role.value, make_staff(role=role)))
    yield _signed_in(Person("no role", make_staff(role=None)))
    yield _signed_in(Person("superuser", make_staff(role=None, is_superuser=True)))
    gone = _signed_in(Person("switched off", make_staff(role=Role.SUPERVISOR)))
    gone.account.is_active = False
    gone.account.save(update_fields=["is_active"])
    gone.user = User.objects.get(pk=gone.account.pk)
    yield gone
    yield _signed_in(Person("customer", maria.user))
    yield _signed_in(Person("another customer", ewa.user))
    yield Person("machine", acts=outside_actor())
    yield Person("process", acts=system())


def _signed_in(person: Person) -> Person:
    sign_in(person.client, person.account)
    person.session = {name: one.value for name, one in person.client.cookies.items()}
    person.token = AuthToken.objects.create(user=person.account)[1]
    return person


@contextlib.contextmanager
def taken_back() -> Iterator[None]:
    """What is written within is not kept. It counts as the test's own transaction, so that a rule which notes a
    refusal for good may do so."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def written() -> tuple[int, ...]:
    """Grows with whatever is done to a case."""
    tables = (model._meta.db_table for model in (Event, Case, User, ContactPoint))
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
        return tuple(cursor.fetchone())


def key() -> str:
    return uuid.uuid4().hex
