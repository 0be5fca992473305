"""Payments that had ended before merchants were paid out are paid out all the same: once, and never while something
holds them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Alarm, Case, CaseOutcome, CaseState, Command
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.payouts import catching_up, freeing
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.payouts.reconciling import differences
from backoffice.payments.voice.models import Fulfilment, VoicePayment
from tests.at_once import at_once
from tests.factories import now
from tests.payments.payouts.paid import Shop, claim, notes, owes, posted, refund, sent, take

pytestmark = pytest.mark.django_db
catch_up = partial(catching_up.catch_up, by=system())


def end(payment: VoicePayment, **fields: object) -> VoicePayment:
    """As its process left it when it knew no payouts."""
    closed = {"state": CaseState.CLOSED, "outcome": CaseOutcome.DONE, "closed_at": now(), **fields}
    Case.objects.filter(pk=payment.case_id).update(**closed)
    return payment


@pytest.fixture
def ended(shop: Shop) -> VoicePayment:
    return end(take(shop))


def test_it_is_paid_out_once_less_both_fees(shop: Shop, ended: VoicePayment) -> None:
    assert [catch_up(now=now()) for _run in range(3)] == [1, 0, 0]

    assert posted(ended) == {"captured": 25_00, "fee": 63, "our_fee": 35, "settled": 24_02}
    assert [(one.amount, one.key) for one in sent(shop, ended)] == [(24_02, f"{ended.case_id}:payout:1")]
    assert (owes(shop.merchant), verify().wrong, notes(ended)) == (0, [], ["fee", "paid"])
    assert differences(shop.bank.adapter(), since=now() - timedelta(days=1)) == []
    ended.case.refresh_from_db()
    assert timeline.verify(ended.case) is None


@pytest.mark.django_db(transaction=True)
def test_many_runs_at_once_pay_once(shop: Shop) -> None:
    payment = end(take(shop))

    at_once([lambda: catch_up(now=now())] * 4)
    catch_up(now=now())

    assert len(sent(shop, payment)) == 1
    assert posted(payment) == {"captured": 25_00, "fee": 63, "our_fee": 35, "settled": 24_02}


@pytest.mark.parametrize("fault", ["act_then_fail", "act_then_time_out"])
def test_a_provider_that_acts_without_an_answer_pays_once(shop: Shop, ended: VoicePayment, fault: str) -> None:
    shop.bank.faults(**{fault: {"on": "transfer", **({"seconds": 0.2} if fault == "act_then_time_out" else {})}})

    assert catch_up(now=now()) + catch_up(now=now()) == 1

    assert len(sent(shop, ended)) == 1


def test_a_provider_that_is_away_is_asked_in_a_later_run(shop: Shop, ended: VoicePayment, settings: Settings) -> None:
    settings.PAYMENTS_URL = "http://127.0.0.1:9"
    assert catch_up(now=now()) == 0
    assert Payout.objects.get(payment=ended).state == PayoutState.EXPECTED
    settings.PAYMENTS_URL = shop.bank.url

    assert catch_up(now=now()) == 1


def test_what_holds_it_is_waited_for_and_no_ended_process_is_told(shop: Shop, ended: VoicePayment) -> None:
    opened = claim(ended)
    assert catch_up(now=now()) == 0
    assert Payout.objects.get(payment=ended).held_because == "claim"
    assert catching_up.unsettled(now()).count() == 0, "nothing can be done about it now"

    opened.live = False
    opened.save()
    assert freeing.free_all(by=system(), now=now()) == 0
    assert not Command.objects.filter(case_id=ended.case_id).exists()
    assert catch_up(now=now()) == 1


def test_it_waits_for_its_day(shop: Shop, ended: VoicePayment) -> None:
    Merchant.objects.filter(pk=shop.merchant.pk).update(payout_delay=7)
    assert catch_up(now=now()) == 0
    assert catching_up.unsettled(now() + timedelta(days=6)).count() == 0

    assert catch_up(now=now() + timedelta(days=8)) == 1


def test_a_new_account_waits_and_one_that_is_refused_is_tried_again(shop: Shop, ended: VoicePayment) -> None:
    cooled = now() + timedelta(hours=72)
    Merchant.objects.filter(pk=shop.merchant.pk).update(payout_cools_until=cooled)
    account = {"account": shop.merchant.payout_account}
    shop.bank.ask("POST", "/_sim/accounts", {**account, "transfers": "inactive"})
    assert [catch_up(now=now()), catch_up(now=cooled), catch_up(now=cooled)] == [0, 0, 0]
    assert Payout.objects.get(payment=ended).held_because == "refused"
    shop.bank.ask("POST", "/_sim/accounts", {**account, "transfers": "active"})

    assert [catch_up(now=cooled + timedelta(hours=20)), catch_up(now=cooled + timedelta(hours=25))] == [0, 1]


def test_what_was_refunded_meanwhile_is_over(shop: Shop, ended: VoicePayment) -> None:
    claim(ended)
    catch_up(now=now())
    refund(shop, ended, 25_00)

    assert catch_up(now=now()) == 0
    assert (Payout.objects.get(payment=ended).state, sent(shop, ended)) == (PayoutState.NOTHING, [])


def test_none_is_paid_that_its_process_pays_or_nobody_delivered_or_was_given_up(shop: Shop) -> None:
    _goes_on, failed, given_up = (take(shop) for _payment in range(3))
    VoicePayment.objects.filter(pk=failed.pk).update(fulfilment=Fulfilment.FAILED)
    end(failed)
    end(given_up, outcome=CaseOutcome.FAILED)

    assert catch_up(now=now()) == 0
    assert not Payout.objects.exists()


def test_of_what_was_refunded_only_the_fee_is_noted(shop: Shop, ended: VoicePayment) -> None:
    VoicePayment.objects.filter(pk=ended.pk).update(fulfilment=Fulfilment.FAILED)
    refund(shop, ended, 25_00)

    assert [catch_up(now=now()), catch_up(now=now())] == [0, 0]
    assert (posted(ended)["fee"], sent(shop, ended), notes(ended)) == (63, [], ["fee", "nothing"])


def test_more_than_one_run_takes_are_paid_the_oldest_first(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching_up, "AT_ONCE", 2)
    late, early, middle = (end(take(shop, at=now() - timedelta(days=days))) for days in (1, 3, 2))

    assert catch_up(now=now()) == 2
    assert [bool(sent(shop, one)) for one in (early, middle, late)] == [True, True, False]
    assert catch_up(now=now()) == 1


def test_what_the_provider_refuses_to_say_is_an_alarm_and_does_not_keep_others_back(
    shop: Shop, ended: VoicePayment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "AT_ONCE", 1)
    VoicePayment.objects.filter(pk=ended.pk).update(
        provider_payment="pi_unknown", fulfilment_at=now() - timedelta(days=9)
    )
    other = end(take(shop))

    assert [catch_up(now=now()), catch_up(now=now()), catch_up(now=now())] == [0, 1, 0]
    assert sent(shop, other)
    assert [one.code for one in Alarm.objects.all()] == [catching_up.STUCK]
