"""What a merchant was paid out of a payment whose customer has the money back afterwards: the provider takes it from
the merchant's account, once, and what it does not take stays a debt."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases.models import Alarm, Case
from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.cases.withdrawing import withdraw
from backoffice.customers import reading
from backoffice.money import Money
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claim_answers.words import shown_in_messages as told_to_merchant
from backoffice.payments.claim_answers.words import stands_now
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Posting
from backoffice.payments.ledger.posting import post
from backoffice.payments.payout_returns.models import PayoutReturn, ReturnState
from backoffice.payments.payout_returns.opening import followed
from backoffice.payments.payout_returns.words import headline, shown_in_messages
from backoffice.payments.payouts import shown
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.provider.ports import Refusal
from backoffice.payments.voice.models import VoicePayment
from backoffice.refusals import Refused
from backoffice.staff.models import Role
from tests.at_once import at_once
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.claims.claiming import claim, does
from tests.payments.claims.test_settling import decide, pay_back
from tests.payments.payouts.paid import Shop, look, owes, pay, pays_out, posted, settle
from tests.payments.payouts.taking_back import decided, gives_back, is_due, is_taken, notes, returned, taken, wrong
from tests.playing import close

pytestmark = pytest.mark.django_db
OUT = 24_02
"""What goes out of 25.00 EUR: the provider keeps 0.63, and we 0.35."""


@pytest.fixture
def settled(delivered: VoicePayment) -> VoicePayment:
    settle(delivered)
    return delivered


# --- when -------------------------------------------------------------------------------------------------------------


def test_what_a_claim_decides_against_a_merchant_after_its_payout_is_taken_back(
    shop: Shop, settled: VoicePayment
) -> None:
    decided(settled)
    back = returned(settled)
    assert (back.amount, back.case.customer, owes(shop.merchant)) == (OUT, shop.merchant.company, 25_00)

    assert is_due(back)
    assert is_taken(back)

    assert (taken(shop, settled), owes(shop.merchant)) == (OUT, 25_00 - OUT)
    assert posted(settled)["payout_returned"] == OUT
    assert (notes(back.case_id, "payout_return."), notes(settled.case_id, "payout.")[-1]) == (
        ["due", "taken"],
        "returned",
    )
    assert wrong(shop) == []


def test_of_a_part_that_is_claimed_only_that_is_taken_back(shop: Shop, settled: VoicePayment) -> None:
    decided(settled, amount="10.00")
    assert is_taken(returned(settled))
    assert (taken(shop, settled), owes(shop.merchant)) == (10_00, 0)

    decided(settled, amount="15.00")
    assert is_taken(returned(settled))

    assert [one.amount for one in PayoutReturn.objects.order_by("asked_at")] == [10_00, OUT - 10_00]
    assert (taken(shop, settled), owes(shop.merchant)) == (OUT, 25_00 - OUT)
    assert wrong(shop) == []


def test_what_stays_on_the_customers_balance_is_taken_back_too(
    shop: Shop, settled: VoicePayment, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = claim(settled)
    does(case, "credit")
    decide(case, "merchant")
    shop.bank.faults(refuse={"code": "charge_not_refundable", "on": "refund"})

    assert pay_back(case).to == "balance"

    assert (Posting.objects.filter(case=case, kind="credit_kept").count(), returned(settled).amount) == (1, OUT)


def test_what_a_bank_or_the_merchant_gave_back_is_taken_back_too(shop: Shop, settled: VoicePayment) -> None:
    gives_back(settled, 20_00)

    assert is_taken(returned(settled))
    assert (taken(shop, settled), owes(shop.merchant)) == (20_00, 0)


def test_what_we_bear_costs_the_merchant_nothing(shop: Shop, settled: VoicePayment) -> None:
    decided(settled, "us")

    assert not PayoutReturn.objects.exists()
    assert owes(shop.merchant) == 0


def test_before_the_payout_nothing_is_to_be_taken_back(shop: Shop, delivered: VoicePayment) -> None:
    close(decided(delivered, amount="10.00"))

    assert not PayoutReturn.objects.exists()
    assert settle(delivered).amount == OUT - 10_00 + 10
    assert not PayoutReturn.objects.exists()


def test_what_went_back_while_the_payout_was_under_way_is_taken_back_once_it_arrived(
    shop: Shop, delivered: VoicePayment
) -> None:
    assert look(delivered)["stands"] == "due"
    gives_back(delivered, 25_00)
    assert not PayoutReturn.objects.exists()

    assert pays_out(delivered)

    assert returned(delivered).amount == OUT
    assert is_taken(returned(delivered))
    assert wrong(shop) == []


def test_a_payout_that_kept_a_debt_gives_back_no_more_than_it_paid_too_much(shop: Shop, settled: VoicePayment) -> None:
    """The debt of the first payment stays one, and the second payout keeps it."""
    shop.bank.ask("POST", "/_sim/accounts", {"account": shop.merchant.payout_account, "empty": True})
    gives_back(settled, 10_00)
    assert not is_taken(returned(settled))
    second = pay(shop)
    assert (settle(second).withheld, owes(shop.merchant)) == (10_00, 0)

    gives_back(second, 5_00)

    assert returned(second).amount == 5_00
    assert not is_due(returned(settled))


def test_a_payment_gives_back_nothing_of_what_another_owes(shop: Shop, settled: VoicePayment) -> None:
    """The debt of the first, which the provider is asked for while the second is paid out, and then refuses."""
    gives_back(settled, 10_00)
    second = pay(shop)
    assert settle(second).withheld == 0
    shop.bank.faults(refuse={"code": "account_closed", "on": "reverse"})
    assert not is_taken(returned(settled))

    gives_back(second, 5_00)

    assert (returned(second).amount, owes(shop.merchant)) == (5_00, 15_00)


# --- once -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["act_then_fail", "act_then_time_out"])
def test_a_provider_that_acts_without_an_answer_takes_it_once(shop: Shop, settled: VoicePayment, fault: str) -> None:
    gives_back(settled, 20_00)
    shop.bank.faults(**{fault: {"on": "reverse", **({"seconds": 0.2} if fault == "act_then_time_out" else {})}})

    assert is_taken(returned(settled))

    assert (taken(shop, settled), posted(settled)["payout_returned"]) == (20_00, 20_00)


def test_a_provider_that_is_away_is_asked_again_for_the_same(
    shop: Shop, settled: VoicePayment, settings: Settings
) -> None:
    gives_back(settled, 20_00)
    back, settings.PAYMENTS_URL = returned(settled), "http://127.0.0.1:9"
    with pytest.raises(OutsideUnavailable):
        is_taken(back)
    assert "payout_returned" not in posted(settled)
    settings.PAYMENTS_URL = shop.bank.url

    assert is_taken(back)
    there = shop.bank.adapter().taken_back(Payout.objects.get(payment=settled).transfer)
    assert [(one.key, one.amount) for one in there] == [(f"{back.case_id}:take_back:1", 20_00)]


def test_a_provider_that_failed_without_acting_is_asked_again(shop: Shop, settled: VoicePayment) -> None:
    gives_back(settled, 20_00)
    shop.bank.faults(fail={"on": "reverse"})
    with pytest.raises(OutsideUnavailable):
        is_taken(returned(settled))

    assert is_taken(returned(settled))
    assert taken(shop, settled) == 20_00


def test_after_the_provider_has_forgotten_the_key_it_is_looked_for_first(shop: Shop, settled: VoicePayment) -> None:
    """It would take so little a second time: it refuses only more than is left."""
    gives_back(settled, 5_00)
    back = returned(settled)
    shop.bank.adapter().take_back(back.payout.transfer, key=back.key, amount=back.amount)
    PayoutReturn.objects.update(asked_at=now() - timedelta(days=3))
    shop.bank.advance(days=3)

    assert is_taken(back)

    assert (taken(shop, settled), owes(shop.merchant)) == (5_00, 0)


def test_asked_twice_by_a_process_that_was_killed_it_is_taken_and_posted_once(
    shop: Shop, settled: VoicePayment
) -> None:
    gives_back(settled, 20_00)
    back = returned(settled)

    assert [is_taken(back, number=one) for one in (1, 2, 3)] == [True, True, True]

    assert taken(shop, settled) == 20_00
    assert Posting.objects.filter(case_id=settled.case_id, kind="payout_returned").count() == 1


def test_one_event_that_is_told_often_opens_one_case(settled: VoicePayment) -> None:
    for _time in range(3):
        gives_back(settled, 20_00, step="dispute du_1")

    assert PayoutReturn.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_refunds_and_tries_at_once_take_each_cent_once(shop: Shop) -> None:
    payment = pay(shop)
    settle(payment)
    assert at_once([partial(gives_back, payment, 5_00) for _ in range(5)]) == [None] * 5
    backs = list(PayoutReturn.objects.select_related("case"))
    assert sum(one.amount for one in backs) == OUT

    answers = at_once([partial(is_taken, PayoutReturn.objects.get(pk=one.pk)) for one in backs])

    assert answers == [True] * len(backs)
    assert (taken(shop, payment), owes(shop.merchant)) == (OUT, 25_00 - OUT)
    assert wrong(shop) == []


# --- what is not taken ------------------------------------------------------------------------------------------------


def refused(shop: Shop, payment: VoicePayment) -> PayoutReturn:
    """The merchant has had all of it paid to its own bank."""
    shop.bank.ask("POST", "/_sim/accounts", {"account": shop.merchant.payout_account, "empty": True})
    gives_back(payment, 20_00)
    back = returned(payment)
    assert not is_taken(back)
    back.refresh_from_db()
    return back


def test_what_the_account_does_not_hold_stays_a_debt(shop: Shop, settled: VoicePayment) -> None:
    back = refused(shop, settled)

    assert (back.state, back.refusal, owes(shop.merchant)) == (ReturnState.OWED, Refusal.BALANCE.value, 20_00)
    assert "payout_returned" not in posted(settled)
    assert (notes(back.case_id, "payout_return.")[-1], notes(settled.case_id, "payout.")[-1]) == ("refused", "owed")


def test_what_was_refused_is_not_taken_before_it_was_looked_at_again(shop: Shop, settled: VoicePayment) -> None:
    """By a process that was killed, and asks a second time."""
    gives_back(settled, 5_00)
    back = returned(settled)
    shop.bank.faults(refuse={"code": "account_closed", "on": "reverse"})

    assert [is_taken(back, number=one) for one in (1, 2)] == [False, False]

    assert taken(shop, settled) == 0


def test_the_next_payouts_keep_it_and_then_it_is_not_taken_as_well(shop: Shop, settled: VoicePayment) -> None:
    back = refused(shop, settled)
    assert settle(pay(shop)).withheld == 20_00

    assert not is_due(back)

    back.refresh_from_db()
    assert (back.state, owes(shop.merchant), taken(shop, settled)) == (ReturnState.SETTLED, 0, 0)


def test_tried_again_it_is_only_what_is_still_owed(shop: Shop, settled: VoicePayment) -> None:
    gives_back(settled, 20_00)
    back = returned(settled)
    shop.bank.faults(refuse={"code": "account_closed", "on": "reverse"})
    assert not is_taken(back)
    assert look(pay(shop, 15_00))["stands"] == "over"
    rest = owes(shop.merchant)
    assert 0 < rest < 20_00

    assert is_due(back)
    assert is_taken(back, number=2)

    assert (taken(shop, settled), owes(shop.merchant)) == (rest, 0)
    assert wrong(shop) == []


def test_while_the_provider_is_asked_no_payout_keeps_the_same_debt(shop: Shop, settled: VoicePayment) -> None:
    gives_back(settled, 20_00)

    assert settle(pay(shop)).withheld == 0

    assert is_taken(returned(settled))
    assert owes(shop.merchant) == 0


def test_where_people_give_up_asking_payouts_keep_it_again(shop: Shop, settled: VoicePayment) -> None:
    gives_back(settled, 20_00)
    close(returned(settled).case, "failed")

    assert settle(pay(shop)).withheld == 20_00


def test_after_the_last_try_a_supervisor_is_alarmed(shop: Shop, settled: VoicePayment) -> None:
    back = refused(shop, settled)
    for _time in range(2):
        does(back.case, "leave_as_debt")

    assert Alarm.objects.get().code == "payout_not_returned"


def test_a_debt_that_was_written_off_is_not_taken_any_more(shop: Shop, settled: VoicePayment) -> None:
    back = refused(shop, settled)
    off = movements.written_off(merchant=shop.merchant.company, amount=Money(20_00, "EUR"))
    post(case_id=back.case_id, movements={"off": off}, by=system(), at=now())

    assert not is_due(back)


# --- what they see ----------------------------------------------------------------------------------------------------


def in_portal(client: Client, case: Case) -> str:
    return " ".join(client.get(reverse("portal:case", args=[case.reference])).content.decode().split())


def test_the_merchant_reads_at_each_moment_how_it_stands(shop: Shop, settled: VoicePayment) -> None:
    back = refused(shop, settled)
    client, user = Client(), shop.merchant.company.user
    assert user is not None
    client.force_login(user)
    page = in_portal(client, back.case)
    said: dict[str, Any] = {}
    for state in ReturnState:
        PayoutReturn.objects.filter(pk=back.pk).update(state=state)
        said[state] = headline(back.case).lead

    assert said[ReturnState.OWED] in page
    assert len(set(said.values())) == len(ReturnState)
    assert f"20.00 EUR of your order {settled.case.reference} goes back to your customer" in page
    assert str(settled.case.customer) not in page
    assert set(shown_in_messages(back.case, "payout_owed")) == {"order", "amount", "day"}


def test_the_desk_sees_why_it_was_refused(client: Client, shop: Shop, settled: VoicePayment) -> None:
    back, sue = refused(shop, settled), make_staff(role=Role.SUPERVISOR)
    sign_in(client, sue)
    why = "The merchant is on the telephone"
    reading.open_record(customer=back.case.customer, by=actor(sue), user=sue, now=now(), reason=why)

    page = client.get(reverse("admin:desk_case", args=[back.case.reference])).content.decode()

    assert "there is not enough on the merchant" in page
    label = f"To be taken back, case {back.case.reference}"
    assert dict(shown.lines(back.payout))[label] == "20.00 EUR: the provider refused it, so the merchant owes it"


def test_nobody_stops_it(settled: VoicePayment) -> None:
    gives_back(settled, 20_00)
    case = returned(settled).case

    with pytest.raises(Refused, match="customer's already"):
        withdraw(case_id=case.id, by=system())


def test_what_is_not_paid_out_is_not_followed(delivered: VoicePayment) -> None:
    with changing(delivered.case_id), followed(delivered, now=now()):
        pass

    assert Payout.objects.get(payment=delivered).state == PayoutState.EXPECTED
    assert not PayoutReturn.objects.exists()


def test_the_merchant_of_a_claim_reads_that_it_is_taken_back_and_not_kept(settled: VoicePayment) -> None:
    answer = ClaimAnswer.objects.get(claim__case=decided(settled))

    assert "We had paid you before, so it is taken back from your account" in stands_now(answer)
    assert told_to_merchant(answer.case, "merchant_claim_decided")["paid_out"] == "yes"
