"""What the page of a case about a mail shows in addition: the way to the mail at the desk, and in the portal the way on
for a customer who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.mail_orders.ordering import mail_of_case
from backoffice.mail_orders.saying import asks_in_words
from backoffice.mail_orders.words import REASONS, hint_of
from backoffice.ui import openings
from workflows.mail_order.spec import MailOrderStage

OFFERED_FOR = timedelta(days=14)
"""How long after the customer's answer the page leads to what the mail asked for."""


def for_staff(case: Case) -> tuple[str, Mapping[str, Any]]:
    mail = mail_of_case(case)
    reasons = [f"{REASONS[code]}." for code in mail.reasons if code in REASONS]
    context = {"mail": mail, "hint": hint_of(mail), "reasons": reasons, "asks": asks_in_words(mail)}
    return "mail_order/desk_panel.html", context


def for_customer(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    """Once the customer has said that they wrote it: the form that opens what it asks for, unless that cannot be opened
    now, with the reason."""
    said_so = case.stage == MailOrderStage.CONFIRMED and case.outcome in (CaseOutcome.DONE, CaseOutcome.NONE)
    over = case.state == CaseState.CLOSED and case.closed_at and timezone.now() - case.closed_at > OFFERED_FOR
    if not said_so or over:
        return None
    mail = mail_of_case(case)
    offer = next((one for one in openings.offers(case.customer, by=by) if one.process == mail.asks), None)
    if offer is None:
        return None
    return "mail_order/portal_panel.html", {"offer": offer, "url": reverse("portal:open", args=[offer.process])}
