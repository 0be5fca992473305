"""What people try by every route, and what the policy table says becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backoffice.cases import answering, catalogue, freezing, opening, permissions, reminding, withdrawing, worklist
from backoffice.customers import reading
from backoffice.refusals import Forbidden
from backoffice.staff import rights
from backoffice.staff.models import Role
from backoffice.staff.rights import Right
from tests.factories import now
from tests.threats.people import CALLED, Answer, Person, World, by_rule, key
from workflows.base.spec import ItemKind


def may(row: Right, person: Person) -> bool:
    """Whether the row allows it to this person; nothing is allowed to an account that is switched off."""
    try:
        return row.allows(person.actor)
    except Forbidden:
        return False


Try = Callable[[World, Person, str], Answer]
GATES = {
    "desk": rights.USE_DESK,
    "admin": rights.USE_DESK,
    "api": rights.LIST,
    "command line": rights.WORKLIST,
    "portal": rights.USE_PORTAL,
}
"""Whom a face lets in at all."""


@dataclass(frozen=True)
class Tried:
    """An act on `own`, `others` and `frozen`, by each route. `then` and `frozen` are what becomes of it for those whom
    the row allows."""

    row: Right
    routes: Mapping[str, Try]
    then: Answer = "done"
    frozen: Answer | Callable[[Person], Answer] = "done"
    on_cases: bool = True
    """Whether it is done to a case; otherwise it is tried once."""

    def expected(self, route: str, person: Person, which: str) -> set[Answer]:
        gate = GATES.get(route, self.row)
        if not (may(gate, person) and may(self.row, person)):
            return {"refused", "unknown"}
        if not self.on_cases:
            return {self.then}
        if which == "others" and person.name == "customer":
            return {"unknown", "refused"}
        if which != "others" and person.name == "another customer":
            return {"unknown", "refused"}
        if which == "frozen":
            return {self.frozen(person) if callable(self.frozen) else self.frozen}
        return {self.then}


def on_desk(what: str) -> Try:
    return lambda w, who, which: who.post(f"/desk/case/{w.cases[which].reference}/{what}/", reason="They asked")


def at(address: str) -> Try:
    return lambda w, who, which: who.get(address)


def opening_told(world: World, which: str) -> dict[str, str]:
    card = world.cards["others" if which == "others" else "own"]
    return {"card": str(card.public_id), "reason": "lost"}


def open_at_desk(world: World, who: Person, which: str) -> Answer:
    customer = world.customer(which)
    by_rule(lambda: reading.open_record(customer=customer, by=who.actor, user=who.account, now=now(), reason=CALLED))
    return who.post(
        f"/desk/customer/{customer.public_id}/open/card_reissue/", opening_key=key(), **opening_told(world, which)
    )


CARD = catalogue.process("card_reissue")


def kind_of(name: str) -> ItemKind[Any, Any]:
    return CARD.item(name).spec


CALL_ROLES = permissions.to_answer(kind_of("call_customer")).roles
TRIES = {
    "freeze": Tried(
        rights.FREEZE,
        {
            "rule": lambda w, who, which: by_rule(
                lambda: freezing.freeze(case_id=w.cases[which].id, by=who.actor, reason="x")
            ),
            "desk": on_desk("freeze"),
        },
    ),
    "unfreeze": Tried(
        rights.UNFREEZE,
        {
            "rule": lambda w, who, which: by_rule(
                lambda: freezing.unfreeze(case_id=w.cases[which].id, by=who.actor, reason="x")
            ),
            "desk": on_desk("unfreeze"),
        },
        then="conflict",
    ),
    "withdraw": Tried(
        rights.WITHDRAW,
        {
            "rule": lambda w, who, which: by_rule(
                lambda: withdrawing.withdraw(case_id=w.cases[which].id, by=who.actor)
            ),
            "desk": on_desk("withdraw"),
            "api": lambda w, who, which: who.api(f"cases/{w.cases[which].reference}/withdrawal", {"reason": "x"}),
            "command line": lambda w, who, which: who.command("withdraw", w.cases[which].reference, "--reason", "x"),
            "portal": lambda w, who, which: who.post(f"/portal/cases/{w.cases[which].reference}/stop/"),
        },
        frozen=lambda who: "done" if who.name == Role.SUPERVISOR.value else "conflict",
    ),
    "retry": Tried(rights.RETRY, {"desk": on_desk("retry")}, then="conflict", frozen="conflict"),
    "remind": Tried(
        rights.REMIND,
        {
            "rule": lambda w, who, which: by_rule(
                lambda: reminding.remind_by_hand(item_id=w.surveys[which].id, by=who.actor)
            ),
            "desk": lambda w, who, which: who.post(f"/desk/item/{w.surveys[which].id}/remind/"),
        },
        frozen="conflict",
    ),
    "claim": Tried(
        replace(rights.CLAIM, roles=CALL_ROLES),
        {
            "rule": lambda w, who, which: by_rule(
                lambda: worklist.claim(item_id=w.calls[which].id, by=who.actor, user=who.account)
            ),
            "desk": lambda w, who, which: who.post(f"/desk/item/{w.calls[which].id}/claim/"),
            "api": lambda w, who, which: who.api(f"items/{w.calls[which].id}/claim", {}),
        },
        frozen="conflict",
    ),
    "answer of staff": Tried(
        permissions.to_answer(kind_of("call_customer")),
        {
            "rule": lambda w, who, which: by_rule(
                lambda: answering.answer(item_id=w.calls[which].id, by=who.actor, data={})
            ),
            "desk": lambda w, who, which: who.post(f"/desk/item/{w.calls[which].id}/"),
            "api": lambda w, who, which: who.api(f"items/{w.calls[which].id}/answer", {}),
        },
        then="invalid",
        frozen="conflict",
    ),
    "draft of a customer": Tried(
        permissions.to_answer(kind_of("email_survey")),
        {
            "rule": lambda w, who, which: by_rule(
                lambda: answering.save_draft(item_id=w.surveys[which].id, by=who.actor, data={})
            ),
            "desk": lambda w, who, which: who.post(f"/desk/item/{w.surveys[which].id}/"),
            "api": lambda w, who, which: who.api(f"items/{w.surveys[which].id}/answer", {}),
        },
        frozen="conflict",
    ),
    "open": Tried(
        permissions.to_open(CARD),
        {
            "rule": lambda w, who, which: by_rule(
                lambda: opening.open_by_form(
                    process="card_reissue",
                    by=who.actor,
                    key=key(),
                    data=opening_told(w, which),
                    customer=w.customer(which),
                )
            ),
            "desk": open_at_desk,
            "api": lambda w, who, which: who.api(
                "cases", {"process": "card_reissue", "key": key(), **opening_told(w, which)}
            ),
            "command line": lambda w, who, which: who.command(
                "open", "card_reissue", "--key", key(), *(f"--{n}={v}" for n, v in opening_told(w, which).items())
            ),
        },
    ),
    "open a visit": Tried(
        permissions.to_open(catalogue.process("home_visit")),
        {
            "rule": lambda w, who, which: by_rule(
                lambda: opening.open_case(
                    process="home_visit", customer=w.customer(which), by=who.actor, key=key(), content={}
                )
            ),
            "desk": lambda w, who, which: who.post(f"/desk/customer/{w.customer(which).public_id}/open/home_visit/"),
            "api": lambda w, who, which: who.api("cases", {"process": "home_visit", "key": key()}),
            "command line": lambda w, who, which: who.command("open", "home_visit", "--key", key()),
            "portal": lambda w, who, which: who.post("/portal/open/home_visit/", key=key()),
        },
    ),
    "see the portal": Tried(rights.USE_PORTAL, {"portal": at("/portal/")}, on_cases=False),
    "list": Tried(
        rights.LIST,
        {
            "api": lambda w, who, which: who.api("cases"),
            "command line": lambda w, who, which: who.command("list"),
            **{
                "admin" if model == "cases/case" else f"admin {model}": at(f"/desk/{model}/")
                for model in (
                    "cases/case",
                    "cases/workitem",
                    "cases/event",
                    "trust/contact",
                    "outgoing/message",
                    "cards/card",
                    "domains/domain",
                    "visits/visit",
                    "customers/customer",
                )
            },
        },
        on_cases=False,
    ),
    "watch the engine": Tried(rights.WATCH_ENGINE, {"admin": at("/desk/cases/command/")}, on_cases=False),
    "see who looked": Tried(rights.SEE_ACCESSES, {"admin": at("/desk/customers/access/")}, on_cases=False),
    "see accounts": Tried(rights.SEE_ACCOUNTS, {"admin": at("/desk/staff/user/")}, on_cases=False),
    "change accounts": Tried(rights.CHANGE_ACCOUNTS, {"admin": at("/desk/staff/user/add/")}, on_cases=False),
    "register": Tried(rights.REGISTER, {"admin": at("/desk/customers/customer/add/")}, on_cases=False),
    "recognise": Tried(
        rights.RECOGNISE, {"desk": lambda w, who, which: who.post("/desk/ours/", pasted="K7Q-4MX-2")}, on_cases=False
    ),
    "report": Tried(
        rights.REPORT,
        {
            "desk": lambda w, who, which: who.post(
                "/desk/ours/report/", pasted="evil@example.org", key=str(w.visit.id), channel="mail"
            )
        },
        on_cases=False,
    ),
}
