"""Drives cessions of domains on a running stack by the rule functions, and holds the worker at chosen moments of them;
runs in a process of its own (see `inside`)."""

from __future__ import annotations

import itertools
from typing import Any

import requests
from django.conf import settings

from backoffice.actors import Level
from backoffice.cases import answering
from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.domains.cession.models import Cession
from backoffice.domains.models import Domain, RegistryCommand
from tests.domains.ceding import ADDRESS, make_domain, open_cession
from tests.factories import make_customer
from tests.faults.driving import in_the_day, until
from tests.faults.holding import hold_rows, let_all_go, let_go
from tests.playing import customer_actor

_numbers = itertools.count(1)
_BEFORE_THE_FRAME = """
    INSERT INTO domains_registrycommand
        (key, cltrid, verb, name, digest, state, known, tries, first_sent_at, sent_at, svtrid)
    VALUES (%s || ':change_holder:1', %s, '', '', '', 'sent', '{}', 0, now(), now(), '')
"""
"""The row of the command that changes the holder cannot be written while another transaction writes the same key."""
_BEFORE_THE_RECORD = """
    SELECT 1 FROM domains_domainholding
    WHERE domain_id = (SELECT domain_id FROM domains_cession WHERE case_id = %s) FOR UPDATE
"""
"""The time of the holder before ends in the record, which is written after the registry has answered."""


def opened() -> str:
    """A cession between two customers, so that nobody has to approve it, of a domain that the registry knows; both
    still have to sign. Gives the case's id."""
    holder, new = make_customer(time_zone=in_the_day()), make_customer(time_zone=in_the_day(), given_name="Ewa")
    domain = make_domain(holder, f"killed{next(_numbers)}.demo.example")
    _registry("domains", {"name": domain.name, "registrant": "HOLDER-1"})
    mail = new.contact_points.get(kind="mail").value
    case = open_cession(domain, mail=mail, given_name=new.given_name, family_name=new.family_name)
    _answer(str(case.id), "request")
    return str(case.id)


def sign(*, case_id: str) -> None:
    """Both sign, and the time to stop it begins."""
    for kind in ("confirm_old", "confirm_new"):
        _answer(case_id, kind)
    until(lambda: Case.objects.get(id=case_id).stage == "cooling", "not cooling", case_id, 60)


def _answer(case_id: str, kind: str) -> None:
    """Once it is asked."""
    asked = WorkItem.objects.select_related("case__customer", "party").filter(case_id=case_id, kind=kind)
    until(asked.exists, f"no {kind}", case_id, 60)
    item = asked.get()
    by = customer_actor(item.party or item.case.customer, level=Level.CONFIRMED, proof="totp")
    answering.answer(item_id=item.id, by=by, data=_data(item))


def _data(item: WorkItem) -> dict[str, str]:
    if item.kind == "confirm_new" and item.party is not None:
        number = item.party.national_ids.get()
        return {"decision": "agreed", "number_kind": number.kind, "number": number.number, **ADDRESS}
    return {"decision": "agreed"} if item.kind == "confirm_old" else {}


def ends(*, case_id: str, seconds: float = 90) -> None:
    until(lambda: Case.objects.get(id=case_id).state == CaseState.CLOSED, "not closed", case_id, seconds)


# --- the moments ------------------------------------------------------------------------------------------------------


def hold(*, case_id: str, before: str) -> None:
    """The worker cannot go on in this case `before` the "frame" or the "record", until `let_go`."""
    if before == "frame":
        hold_rows(_BEFORE_THE_FRAME, case_id, f"held {case_id}"[:40], case_id=case_id, before=before)
    else:
        hold_rows(_BEFORE_THE_RECORD, case_id, case_id=case_id, before=before)


def is_acted_on(*, case_id: str) -> None:
    """Until the registry has changed the holder."""
    until(lambda: _is_changed(case_id), "not changed there", case_id, 30)


def is_recorded(*, case_id: str) -> None:
    """Until our record says so."""
    until(lambda: Cession.objects.get(case_id=case_id).executed_at is not None, "not recorded", case_id, 30)


def stands(*, case_id: str) -> tuple[str, bool, bool]:
    """The state of the command that changes the holder, whether the registry has changed them, and whether we have."""
    command = RegistryCommand.objects.filter(key=f"{case_id}:change_holder:1").first()
    recorded = Cession.objects.get(case_id=case_id).executed_at is not None
    return command.state if command else "", _is_changed(case_id), recorded


def _is_changed(case_id: str) -> bool:
    cession = Cession.objects.select_related("domain").get(case_id=case_id)
    return bool(cession.handle) and _registry(f"domains/{cession.domain.name}")["registrant"] == cession.handle


# --- what became of it ------------------------------------------------------------------------------------------------


def holders(*, case_id: str) -> dict[str, Any]:
    """Who holds the domain there and here, and what still locks it."""
    cession = Cession.objects.select_related("domain").get(case_id=case_id)
    there, here = _registry(f"domains/{cession.domain.name}"), Domain.objects.get(pk=cession.domain_id)
    party = cession.case.parties.get(role="new_holder").customer_id
    return {
        "new there": there["registrant"] == cession.handle,
        "new here": here.customer_id == party,
        "times of holders": here.holdings.count(),
        "locks": {*there["statuses"], *here.statuses, *here.locks} - {"ok"},
        "held by": here.held_by_case,
    }


def slow_to_answer(*, seconds: float) -> None:
    """The registry acts on the next change of a domain, and answers so much later."""
    _registry("faults", {"kind": "slow", "on": "domain:update", "seconds": seconds})


def changes_made() -> int:
    """How many changes of domains the registry has made since it began."""
    made: int = _registry("state")["done"].get("domain:update", 0)
    return made


def _registry(path: str, content: Any = None) -> Any:
    method = "GET" if content is None else "POST"
    answer = requests.request(method, f"{settings.REGISTRY_CONTROL_URL}/_sim/{path}", json=content, timeout=10)
    answer.raise_for_status()
    return answer.json()


__all__ = ["let_all_go", "let_go"]
