"""Payments as the accounting system reports them, signed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from backoffice.cases.models import Alarm
from backoffice.domains.invoices.models import Invoice, InvoiceEvent, InvoicePayment
from backoffice.security.checks import check_accounting
from tests.factories import make_invoice, now

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"an accounting system in tests").decode()
TODAY = now().date().isoformat()


@pytest.fixture(autouse=True)
def _known_secret(settings: Settings) -> None:
    settings.ACCOUNTING_SECRET = SECRET
    cache.clear()


@pytest.fixture
def invoice() -> Invoice:
    return make_invoice(due_on=(now() - timedelta(days=3)).date())


def send(body: object, *, secret: str = SECRET, at: datetime | None = None) -> Any:
    raw, at = (body if isinstance(body, str) else json.dumps(body)), at or datetime.now(UTC)
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(msg_id="m1", timestamp=at, data=raw),
    }
    return Client().post("/api/v1/webhooks/accounting", raw, "application/json", headers=headers)


def paid(invoice: Invoice, **fields: Any) -> dict[str, Any]:
    told = {"payment": "b-17", "invoice": invoice.number, "amount": "70.80", "currency": "EUR", "paid_on": TODAY}
    return told | fields


def test_a_payment_is_recorded_once_and_its_answer_says_how_the_invoice_stands(invoice: Invoice) -> None:
    part, again = send(paid(invoice, amount="70.00")), send(paid(invoice, amount="70.00"))
    rest = send(paid(invoice, payment="b-18", amount="0.80"))

    assert (
        part.json()
        == again.json()
        == {
            "invoice": invoice.number,
            "standing": "overdue",
            "still_to_pay": "0.80",
        }
    )
    assert rest.json()["standing"] == "paid"
    assert InvoicePayment.objects.count() == 2
    assert set(InvoiceEvent.objects.values_list("actor_id", "channel", "proof")) == {("accounting", "api", "signature")}


def test_a_payment_that_came_back_is_cancelled_by_its_id(invoice: Invoice) -> None:
    send(paid(invoice))

    answers = [send({"payment": "b-17", "cancelled": "returned"}) for _again in range(2)]

    assert [one.json()["still_to_pay"] for one in answers] == ["70.80", "70.80"]
    assert InvoiceEvent.objects.filter(kind="payment_cancelled").count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"invoice": "FV/0"}, 404, "invoice"),
        ({"payment": "other", "cancelled": "mistake"}, 404, "payment"),
        ({"payment": "p" * 70}, 400, "payment"),
        ({"payment": "a\0b"}, 400, "payment"),
        ({"amount": "much"}, 400, "amount"),
        ({"amount": "NaN"}, 400, "amount"),
        ({"amount": "-1.00"}, 400, "amount"),
        ({"amount": None}, 400, "amount"),
        ({"currency": "PLN"}, 400, "currency"),
        ({"paid_on": "29.11.2026"}, 400, "paid_on"),
        ({"paid_on": "2099-01-01"}, 400, "paid_on"),
        ({"cancelled": "no reason"}, 400, "cancelled"),
    ],
)
def test_a_fault_is_said_on_its_field(invoice: Invoice, fields: dict[str, Any], status: int, field: str) -> None:
    answer = send(paid(invoice) | fields)

    said = answer.json()
    assert answer.status_code == status
    assert field in (said.get("errors") or {said.get("field"): ""})
    assert not InvoicePayment.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "7", "{", "[" * 5000])
def test_what_is_no_object_is_refused(body: str) -> None:
    assert send(body).status_code == 400


def test_another_payment_under_the_same_id_is_refused(invoice: Invoice) -> None:
    send(paid(invoice))

    assert send(paid(invoice, amount="1.00")).status_code == 409


def test_nobody_else_reports_a_payment(invoice: Invoice, settings: Settings) -> None:
    other = "whsec_" + base64.b64encode(b"somebody else, not accounting").decode()
    refused = [
        send(paid(invoice), secret=other),
        send(paid(invoice), at=now() - timedelta(minutes=6)),
        Client().post("/api/v1/webhooks/accounting", paid(invoice), "application/json"),
    ]
    settings.ACCOUNTING_SECRET = ""
    refused.append(send(paid(invoice)))

    assert [one.status_code for one in refused] == [401] * 4
    assert not InvoicePayment.objects.exists()


def test_a_report_too_large_to_be_read_is_an_alarm() -> None:
    for _twice in range(2):
        assert send("[" + " " * (17 * 1024**2) + "]").status_code == 413

    assert Alarm.objects.get().code == "payment_not_read"


@pytest.mark.parametrize(("secret", "count"), [("", 0), (SECRET, 0), ("whsec_c2hvcnQ=", 1), ("secret", 1)])
def test_a_secret_that_can_be_guessed_is_refused_at_the_start(settings: Settings, secret: str, count: int) -> None:
    settings.ACCOUNTING_SECRET = secret

    assert len(check_accounting(None)) == count
