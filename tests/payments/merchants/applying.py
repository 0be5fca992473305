"""Companies that apply as merchants, played step by step without an engine."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from backoffice.actors import Actor, Level
from backoffice.cases import answering, opening
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.documents import storing
from backoffice.documents.models import Document, Origin
from backoffice.payments.merchants import papers
from backoffice.payments.merchants.models import Merchant
from backoffice.staff.models import Role, User
from tests.documents import hostile
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect

IBAN = "NL91 ABNA 0417 1643 00"
APPLIES = {
    "trade": "5992",
    "currency": "EUR",
    "highest_amount": "250",
    "monthly_volume": "8,000.00",
    "iban": IBAN,
}
LIMITS = {"per_payment": "250.00", "per_day": "1000", "per_month": "9000"}
FITS = {
    **dict.fromkeys(("name", "number", "active", "fresh", "entitled", "trade_fits"), "yes"),
    "outcome": "fits",
}
AS_BEFORE = {
    **dict.fromkeys(("active", "same_trade", "same_account", "limits_fit", "undisputed"), "yes"),
    "outcome": "as_before",
}
_numbers = itertools.count(11_223_344)
_letters = itertools.product("abdefghkmpqrstuvwxyz", repeat=4)


def make_company(**particulars: Any) -> Customer:
    """A company with a register number."""
    return make_customer(**({"kind": "organisation", "national_ids": {"KVK": str(next(_numbers))}} | particulars))


def a_name() -> str:
    """A trading name that no other company has."""
    return f"Bloemen {''.join(next(_letters))}"


def apply(company: Customer, by: Actor | None = None, /, *, key: str = "", **data: str) -> Case:
    case, _new = opening.open_by_form(
        process="merchant_admission",
        customer=company,
        by=by or customer_actor(company),
        key=key or str(uuid.uuid4()),
        data={"trading_name": a_name(), **APPLIES, **data},
    )
    return case


def answer(item: WorkItem, user: User | None = None, /, **data: Any) -> None:
    """As the company itself, or as this member of staff."""
    company = customer_actor(item.case.customer, level=Level.CONFIRMED, proof="totp")
    answering.answer(item_id=item.id, by=actor(user) if user else company, data=data)


def with_extract(case: Case) -> WorkItem:
    """The step in which the company sends its papers, with an extract added."""
    item = ask(case, "send_papers", stage="applied")
    what = storing.What(
        purpose=papers.EXTRACT, origin=Origin.UPLOADED, case=case, item=item, customer=case.customer, label="KvK.pdf"
    )
    storing.keep(
        what, hostile.pdf(), media_type="application/pdf", pages=1, by=customer_actor(case.customer), now=now()
    )
    return item


def extract_of(case: Case) -> Document:
    return Document.objects.get(case=case, purpose=papers.EXTRACT)


def checked(case: Case, user: User | None = None, /, **found: Any) -> None:
    """The papers have come, and the first person has looked."""
    answer(with_extract(case), agrees="on")
    answer(ask(case, "check_register", stage="checked"), user or make_staff(), **{**FITS, **found})


def decided(case: Case, user: User | None = None, /, **decision: Any) -> None:
    told = {"outcome": "approved", "reason": "A shop that we know", **LIMITS, **decision}
    answer(ask(case, "decide_admission", stage="decided"), user or make_staff(role=Role.APPROVER), **told)


def admit(case: Case) -> Merchant:
    """What the story does after the decision."""
    advance(case, effects=(DoEffect("admit_merchant"),), stage="admitted")
    return Merchant.objects.get(case=case)


def make_merchant(company: Customer | None = None, **data: str) -> Merchant:
    case = apply(company or make_company(), **data)
    checked(case)
    decided(case)
    return admit(case)
