"""A bill's payment that came too late went back, and did not arrive: it is owed to whoever paid until they have it."""

from __future__ import annotations

import itertools

import pytest
from django.http import HttpResponse
from django.test import Client

from backoffice.cases.models import Case, CaseState, Event
from backoffice.cases.unit_of_work import changing
from backoffice.payments.bills import booking, pages
from backoffice.payments.bills.models import BillPage, BillRefund, PageState
from backoffice.payments.bills.words import headline as headline_of_payment
from backoffice.payments.ledger.models import Posting
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.provider.ports import Refund, RefundStatus, provider
from backoffice.payments.refund_returns import words
from backoffice.refusals import Invalid
from backoffice.staff.models import Role
from tests.devstack.payment_simulator.simulator import Payments, new_key
from tests.factories import make_invoice, make_staff, now
from tests.payments.bills.paying import book, case_of, paid_page, refund, transfer
from tests.payments.claims.claiming import answer
from tests.payments.ledger.books import balances
from tests.playing import ask, close, outside_actor
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db
_ids = itertools.count(1)


@pytest.fixture
def late() -> BillPage:
    """70.80 EUR for a bill that was paid in another way meanwhile."""
    invoice = make_invoice()
    page = paid_page(invoice)
    transfer(invoice, "70.80")
    book(page)
    return page


def hear(page: BillPage, status: RefundStatus = RefundStatus.FAILED) -> bool:
    """The provider tells of its refund."""
    asked = provider()
    assert asked is not None
    [one] = asked.refunds(page.payment)
    told = Refund(one.id, one.key, page.payment, one.amount, one.currency, status)
    kind = EventKind.REFUND_FAILED if status is RefundStatus.FAILED else EventKind.REFUND_CHANGED
    event = ProviderEvent(
        f"evt_bill_refund_{next(_ids)}", kind, page.payment, "", one.amount, one.currency, now(), refund=told
    )
    return taking.take(event=event, by=outside_actor(), now=now())


def posted(page: BillPage) -> list[tuple[str, int]]:
    found = Posting.objects.filter(case=case_of(page)).order_by("at", "kind")
    return list(found.values_list("kind", "amount"))


def follows() -> Case:
    return Case.objects.get(process="refund_return")


def state(page: BillPage) -> str:
    page.refresh_from_db()
    return page.state


def test_it_is_owed_to_whoever_paid_and_a_case_follows_it(late: BillPage) -> None:
    refund(late)
    hear(late, RefundStatus.DONE)
    assert not Case.objects.filter(process="refund_return").exists()

    for _time in range(2):
        assert hear(late)

    assert posted(late) == [("bill_paid", 7080), ("bill_returned", 7080), ("bill_return_failed", 7080)]
    assert balances()["bills", None, "EUR"] == -7080
    assert verify().wrong == []
    case = follows()
    assert (case.customer_id, case.subject, state(late)) == (late.customer_id, late.reference, PageState.CAME_BACK)
    assert Event.objects.filter(case=case_of(late), kind="bill.return_failed").count() == 1
    assert "did not reach their card" in words.headline(case).lead
    close(case_of(late), "rejected")
    assert "did not reach their card" in headline_of_payment(case_of(late)).lead


def test_one_that_is_told_before_we_have_noted_that_it_went_back_is_followed_then(late: BillPage) -> None:
    record = booking.refund(case=case_of(late), args=Nothing(), key=new_key(), asked_at=now(), now=now())
    hear(late)
    assert (state(late), posted(late)) == (PageState.RETURNING, [("bill_paid", 7080)])

    with changing(case_of(late).id) as case:
        record(case, now())

    assert state(late) == PageState.CAME_BACK
    assert follows().bill_refund == BillRefund.objects.get()
    assert balances()["bills", None, "EUR"] == -7080


def test_whoever_names_the_receipt_has_it_in_another_way(late: BillPage) -> None:
    refund(late)
    hear(late)
    item, sue = ask(follows(), "pay_whoever_paid"), make_staff(role=Role.SUPERVISOR)
    told = {"outcome": "transferred", "transfer": "2026-11-30/17", "reason": "They called, and it is theirs"}
    with pytest.raises(Invalid) as refused:
        answer(item, sue, receipt="P-0000-0000", **told)
    assert list(refused.value.errors) == ["receipt"]
    with pytest.raises(Invalid) as refused:
        answer(item, sue, receipt=late.receipt_number, **{**told, "transfer": ""})
    assert list(refused.value.errors) == ["transfer"]

    answer(item, sue, receipt=late.receipt_number.lower(), **told)

    assert balances()["bills", None, "EUR"] == 0
    assert (state(late), BillRefund.objects.get().paid_otherwise_at is None) == (PageState.RETURNED, False)
    assert words.headline(follows()).lead.startswith("They have it back")
    assert verify().wrong == []


def test_what_nobody_asks_for_stays_owed(late: BillPage) -> None:
    refund(late)
    hear(late)
    item, sue = ask(follows(), "pay_whoever_paid"), make_staff(role=Role.SUPERVISOR)
    with pytest.raises(Invalid) as refused:
        answer(item, sue, outcome="unclaimed", transfer="2026-11-30/17", reason="Nobody has called")
    assert list(refused.value.errors) == ["transfer"]

    answer(item, sue, outcome="unclaimed", reason="Nobody has called")

    assert (balances()["bills", None, "EUR"], state(late)) == (-7080, PageState.CAME_BACK)
    case = follows()
    case.state = CaseState.CLOSED
    assert words.headline(case).lead.startswith("Nobody has asked for it yet")


def test_a_refund_that_is_not_of_a_late_payment_is_left_alone(simulator: Payments) -> None:
    page = paid_page()
    book(page)
    asked = provider()
    assert asked is not None
    asked.refund(page.payment, key=new_key())

    hear(page)

    assert (posted(page), state(page)) == ([("bill_paid", 7080)], PageState.BOOKED)
    assert not BillRefund.objects.exists()


def test_whoever_paid_reads_what_to_do(client: Client, late: BillPage) -> None:
    refund(late)
    hear(late)
    client.cookies[pages.COOKIE] = pages._theirs(HttpResponse(), late.pk).cookies[pages.COOKIE].value

    said = client.get("/pay/yours/").content.decode()
    receipt = client.get("/pay/receipt/").content.decode()

    assert f"name the receipt {late.receipt_number}" in said
    assert "Your money did not reach your card" in receipt
