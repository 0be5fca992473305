"""What a bank takes back of a bill that somebody paid: the bill is open again, once, and paid again if the bank decides
so."""

from __future__ import annotations

import pytest

from backoffice.cases.models import Alarm, Case, Command
from backoffice.customers import bills
from backoffice.payments.bills import settling
from backoffice.payments.bills.models import BillPage
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.staff.models import Role
from tests.factories import make_invoice, make_staff, now
from tests.payments.bills.paying import WHOLE, book, case_of, paid_page, refund, transfer
from tests.payments.claims.claiming import answer
from tests.payments.ledger.books import balances
from tests.playing import ask, outside_actor

pytestmark = pytest.mark.django_db


def hear(page: BillPage, kind: EventKind, status: DisputeStatus = DisputeStatus.NEEDS_ANSWER) -> None:
    dispute = Dispute("du_1", status, "fraudulent", page.amount, None)
    event = ProviderEvent(f"evt_{kind}", kind, page.payment, "", page.amount, page.currency, now(), dispute=dispute)
    assert settling.reported(event, outside_actor(), now())


def booked() -> BillPage:
    page = paid_page(make_invoice())
    assert book(page)
    return page


def to_pay(page: BillPage) -> int:
    bill = bills.kind_of(page.kind).look(page.bill)
    assert bill is not None
    return bill.to_pay.minor


def own_case(page: BillPage) -> Case:
    return Case.objects.get(process="bill_dispute", customer=page.customer)


def told(case: Case) -> list[object]:
    found = Command.objects.filter(case=case, payload__kind="dispute_over")
    return [one.payload["facts"]["won"] for one in found]


def test_what_the_bank_takes_back_opens_the_bill_again_once() -> None:
    page = booked()
    assert to_pay(page) == 0

    for _twice in range(2):
        hear(page, EventKind.DISPUTED)
        hear(page, EventKind.MONEY_WITHDRAWN)

    assert to_pay(page) == WHOLE.minor
    assert own_case(page).subject == page.reference
    assert balances().get(("bills", None, "EUR"), 0) == 0
    assert verify().wrong == []


def test_an_inquiry_without_money_leaves_the_bill_paid() -> None:
    page = booked()

    hear(page, EventKind.DISPUTED)

    assert to_pay(page) == 0
    assert not Case.objects.filter(process="bill_dispute").exists()


def test_what_comes_back_pays_it_again_once() -> None:
    page = booked()
    hear(page, EventKind.MONEY_WITHDRAWN)

    for _twice in range(2):
        hear(page, EventKind.DISPUTE_CLOSED, DisputeStatus.WON)
        hear(page, EventKind.MONEY_REINSTATED, DisputeStatus.WON)
        hear(page, EventKind.MONEY_WITHDRAWN)

    assert (to_pay(page), told(own_case(page))) == (0, [True])
    assert balances()["bills", None, "EUR"] == -WHOLE.minor
    assert verify().wrong == []


def test_a_lost_dispute_of_which_nothing_was_heard_before_opens_the_bill_too() -> None:
    page = booked()

    hear(page, EventKind.DISPUTE_CLOSED, DisputeStatus.LOST)

    assert to_pay(page) == WHOLE.minor
    assert told(own_case(page)) == [False]


def test_what_comes_back_of_a_bill_that_was_paid_meanwhile_is_an_alarm() -> None:
    invoice = make_invoice()
    page = paid_page(invoice)
    book(page)
    hear(page, EventKind.MONEY_WITHDRAWN)
    transfer(invoice, "70.80")

    hear(page, EventKind.DISPUTE_CLOSED, DisputeStatus.WON)

    assert "won_not_open" in set(Alarm.objects.values_list("code", flat=True))
    assert to_pay(page) == 0


def test_what_had_gone_back_already_is_not_taken_twice() -> None:
    invoice = make_invoice()
    page = paid_page(invoice)
    transfer(invoice, "70.80")
    book(page)
    refund(page)
    page.refresh_from_db()

    hear(page, EventKind.DISPUTE_CLOSED, DisputeStatus.LOST)

    assert to_pay(page) == 0
    assert not Case.objects.filter(process="bill_dispute").exists()


def test_one_of_us_answers_the_bank() -> None:
    page = booked()
    hear(page, EventKind.MONEY_WITHDRAWN)
    item = ask(own_case(page), "answer_bank")

    answer(item, make_staff(role=Role.SUPERVISOR), outcome="answered", reason="Sent the slip")

    item.refresh_from_db()
    assert item.outcome == "answered"
    assert case_of(page).reference != own_case(page).reference
