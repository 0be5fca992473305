"""What the admin shows of payments: who sees it, how little a list tells, and that a long list asks no more often."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.payments.bills.models import BillDispute, BillPage, BillRefund, PageState
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claims import refunds
from backoffice.payments.claims.models import CardRefund, PaymentClaim
from backoffice.payments.ledger.models import Posting
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.payouts.models import Payout
from backoffice.payments.provider.ports import Refund, RefundStatus
from backoffice.staff.models import Role
from tests.factories import actor, make_customer, make_staff, now, sign_in
from tests.payments.claims.claiming import claim, make_paid, of
from tests.payments.making import make_case, make_shop

pytestmark = pytest.mark.django_db
WHY = "The customer is on the phone or at the counter"


def card_refund() -> CardRefund:
    payment, refund = make_paid(), f"re_{uuid.uuid4().hex}"
    failed = Refund(refund, "", payment.provider_payment, 10_00, "EUR", RefundStatus.FAILED)
    refunds.take(payment, failed, now=now())
    return CardRefund.objects.get(pk=refund)


def claim_answer() -> ClaimAnswer:
    return ClaimAnswer.objects.get(claim=of(claim(make_paid())))


def bill_page() -> BillPage:
    customer = make_customer()
    return BillPage.objects.create(
        kind="domain_invoice",
        bill=uuid.uuid4().hex,
        reference="FV/2026/11/0042",
        customer=customer,
        case=make_case("bill_payment", customer),
        amount=70_80,
        currency="EUR",
        state=PageState.BOOKED,
        payment=f"pi_{uuid.uuid4().hex}",
        paid_at=now(),
        opened_at=now(),
        looked_at=now(),
        ends_at=now() + timedelta(hours=1),
    )


def bill_dispute() -> BillDispute:
    page = bill_page()
    return BillDispute.objects.create(
        id=f"dp_{page.pk}",
        page=page,
        case=make_case("bill_dispute", page.customer),
        amount=70_80,
        currency="EUR",
        reason="product_not_received",
        taken_at=now(),
        answer_by=now() + timedelta(days=7),
    )


def bill_refund() -> BillRefund:
    page = bill_page()
    told = {"case": make_case("refund_return", page.customer), "amount": 70_80, "currency": "EUR"}
    return BillRefund.objects.create(id=f"re_{page.pk}", page=page, failed_at=now(), **told)


def payout() -> Payout:
    return Payout.objects.create(payment=make_paid(), taken_at=now())


Make = Callable[[], Model]
NEW: dict[str, Make] = {
    "cardrefund": card_refund,
    "claimanswer": claim_answer,
    "billdispute": bill_dispute,
    "billrefund": bill_refund,
}
ALL: dict[str, tuple[Make, type[Model]]] = {
    "cardrefund": (card_refund, CardRefund),
    "claimanswer": (claim_answer, ClaimAnswer),
    "billdispute": (bill_dispute, BillDispute),
    "billrefund": (bill_refund, BillRefund),
    "billpage": (bill_page, BillPage),
    "merchant": (make_shop, Merchant),
    "paymentclaim": (lambda: of(claim(make_paid())), PaymentClaim),
    "payout": (payout, Payout),
    "posting": (make_paid, Posting),
}
SHOWN = {
    "cardrefund": ("10.00 EUR", "re_", "own pages"),
    "claimanswer": ("—",),
    "billrefund": ("70.80 EUR", "FV/2026/11/0042", "re_"),
    "billdispute": ("70.80 EUR", "product not received", "not decided", "FV/2026/11/0042"),
}


def whose(row: Any) -> Customer:
    match row:
        case CardRefund():
            return row.payment.case.customer
        case BillDispute() | BillRefund():
            return row.page.customer
    customer: Customer = row.case.customer
    return customer


def reference_of(row: Any) -> str:
    case = row.payment.case if isinstance(row, CardRefund | Payout) else row.case
    reference: str = case.reference
    return reference


@pytest.mark.parametrize("name", NEW)
def test_a_list_tells_no_amount_and_no_name_and_a_page_is_read_with_a_reason(client: Client, name: str) -> None:
    row, hanna = NEW[name](), make_staff()
    sign_in(client, hanna)
    one = f"/desk/payments/{name}/{quote(row.pk)}/change/"

    listed = client.get(f"/desk/payments/{name}/").content.decode()
    unasked = client.get(one)
    reading.open_record(customer=whose(row), by=actor(hanna), user=hanna, now=now(), reason=WHY)
    page = client.get(one).content.decode()

    assert reference_of(row) in listed
    assert not [word for word in ("10.00", "70.80", whose(row).name) if word in listed]
    assert unasked.status_code == 403
    assert SHOWN[name][0] not in unasked.content.decode() or name == "claimanswer"
    assert all(said in page for said in (*SHOWN[name], reference_of(row))), page
    assert client.get(f"/desk/payments/{name}/add/").status_code == 403
    assert client.post(f"/desk/payments/{name}/{quote(row.pk)}/delete/").status_code == 403


@pytest.mark.parametrize("name", [*NEW, "payout"])
@pytest.mark.parametrize("role", [Role.SUPPORT, Role.COMPLIANCE, Role.ADMINISTRATOR])
def test_who_sees_lists_of_cases_sees_them_and_nobody_else(client: Client, name: str, role: Role) -> None:
    sign_in(client, make_staff(role=role))

    answer = client.get(f"/desk/payments/{name}/").status_code

    assert answer == (403 if role == Role.ADMINISTRATOR else 200)


def test_what_a_merchant_said_is_not_in_the_admin(client: Client) -> None:
    row, hanna = claim_answer(), make_staff()
    row.text = "We handed it over at the door."
    row.save()
    reading.open_record(customer=whose(row), by=actor(hanna), user=hanna, now=now(), reason=WHY)
    sign_in(client, hanna)

    page = client.get(f"/desk/payments/claimanswer/{quote(row.pk)}/change/").content.decode()

    assert row.claim.case.reference in page
    assert row.text not in page


@pytest.mark.parametrize("name", [*NEW, "paymentclaim", "payout"])
def test_a_list_is_searched_by_the_reference_however_it_is_typed(client: Client, name: str) -> None:
    make, _model = ALL[name]
    row, other = make(), make()
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    typed = {"q": reference_of(row).lower().replace("-", " ")}
    with CaptureQueriesContext(connection) as queries:
        found = client.get(f"/desk/payments/{name}/", typed).content.decode()

    assert reference_of(row) in found
    assert reference_of(other) not in found
    assert not [one["sql"] for one in queries if "UPPER" in one["sql"]]  # That would read the whole table.


@pytest.mark.parametrize("name", ALL)
def test_a_longer_list_asks_the_database_no_more_often(client: Client, name: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/desk/payments/{name}/").status_code == 200
        return len(queries)

    make, model = ALL[name]
    sign_in(client, make_staff(role=Role.COMPLIANCE))
    make()
    asked()  # What is kept from now on, such as the kinds of rows, is looked up once.
    few, before = asked(), model._default_manager.count()
    for _more in range(2):
        make()

    assert model._default_manager.count() >= before + 2
    assert asked() == few


@pytest.mark.parametrize(
    ("page", "make"),
    [("admin:voice_payment:payments", make_paid), ("admin:payment_claim:board", lambda: of(claim(make_paid())))],
)
def test_a_longer_list_of_open_cases_at_the_desk_asks_no_more_often(client: Client, page: str, make: Make) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(page)).status_code == 200
        return len(queries)

    sign_in(client, make_staff(role=Role.SUPERVISOR))
    make()
    asked()
    few = asked()
    for _more in range(3):
        make()

    assert asked() == few


def test_each_filter_narrows(client: Client) -> None:
    arrived, failed = card_refund(), card_refund()
    CardRefund.objects.filter(pk=arrived.pk).update(failed_at=None, case=None)
    waits, lost = bill_dispute(), bill_dispute()
    BillDispute.objects.filter(pk=lost.pk).update(over_at=now(), won=False)
    sign_in(client, make_staff())

    refunds = client.get("/desk/payments/cardrefund/", {"arrival": "failed"}).content.decode()
    disputes = client.get("/desk/payments/billdispute/", {"decision": "lost"}).content.decode()

    assert [reference_of(one) in refunds for one in (arrived, failed)] == [False, True]
    assert [reference_of(one) in disputes for one in (waits, lost)] == [False, True]
