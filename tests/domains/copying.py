"""Copies of identity documents among the papers of a cession, and people who look at them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from backoffice.actors import system
from backoffice.cases import answering, need_to_know, worklist
from backoffice.cases.models import Case, WorkItem
from backoffice.documents import copies, redacting, storing
from backoffice.documents.models import Document, Origin, Paper
from backoffice.domains.cession import papers
from backoffice.staff import rights
from backoffice.staff.models import Role, User
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import ask
from tests.portal.conftest import Person, make_person

FOUND = {"names": "yes", "addresses": "yes", "signatures": "yes", "power_of_attorney": "not_needed"}
LOOKED_AT = ["covered", "shown"]
"""Page by page, and never as a download."""
SHOWN, HIDDEN, NEVER, UNKNOWN = (2 * [word] for word in ("shown", "covered", "refused", "unknown"))
COVERED = ("Only the redacted copy", "not redacted yet: only the person", "Claim this first", "looked at here")
NAME = {"page_1_area_1_left": 10, "page_1_area_1_top": 10, "page_1_area_1_width": 30, "page_1_area_1_height": 5}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT, settings.CLAMD_URL = tmp_path, ""


@pytest.fixture
def holder(db: None) -> Person:
    return make_person()


@pytest.fixture
def case(holder: Person) -> Case:
    opened = open_cession(make_domain(holder.customer), route="paper", number_kind="PESEL", number=PESEL, **ADDRESS)
    effect(opened, "make_form")
    return opened


@pytest.fixture
def checks(case: Case) -> tuple[WorkItem, WorkItem]:
    return ask(case, "check_form", stage="checked"), ask(case, "check_again")


@pytest.fixture
def copy(case: Case) -> Document:
    return scan(case, Paper.IDENTITY)


def scan(case: Case, kind: Paper, *, label: str = "passport.png", colour: str = "navy") -> Document:
    """A scan of the post room, as adding it leaves it."""
    what = storing.What(
        purpose=papers.SCANNED,
        origin=Origin.SCANNED,
        case=case,
        label=label,
        kind=kind,
        retain_until=now() + copies.COPY_LASTS if kind is Paper.IDENTITY else None,
    )
    out = io.BytesIO()
    Image.new("RGB", (310, 200 + len(kind)), colour).save(out, "PNG")
    return storing.keep(what, out.getvalue(), media_type="image/png", pages=1, by=system(), now=now())


def claims(item: WorkItem, role: Role = Role.SUPPORT) -> User:
    """A person of this role who has claimed the check."""
    user = make_staff(role=role)
    worklist.claim(item_id=item.id, by=actor(user), user=user)
    return user


def redact(copy: Document, user: User, **areas: int) -> Document:
    return redacting.redact(public_id=copy.public_id, data=areas, by=actor(user), user=user)


def answers(item: WorkItem, user: User, **more: str) -> answering.Receipt:
    return answering.answer(item_id=item.id, by=actor(user), data={**FOUND, **more})


def looks(document: Document, who: User | Client) -> list[str]:
    """What the file and the page of a document answer; staff has said why they read the case."""
    client = who if isinstance(who, Client) else sign_in(Client(), who)
    assert document.case is not None
    if isinstance(who, User) and rights.READ.allows(actor(who)):
        need_to_know.read_case(document.case, by=actor(who), user=who, now=now(), page="", reason="They called us")
    return [_answer(client, document, name, more) for name, more in (("file", []), ("page", [1]))]


def _answer(client: Client, document: Document, name: str, more: list[int]) -> str:
    response = client.get(reverse(f"documents:{name}", args=[document.public_id, *more]))
    if response.status_code == 403:
        says = response.content.decode()
        return "covered" if any(one in says for one in COVERED) and "<" not in says else "refused"
    return {200: "shown", 404: "unknown"}[response.status_code]


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address, follow=True).content.decode().split())
