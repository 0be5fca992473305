"""Somebody has paid: the webhook or a look says so, the case opens once, and the money is booked or goes back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.db.models import Sum
from django.test import Client
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases.models import Alarm, Case, Command, Event
from backoffice.cases.outside import OutsideUnavailable
from backoffice.domains.invoices import due
from backoffice.domains.invoices.models import Invoice
from backoffice.payments.bills import booking, looking, pages
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.ledger.models import Account
from backoffice.payments.ledger.verifying import verify
from tests.devstack.payment_simulator.simulator import SECRET, Payments
from tests.factories import make_invoice, now
from tests.payments.bills.paying import book, case_of, look_at, open_page, paid_page, pay_on, refund, transfer
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db
SOON = looking.EVERY + timedelta(seconds=1)


def reported(
    client: Client, payment: str, key: str, *, kind: str = "payment_intent.succeeded", event: str = "evt_1"
) -> Any:
    """What the provider's webhook says of the payment."""
    thing: dict[str, Any] = {"id": payment, "amount": 7080, "amount_received": 7080, "currency": "eur"}
    thing |= {"metadata": {"key": key}, "last_payment_error": None}
    if kind.startswith("charge.dispute"):
        thing |= {"id": "dp_1", "payment_intent": payment, "reason": "fraudulent", "status": "needs_response"}
        del thing["metadata"]
    at = int(now().timestamp())
    body = json.dumps({"id": event, "type": kind, "created": at, "data": {"object": thing}})
    signature = str(stripe.WebhookSignature.generate_signature_header(body, SECRET, timestamp=at))
    headers = {"Stripe-Signature": signature}
    return client.post("/api/v1/webhooks/payments", body, content_type="application/json", headers=headers).json()


def balance(kind: str) -> int:
    return int(Account.objects.filter(kind=kind).aggregate(sum=Sum("balance", default=0))["sum"])


def is_paid(invoice: Invoice) -> bool:
    return not due.still_to_pay(Invoice.objects.get(pk=invoice.pk))


def test_what_somebody_paid_is_booked_and_its_customer_is_not_told_by_whom() -> None:
    invoice = make_invoice()

    page = paid_page(invoice)
    booked = book(page)

    page.refresh_from_db()
    case = case_of(page)
    assert (booked, page.state, is_paid(invoice)) == (True, PageState.BOOKED, True)
    assert (case.process, case.customer, case.subject) == ("bill_payment", invoice.customer, invoice.number)
    assert (balance("provider"), balance("bills")) == (7080, -7080)
    noted = Event.objects.filter(case=case).values_list("kind", "actor_kind", "data")
    assert [one for one in noted if one[0] == "bill.booked"] == [("bill.booked", "system", {})]
    assert verify().wrong == []


def test_the_webhook_opens_the_case_and_a_look_afterwards_opens_no_other(client: Client) -> None:
    page = open_page()
    payment = pay_on(page)

    first = reported(client, payment, page.key)
    again = reported(client, payment, page.key, event="evt_2")
    seen = look_at(page)

    assert (first, again) == ({"taken": True}, {"taken": True})
    assert (seen.page.state, seen.address, seen.page.payment) == (PageState.PAID, "", payment)
    assert (Case.objects.count(), Command.objects.count()) == (1, 1)


def test_a_look_finds_what_no_webhook_told_and_the_webhook_that_comes_late_changes_nothing(client: Client) -> None:
    page = open_page()
    payment = pay_on(page)

    assert looking.see_to_pages(by=system(), now=now() + SOON) == 1
    book(page)
    late = reported(client, payment, page.key)

    page.refresh_from_db()
    assert (late, page.state, Case.objects.count()) == ({"taken": True}, PageState.BOOKED, 1)


def test_money_that_comes_on_a_page_that_we_had_ended_is_not_lost(client: Client) -> None:
    page = open_page()
    payment = pay_on(page)
    BillPage.objects.update(state=PageState.ENDED)

    reported(client, payment, page.key)

    assert book(page)


def test_a_decline_leaves_the_page_open_for_another_card(client: Client) -> None:
    page = open_page()

    declined = pay_on(page, "4000000000009995")
    told = reported(client, declined, page.key, kind="payment_intent.payment_failed")

    assert told == {"taken": True}
    assert look_at(page).page.state == PageState.OPEN
    pay_on(page)
    assert look_at(page).page.state == PageState.PAID


