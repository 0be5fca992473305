"""What the provider keeps of top-ups and of bills is in our books, at our own cost, and all fees there are the
provider's."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Alarm, Case
from backoffice.payments.bills.models import BillPage
from backoffice.payments.fees import noting, reconciling
from backoffice.payments.ledger.models import Account, Posting
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.top_up import calls
from backoffice.payments.top_up.models import TopUp
from backoffice.payments.voice.models import VoicePayment
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import make_invoice, now
from tests.payments.bills.paying import book, case_of, paid_page, refund, transfer
from tests.payments.making import make_agent, make_shop
from tests.payments.payouts.paid import Shop, pay, take
from tests.payments.top_up.calling_us import noted, top_up_of
from tests.payments.top_up.test_taking import at_bank, authorise, done

pytestmark = pytest.mark.django_db


def added(payments: Payments) -> Case:
    """25.00 EUR on the balance of a customer: the provider keeps 0.63."""
    case, _caller = at_bank(payments)
    authorise(case)
    done(calls.capture, case)
    return case


def note_all() -> int:
    return noting.note_all(by=system(), now=now())


def costs() -> int:
    return Account.objects.get(kind="costs", currency="EUR").balance


def verified() -> str:
    told = io.StringIO()
    call_command("verify_ledger", with_provider=True, stdout=told)
    return told.getvalue()


def wrong() -> str:
    with pytest.raises(CommandError) as found:
        verified()
    return str(found.value)


def late(**fields: object) -> None:
    """As if it had been taken two days ago, so that its fee should be known by now."""
    TopUp.objects.update(captured_at=now() - timedelta(days=2), **fields)


def test_the_fee_of_a_top_up_is_posted_once_and_leaves_the_balance_as_it_is(payments: Payments) -> None:
    case = added(payments)

    assert [note_all(), note_all()] == [1, 0]

    assert list(Posting.objects.filter(case=case).values_list("kind", "amount").order_by("kind")) == [
        ("fee_borne", 63),
        ("topped_up", 25_00),
    ]
    assert (costs(), top_up_of(case).provider_fee, noted(case)[-1]) == (63, 63, "top_up.fee")
    assert verify().wrong == []
    case.refresh_from_db()
    assert timeline.verify(case) is None


def test_the_fee_of_a_bill_is_posted_whether_it_is_booked_or_goes_back(payments: Payments) -> None:
    booked = paid_page()
    book(booked)
    invoice = make_invoice()
    returned = paid_page(invoice)
    transfer(invoice, "70.80")
    book(returned)
    refund(returned)

    assert note_all() == 2

    for page in (booked, returned):
        kinds = Posting.objects.filter(case=case_of(page)).values_list("kind", "amount")
        assert ("fee_borne", 131) in list(kinds)
    assert costs() == 2 * 131
    assert verify().wrong == []


def test_the_fees_of_orders_top_ups_and_bills_are_those_of_the_provider(alone: Payments) -> None:
    pay(_shop(alone))
    take(_shop(alone), delivered=False)
    added(alone)
    book(paid_page())
    assert "fees of 30 days are those of the provider" in verified(), "what was taken just now may be unknown"
    note_all()

    assert "fees of 30 days are those of the provider" in verified()
    assert "ledger intact" in verified()


def test_each_fee_that_differs_is_named(alone: Payments) -> None:
    payment = top_up_of(added(alone)).provider_payment
    late()
    assert f"fee of payment {payment} is 0.00 EUR in our books, and 0.63 EUR at the provider" in wrong()
    note_all()
    assert "ledger intact" in verified()

    late(provider_payment="pi_of_nobody")
    named = wrong()
    assert f"payment {payment}, of which the provider keeps a fee, is none of ours" in named
    assert "fee of payment pi_of_nobody, case" in named


def test_a_payment_that_was_taken_there_before_the_days_and_noted_here_within_them_is_no_difference(
    alone: Payments,
) -> None:
    order = pay(_shop(alone))
    VoicePayment.objects.filter(pk=order.pk).update(captured_at=now() + timedelta(minutes=20))

    since = now() + timedelta(minutes=10)
    assert reconciling.differences(alone.adapter(), since=since, now=since + timedelta(days=30)) == []


def test_a_provider_that_is_away_is_asked_again(payments: Payments, settings: Settings) -> None:
    paid_page()
    settings.PAYMENTS_URL = "http://127.0.0.1:9"
    assert note_all() == 0
    settings.PAYMENTS_URL = payments.url

    assert note_all() == 1


def test_what_the_provider_refuses_to_tell_is_an_alarm_and_keeps_no_other_back(payments: Payments) -> None:
    refused, page = paid_page(), paid_page()
    yesterday = now() - timedelta(days=1)
    BillPage.objects.filter(pk=refused.pk).update(payment="pi_of_nobody", paid_at=yesterday)

    assert [note_all(), note_all()] == [1, 0]

    page.refresh_from_db()
    assert page.provider_fee == 131
    assert [(one.process, one.code) for one in Alarm.objects.all()] == [("bill_payment", noting.UNKNOWN)]


def test_the_longest_unknown_are_asked_for_first(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "AT_ONCE", 1)
    first, second = paid_page(make_invoice()), paid_page(make_invoice())
    BillPage.objects.filter(pk=second.pk).update(paid_at=now() - timedelta(days=1))

    def known() -> list[bool]:
        return [BillPage.objects.get(pk=one.pk).provider_fee is not None for one in (first, second)]

    assert (note_all(), known()) == (1, [False, True])
    assert (note_all(), known()) == (1, [True, True])


def _shop(payments: Payments) -> Shop:
    merchant = make_shop(payout_account=payments.account(), payout_delay=0)
    return Shop(payments, merchant, make_agent(merchant))
