"""The page of the risk rules at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.risk.models import RiskTightening
from backoffice.payments.risk.rules import RULES
from backoffice.staff.models import Role
from tests.factories import make_staff, now, sign_in
from tests.payments.ledger.books import AT, make_case, make_owner, post_one

pytestmark = pytest.mark.django_db
PAGE = "/desk/voice_payment/risk/"


def test_the_page_shows_each_number_as_it_holds_and_as_it_was_set(client: Client) -> None:
    RiskTightening.objects.create(currency="EUR", factor=4, lost=3, captured=100_000, since=AT)
    sign_in(client, make_staff(role=Role.COMPLIANCE))

    answer = client.get(PAGE)

    page, shown = answer.content.decode(), answer.context["lines"]
    lines = {line.what: (line.now, line.usual) for line in shown}
    assert lines[RULES["amount_same_call"].what] == ("over 25.00 EUR", "over 100.00 EUR")
    assert lines[RULES["number_young"].what] == ("under 30 days", "under 30 days")
    assert lines[RULES["merchant"].what] == ("", "")
    assert "Amounts divided by 4" in page
    assert "more than we promise" not in page


def test_a_loss_beyond_what_we_promise_is_said(client: Client) -> None:
    case = make_case(make_owner())
    at = now() - timedelta(days=1)
    post_one(case, "captured", movements.captured(merchant=make_owner(), amount=Money(100_000, "PLN")), at=at)
    post_one(case, "credited", movements.credited(customer=make_owner(), amount=Money(3, "PLN")), at=at)
    post_one(case, "lost", movements.credit_lost(amount=Money(3, "PLN")), at=at)
    sign_in(client, make_staff())

    page = client.get(f"{PAGE}?currency=PLN").content.decode()

    assert "0.03 PLN of 1,000.00 PLN" in page
    assert "That is 3.0 of 100,000; we promise at most 1." in page
    assert "more than we promise" in page
    assert "The amounts were never tightened." in page


def test_only_who_works_with_cases_reads_it(client: Client) -> None:
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))
    assert client.get(PAGE).status_code == 403

    sign_in(client, make_staff())
    assert reverse("admin:voice_payment:risk") == PAGE
    assert PAGE in client.get(reverse("admin:voice_payment:payments")).content.decode()