@pytest.mark.parametrize("key", ["", "bill:nobody", "bill:3f1c3bfe-8f0f-4f4c-8b43-6f3f1f0e7a55", "x:authorise"])
def test_a_payment_that_is_of_no_bill_is_left_to_others(client: Client, key: str) -> None:
    assert reported(client, "pi_1", key) == {"taken": False}


def test_of_two_who_pay_at_once_the_second_gets_all_of_it_back(simulator: Payments) -> None:
    invoice = make_invoice()
    first, second = open_page(invoice), open_page(invoice)
    for page in (first, second):
        pay_on(page)
        look_at(page)

    booked = [book(first), book(second)]
    refund(second)

    second.refresh_from_db()
    assert (booked, second.state) == ([True, False], PageState.RETURNED)
    assert simulator.library.v1.refunds.list({"payment_intent": second.payment}).data[0].amount == 7080
    assert due.paid(Invoice.objects.get(pk=invoice.pk)) == due.whole(invoice)
    assert (balance("provider"), balance("bills")) == (7080, -7080)
    assert Event.objects.filter(case=case_of(second), kind="bill.returned").count() == 1
    assert verify().wrong == []


def test_a_refund_whose_answer_was_lost_is_not_made_twice(simulator: Payments, settings: Settings) -> None:
    invoice = make_invoice()
    page = paid_page(invoice)
    transfer(invoice, "70.80")
    book(page)
    simulator.ask("POST", "/_sim/faults", {"act_then_fail": {"on": "refund"}})

    with pytest.raises(OutsideUnavailable):
        booking.refund(case=case_of(page), args=Nothing(), key="k1", asked_at=now(), now=now())
    booking.refund(case=case_of(page), args=Nothing(), key="k2", asked_at=now(), now=now())

    page.refresh_from_db()
    assert [one.amount for one in simulator.library.v1.refunds.list({"payment_intent": page.payment}).data] == [7080]


def test_a_part_that_was_paid_meanwhile_sends_all_of_the_payment_back() -> None:
    invoice = make_invoice()
    page = paid_page(invoice)
    transfer(invoice, "1.00")

    assert not book(page)
    assert balance("bills") == -7080


def test_a_page_closes_when_its_bill_is_paid_in_another_way() -> None:
    invoice = make_invoice()
    page = open_page(invoice)
    transfer(invoice, "70.80")

    looking.see_to_pages(by=system(), now=now() + SOON)

    assert look_at(page) == looking.Seen(page)
    assert look_at(page).page.state == PageState.ENDED


def test_whoever_stops_it_pays_nothing_and_whoever_had_paid_has_paid() -> None:
    stopped, paid = open_page(), open_page()
    pay_on(paid)

    seen = [looking.stop(page_id=page.pk, by=pages.anybody(), now=now()) for page in (stopped, paid)]

    assert [one and one.page.state for one in seen] == [PageState.ENDED, PageState.PAID]


def test_a_page_whose_hour_is_over_ends(own_simulator: Payments, settings: Settings) -> None:
    settings.PAYMENTS_URL = own_simulator.url
    page = open_page()
    own_simulator.advance(hours=1)

    assert look_at(page).page.state == PageState.ENDED


def test_a_page_whose_opening_broke_off_ends_by_itself() -> None:
    page = open_page()
    BillPage.objects.update(provider_page="")

    assert looking.see_to_pages(by=system(), now=now() + SOON) == 1
    page.refresh_from_db()
    assert page.state == PageState.ENDED


def test_while_the_provider_is_away_nothing_is_decided(settings: Settings) -> None:
    page = open_page()
    settings.PAYMENTS_URL = "http://127.0.0.1:9"

    assert look_at(page) == looking.Seen(page)
    assert looking.see_to_pages(by=system(), now=now() + SOON) == 1
    assert look_at(page).page.state == PageState.OPEN


def test_a_disputed_payment_is_for_a_person(client: Client) -> None:
    page = paid_page()
    book(page)

    reported(client, page.payment, "", kind="charge.dispute.created")

    assert Alarm.objects.get().code == "disputed"


def test_pages_that_nobody_paid_are_forgotten_after_a_week_and_no_others() -> None:
    paid, ended, fresh = paid_page(), open_page(), open_page()
    BillPage.objects.filter(pk=ended.pk).update(state=PageState.ENDED)
    BillPage.objects.exclude(pk=fresh.pk).update(ends_at=now() - looking.FORGOTTEN_AFTER - timedelta(hours=1))

    assert looking.forget(by=system(), now=now()) == 1
    assert set(BillPage.objects.values_list("pk", flat=True)) == {paid.pk, fresh.pk}
