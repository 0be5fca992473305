"""A member of staff at the desk, in a real browser, and a case with a story for them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from playwright.sync_api import Page

from backoffice.actors import Level
from backoffice.cases import answering
from backoffice.cases.models import WorkItem
from backoffice.staff.models import User
from tests.factories import make_card, make_customer_with_new_phone, make_domain, sign_in
from tests.playing import advance, ask, customer_actor, open_card_case
from workflows.base.contracts import DoEffect, OpenChild, SendNotice

PAYMENTS = [
    {"id": "p1", "amount": "899.00", "currency": "EUR", "merchant": "Electro Shop", "at": "2026-11-22T12:58:00Z"},
    {"id": "p2", "amount": "4.20", "currency": "EUR", "merchant": "Bakery", "at": "2026-11-22T07:12:00Z"},
]


def sit(page: Page, live_server: Any, user: User) -> None:
    """Brings the session of a member of staff into the browser."""
    client = sign_in(Client(), user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )


def case_to_approve() -> WorkItem:
    """A case with a story: told, proven, surveyed, risky, visited, and now to be approved."""
    customer = make_customer_with_new_phone(given_name="Maria", family_name="Jansen")
    make_domain(customer=customer)
    case = open_card_case(make_card(customer=customer), payments=PAYMENTS)
    advance(case, stage="blocked", notices=(SendNotice("card_blocked"),))
    advance(case, stage="told")
    proven = ask(case, "prove_identity")
    answering.answer(item_id=proven.id, by=customer_actor(customer, level=Level.CONFIRMED, proof="webauthn"), data={})
    survey = ask(case, "email_survey", stage="survey")
    answering.answer(
        item_id=survey.id,
        by=customer_actor(customer),
        data={
            "payment_1": "no",
            "payment_2": "yes",
            "card_where": "with_me",
            "contacted": "call",
            "asked_for_secrets": "refused",
            "told_us": "Somebody rang and asked for my code.",
            "address_right": "yes",
        },
    )
    advance(case, stage="checked")
    advance(case, effects=(DoEffect("assess_risk"),))
    advance(case, stage="visit", children=(OpenChild("home_visit", "home_visit"),))
    return ask(case, "approve_reissue", stage="approval")
