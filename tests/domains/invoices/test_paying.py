"""What was paid of an invoice: recorded, taken back, and what then is still to be paid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.customers import reading
from backoffice.domains.invoices import due, paying
from backoffice.domains.invoices.due import Standing
from backoffice.domains.invoices.entering import Line
from backoffice.domains.invoices.models import Invoice, InvoiceEvent, InvoicePayment
from backoffice.domains.invoices.paying import Paid
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role, User
from tests.factories import actor, make_customer, make_domain, make_invoice, make_staff, now, sign_in

pytestmark = pytest.mark.django_db
ACCOUNTING = Actor(kind=ActorKind.OUTSIDE, id="accounting", channel=Channel.API, proof="signature")
YESTERDAY = (now() - timedelta(days=1)).date()


def money(**fields: Any) -> Paid:
    told: dict[str, Any] = {"key": "k1", "amount": Decimal("70.80"), "currency": "EUR", "paid_on": YESTERDAY}
    return Paid(**(told | fields))


def pay(invoice: Invoice, *, by: Actor = ACCOUNTING, **fields: Any) -> InvoicePayment:
    payment = paying.record_payment(invoice=invoice, paid=money(**fields), by=by, now=now())
    invoice.refresh_from_db()
    return payment


# --- how an invoice stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        ("Europe/Amsterdam", "2026-11-29T22:59:59+00:00", "2026-11-29T23:00:00+00:00"),
        ("America/New_York", "2026-11-30T04:59:59+00:00", "2026-11-30T05:00:00+00:00"),
        ("Pacific/Kiritimati", "2026-11-29T09:59:59+00:00", "2026-11-29T10:00:00+00:00"),
    ],
)
@time_machine.travel("2026-11-29T09:00:00+00:00", tick=False)
def test_the_last_day_ends_with_the_customers_own_midnight(zone: str, last: str, first: str) -> None:
    invoice = make_invoice(customer=make_customer(time_zone=zone), due_on=date(2026, 11, 29))

    assert due.standing(invoice, datetime.fromisoformat(last)) is Standing.OPEN
    assert due.standing(invoice, datetime.fromisoformat(first)) is Standing.OVERDUE


@time_machine.travel("2026-11-29T12:00:00+00:00", tick=False)
def test_how_it_stands_is_said_in_words() -> None:
    day = datetime(2026, 11, 29, 12, tzinfo=UTC)
    late, ahead, undated = (make_invoice(due_on=one) for one in (date(2026, 11, 28), date(2026, 12, 3), None))

    assert due.in_words(late, day) == "overdue: 70.80 EUR was to be paid by 28 November 2026"
    assert due.in_words(ahead, day) == "70.80 EUR to be paid by 3 December 2026"
    assert (due.standing(undated, day), due.in_words(undated, day)) == (Standing.UNDATED, "")


def test_an_invoice_that_takes_back_needs_no_payment() -> None:
    back = Line(text="A name, taken back", unit_net=Decimal(10), quantity=Decimal(-1), vat_rate=Decimal(23))

    invoice = make_invoice(due_on=YESTERDAY, lines=[back])

    assert due.standing(invoice, now()) is Standing.PAID


def test_it_cannot_be_due_before_it_was_issued_nor_be_for_a_domain_that_nobody_knows() -> None:
    line = Line(text="A name", unit_net=Decimal(10), vat_rate=Decimal(23), domain="nobody.example")

    with pytest.raises(Invalid) as refused:
        make_invoice(due_on=(now() - timedelta(days=22)).date(), lines=[line])

    assert refused.value.errors == {
        "due_on": ["It cannot be due before it was issued."],
        "lines": ["Line 1 is for a domain that we do not know."],
    }


def test_a_line_names_its_domain_in_either_form() -> None:
    domain = make_domain(name="żółw.example")
    lines = [
        Line(text="A name", unit_net=Decimal(10), vat_rate=Decimal(23), domain=name)
        for name in ("Żółw.example", domain.name, "")
    ]

    found = make_invoice(lines=lines).lines.all()

    assert [one.domain for one in found] == [domain, domain, None]


# --- recording --------------------------------------------------------------------------------------------------------


def test_two_payments_settle_it_on_the_day_of_the_second_and_each_is_an_event() -> None:
    invoice = make_invoice(due_on=YESTERDAY)
    before = (now() - timedelta(days=5)).date()

    pay(invoice, key="a", amount=Decimal("40.00"))
    assert (due.standing(invoice, now()), due.still_to_pay(invoice)) == (Standing.OVERDUE, Decimal("30.80"))
    pay(invoice, key="b", amount=Decimal("30.80"), paid_on=before)

    assert invoice.settled_on == YESTERDAY
    assert due.in_words(invoice, now()).startswith("paid in full on")
    events = InvoiceEvent.objects.filter(invoice=invoice).values_list("kind", "actor_kind", "actor_id", "channel")
    assert list(events) == [("payment_recorded", "outside", "accounting", "api")] * 2


def test_the_same_payment_counts_once_and_another_under_its_id_is_refused() -> None:
    invoice = make_invoice(due_on=YESTERDAY)
    first = pay(invoice)

    assert pay(invoice) == first
    with pytest.raises(Conflict) as refused:
        pay(invoice, amount=Decimal("70.00"))
    with pytest.raises(Conflict):
        pay(make_invoice())
    assert refused.value.field == "key"
    assert InvoicePayment.objects.count() == InvoiceEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": "k" * 81}, "key"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("0.001")}, "amount"),
        ({"amount": Decimal("1e12")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"currency": "PLN"}, "currency"),
        ({"paid_on": (now() + timedelta(days=2)).date()}, "paid_on"),
        ({"paid_on": (now() - timedelta(days=400)).date()}, "paid_on"),
    ],
)
def test_each_fault_of_a_payment_stands_on_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        pay(make_invoice(), **fields)

    assert list(refused.value.errors) == [field]
    assert not InvoicePayment.objects.exists()


def test_a_payment_that_is_taken_back_makes_it_overdue_again() -> None:
    invoice = make_invoice(due_on=(now() - timedelta(days=3)).date())
    payment = pay(invoice)
    assert due.standing(invoice, now()) is Standing.PAID

    with pytest.raises(Invalid, match="why the payment does not count"):
        paying.cancel_payment(payment=payment, why="", by=ACCOUNTING, now=now())
    for _again in range(2):
        paying.cancel_payment(payment=payment, why="returned", by=ACCOUNTING, now=now())

    invoice.refresh_from_db()
    assert due.standing(invoice, now()) is Standing.OVERDUE
    assert list(InvoiceEvent.objects.values_list("kind", flat=True)) == ["payment_recorded", "payment_cancelled"]


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.COMPLIANCE, Role.ADMINISTRATOR])
def test_nobody_else_records_a_payment(role: Role) -> None:
    with pytest.raises(Forbidden, match="Only our accounting and supervisors"):
        pay(make_invoice(), by=actor(make_staff(role=role)))


def test_the_database_knows_no_payment_of_nothing() -> None:
    payment = pay(make_invoice())

    with pytest.raises(IntegrityError, match="payment_of_more_than_nothing"), transaction.atomic():
        InvoicePayment.objects.filter(pk=payment.pk).update(amount=0)


# --- pages ------------------------------------------------------------------------------------------------------------


def portal_page(client: Client, invoice: Invoice, reader: User | None) -> Any:
    assert reader is not None
    return sign_in(client, reader).get(reverse("portal:thing", args=["invoices", invoice.public_id]))


def test_its_customer_reads_how_it_stands_and_what_to_do(client: Client) -> None:
    domain = make_domain(name="tulip.com")
    line = Line(text="tulip.com, one year", unit_net=Decimal(60), vat_rate=Decimal(23), domain="tulip.com")
    invoice = make_invoice(customer=domain.customer, due_on=YESTERDAY - timedelta(days=1), lines=[line])
    pay(invoice, amount=Decimal("10.00"))

    page = portal_page(client, invoice, domain.customer.user).content.decode()
    listed = client.get(reverse("portal:mine")).content.decode()
    stranger = portal_page(Client(), invoice, make_customer().user)

    for said in ("Overdue", "63.80 EUR", "10.00 EUR paid", "these cannot get a new holder: tulip.com", "Call us on"):
        assert said in page or said.lower() in page
    assert "overdue: 63.80 EUR was to be paid by" in listed
    assert "with an overdue invoice" in listed
    assert stranger.status_code == 404


def test_a_supervisor_records_a_payment_and_takes_it_back(client: Client) -> None:
    invoice, vera = make_invoice(due_on=YESTERDAY), make_staff(role=Role.SUPERVISOR)
    sign_in(client, vera)
    address = reverse("admin:duplicate_invoice:invoice", args=[invoice.public_id])
    found = client.post(reverse("admin:duplicate_invoice:invoices"), {"number": f" {invoice.number.lower()} "})
    assert found.headers["Location"] == address
    assert client.get(address).status_code == 403
    reading.open_record(customer=invoice.customer, by=actor(vera), user=vera, now=now(), reason="They called about it")

    page = client.get(address).content.decode()
    key = page.split('name="key" value="')[1][:36]
    typed = {"do": "record", "key": key, "amount": "70.80", "paid_on": YESTERDAY.isoformat()}
    wrong = client.post(address, typed | {"paid_on": "2099-01-01"}, follow=True).content.decode()
    for _pressed_twice in range(2):
        client.post(address, typed)
    payment = InvoicePayment.objects.get()
    paid = client.get(address).content.decode()
    client.post(address, {"do": "cancel", "payment": str(payment.public_id), "why": "mistake"})

    assert "This day is still to come." in wrong
    assert "70.80 EUR paid" in paid
    assert "which does not count: it was recorded by mistake" in client.get(address).content.decode()
    assert InvoiceEvent.objects.filter(actor_id=str(vera.public_id), channel="desk").count() == 2


def test_the_page_of_payments_is_for_those_who_record_them(client: Client) -> None:
    sign_in(client, make_staff())
    invoice = make_invoice()

    assert client.get(reverse("admin:duplicate_invoice:invoices")).status_code == 403
    assert client.get(reverse("admin:duplicate_invoice:invoice", args=[invoice.public_id])).status_code == 403


def test_an_unknown_number_is_said_on_its_field(client: Client) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    answer = client.post(reverse("admin:duplicate_invoice:invoices"), {"number": "FV/1"}, follow=True)

    assert "There is no invoice with this number." in answer.content.decode()
