"""What a merchant gets of a payment, when, and what holds it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.actors import system
from backoffice.cases.models import Command, Event, Incident, WorkItem
from backoffice.cases.timeline_view import Reader, lines
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Account
from backoffice.payments.ledger.posting import post
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.payouts import freeing
from backoffice.payments.payouts.models import HeldBecause, Payout, PayoutState
from backoffice.payments.voice.models import VoicePayment
from tests.factories import now
from tests.payments.payouts.paid import (
    Shop,
    claim,
    look,
    notes,
    owes,
    pay,
    pays_out,
    posted,
    refund,
    sent,
    settle,
)

pytestmark = pytest.mark.django_db


def change(merchant: Merchant, **fields: object) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(**fields)


def held(payment: VoicePayment) -> str:
    assert look(payment)["stands"] == "held"
    return Payout.objects.get(payment=payment).held_because


def told(payment: VoicePayment) -> int:
    """How often its process was told to look again."""
    found = Command.objects.filter(case_id=payment.case_id, signal="happened")
    return sum(one.payload["kind"] == "payout_changed" for one in found)


def test_the_provider_keeps_its_fee_we_ours_and_the_rest_goes_out(shop: Shop, delivered: VoicePayment) -> None:
    payout = settle(delivered)

    assert posted(delivered) == {"captured": 25_00, "fee": 63, "our_fee": 35, "settled": 24_02}
    assert [(one.amount, one.account, one.id) for one in sent(shop, delivered)] == [
        (24_02, shop.merchant.payout_account, payout.transfer)
    ]
    assert (payout.state, payout.provider_fee, payout.our_fee, payout.amount) == ("paid", 63, 35, 24_02)
    assert owes(shop.merchant) == 0
    assert Account.objects.get(kind="income").balance == -35
    assert verify().wrong == []
    assert notes(delivered) == ["fee", "paid"]


def test_our_fee_is_rounded_half_up_and_never_more_than_the_payment() -> None:
    terms = Merchant(currency="EUR", fee_fixed=10, fee_points=150).terms

    assert [terms.fee(Money(one, "EUR")).minor for one in (1, 33, 34, 10_000)] == [1, 10, 11, 160]


def test_before_its_day_nothing_is_paid(shop: Shop) -> None:
    change(shop.merchant, payout_delay=7)
    payment = pay(shop)

    found = look(payment, at=now() + timedelta(days=6))
    assert found["stands"] == "waits"
    payout = Payout.objects.get(payment=payment)
    assert payment.fulfilment_at is not None
    assert payout.due_at == payment.fulfilment_at + timedelta(days=7)
    assert look(payment, at=now() + timedelta(days=7, minutes=1))["stands"] == "due"


def test_while_a_claim_is_open_it_is_held_and_then_goes_on(delivered: VoicePayment) -> None:
    opened = claim(delivered)
    assert held(delivered) == HeldBecause.CLAIM
    assert freeing.free_all(by=system(), now=now()) == 0

    opened.live = False
    opened.save()
    assert freeing.free_all(by=system(), now=now()) == 1
    assert freeing.free_all(by=system(), now=now()) == 0
    assert told(delivered) == 1
    assert settle(delivered).state == PayoutState.PAID
    assert notes(delivered) == ["fee", "held", "paid"]


def test_a_suspended_merchant_is_not_paid_before_that_is_lifted(shop: Shop, delivered: VoicePayment) -> None:
    change(shop.merchant, state=MerchantState.SUSPENDED)
    assert held(delivered) == HeldBecause.SUSPENDED
    assert freeing.free_all(by=system(), now=now()) == 0

    change(shop.merchant, state=MerchantState.ADMITTED)
    assert freeing.free_all(by=system(), now=now()) == 1


def test_a_merchant_without_an_account_is_paid_once_there_is_one(shop: Shop, delivered: VoicePayment) -> None:
    account = shop.merchant.payout_account
    change(shop.merchant, payout_account="")
    assert held(delivered) == HeldBecause.NO_ACCOUNT
    freeing.free_all(by=system(), now=now())
    for _time in range(2):
        freeing.alarm_all(by=system(), now=now())

    alarm = Incident.objects.get(case=shop.merchant.case)
    assert (alarm.key, alarm.resolved_at, told(delivered)) == ("no_payout_account", None, 0)
    assert WorkItem.objects.get(case=shop.merchant.case).role == "supervisor"
    change(shop.merchant, payout_account=account)
    assert freeing.free_all(by=system(), now=now()) == 1
    assert settle(delivered).state == PayoutState.PAID


def test_after_a_change_of_the_account_nothing_is_paid_for_a_time(shop: Shop, delivered: VoicePayment) -> None:
    until = now() + timedelta(hours=72)
    change(shop.merchant, payout_cools_until=until)

    assert held(delivered) == HeldBecause.NEW_ACCOUNT
    assert look(delivered, at=until)["stands"] == "due"


def test_what_was_refunded_in_part_is_not_paid_out_and_costs_no_fee_of_ours(
    shop: Shop, delivered: VoicePayment
) -> None:
    refund(shop, delivered, 10_00)

    payout = settle(delivered)

    assert (payout.our_fee, payout.amount) == (25, 25_00 - 10_00 - 63 - 25)
    assert owes(shop.merchant) == 0


def test_what_was_refunded_whole_is_over_and_the_fee_of_the_provider_stays_a_debt(
    shop: Shop, delivered: VoicePayment
) -> None:
    refund(shop, delivered, 25_00)

    assert look(delivered)["stands"] == "over"
    assert Payout.objects.get(payment=delivered).state == PayoutState.NOTHING
    assert (owes(shop.merchant), sent(shop, delivered)) == (63, [])
    assert notes(delivered)[-1] == "nothing"


def test_refunded_while_it_waits_its_process_is_told(shop: Shop) -> None:
    change(shop.merchant, payout_delay=7)
    payment = pay(shop)
    look(payment)
    refund(shop, payment, 25_00)

    assert freeing.free_all(by=system(), now=now()) == 1
    assert look(payment)["stands"] == "over"


def test_what_the_merchant_owes_from_before_is_kept_of_the_next_payout(shop: Shop, delivered: VoicePayment) -> None:
    settle(delivered)
    refund(shop, delivered, 20_00)
    assert owes(shop.merchant) == 20_00
    waiting, second = pay(shop, delivered=False), pay(shop)

    payout = settle(second)

    assert (payout.withheld, payout.amount) == (20_00, 24_02 - 20_00)
    assert posted(waiting) == {"captured": 25_00, "fee": 63}
    assert owes(shop.merchant) == -(25_00 - 63)
    assert settle(pay(shop)).withheld == 0


def test_a_debt_is_kept_once_of_two_payouts_that_are_under_way(shop: Shop, delivered: VoicePayment) -> None:
    settle(delivered)
    refund(shop, delivered, 10_00)
    one, other = pay(shop), pay(shop)

    assert [look(payment)["stands"] for payment in (one, other)] == ["due", "due"]
    withheld = Payout.objects.filter(payment__in=[one, other]).values_list("withheld", flat=True)
    assert sorted(withheld) == [0, 10_00]


def test_where_a_debt_takes_all_of_it_nothing_goes_out_and_our_fee_is_due(shop: Shop, delivered: VoicePayment) -> None:
    company = shop.merchant.company
    settle(delivered)
    refund(shop, delivered, 25_00)
    payment = pay(shop)

    assert look(payment)["stands"] == "over"
    assert posted(payment) == {"captured": 25_00, "fee": 63, "our_fee": 35}
    assert owes(shop.merchant) == 25_00 - 24_02
    post(
        case_id=payment.case_id,
        movements={"written off": movements.written_off(merchant=company, amount=Money(98, "EUR"))},
        by=system(),
        at=now(),
    )
    assert verify().wrong == []


def test_an_account_that_the_provider_refuses_is_seen_and_tried_again_under_another_key(
    shop: Shop, delivered: VoicePayment
) -> None:
    shop.bank.ask("POST", "/_sim/accounts", {"account": shop.merchant.payout_account, "transfers": "inactive"})
    look(delivered)
    assert not pays_out(delivered)
    payout = Payout.objects.get(payment=delivered)
    assert (payout.state, payout.refusal, payout.amount) == ("held", "account_not_usable", 0)
    assert held(delivered) == HeldBecause.REFUSED
    freeing.alarm_all(by=system(), now=now())
    assert Incident.objects.get(case=shop.merchant.case).key == "payout_account_refused"

    shop.bank.ask("POST", "/_sim/accounts", {"account": shop.merchant.payout_account, "transfers": "active"})
    assert payout.refused_at is not None
    assert look(delivered, at=payout.refused_at + timedelta(days=1))["stands"] == "due"
    assert pays_out(delivered, number=2)
    [one] = sent(shop, delivered)
    assert one.key.endswith(":payout:2")


def test_another_account_frees_what_the_provider_refused(shop: Shop, delivered: VoicePayment) -> None:
    shop.bank.ask("POST", "/_sim/accounts", {"account": shop.merchant.payout_account, "transfers": "inactive"})
    look(delivered)
    pays_out(delivered)
    assert freeing.free_all(by=system(), now=now()) == 0

    change(shop.merchant, payout_account=shop.bank.account())

    assert freeing.free_all(by=system(), now=now()) == 1
    assert look(delivered)["stands"] == "due"
    assert pays_out(delivered, number=2)


def test_staff_read_in_words_what_became_of_it_and_the_customer_reads_nothing(delivered: VoicePayment) -> None:
    claim(delivered)
    look(delivered)

    events = list(Event.objects.filter(case=delivered.case))
    staff, customer = (
        [str(line.sentence) for line in lines(events, [delivered.case], reader=reader)]
        for reader in (Reader.STAFF, Reader.CUSTOMER)
    )
    assert "The payout to the merchant is held: the customer disputes the payment." in staff
    assert not any("payout" in line for line in customer)
