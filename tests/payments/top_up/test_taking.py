"""The money of a top-up: asked for once, taken once, and on the balance in the same transaction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import Settings

from backoffice.cases import outside
from backoffice.cases.catalogue import Record
from backoffice.cases.models import CallRecord, Case
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.ledger import balances
from backoffice.payments.ledger.models import AccountKind, Posting
from backoffice.payments.top_up import calls, words
from backoffice.payments.top_up.models import Farewell, MoneyState, Step, TopUp
from backoffice.refusals import Conflict
from tests.devstack.payment_simulator.simulator import GOOD, Payments
from tests.factories import make_customer
from tests.payments.top_up.calling_us import Caller, agreed, noted, top_up_of, waiting
from tests.playing import advance, close, customer_actor
from workflows.base.contracts import DoEffect
from workflows.base.spec import Nothing
from workflows.top_up.facts import Bank, BankSaid

pytestmark = pytest.mark.django_db


def at_bank(payments: Payments, number: str = GOOD) -> tuple[Case, Caller]:
    """Somebody who has agreed to 25.00 EUR with a card on file, and waits on the line."""
    case = waiting(make_customer(language="en"))
    card = keep(payments, case, number)
    return case, agreed(case, card, token=payments.security_code())


def keep(payments: Payments, case: Case, number: str = GOOD) -> CardOnFile:
    by = customer_actor(case.customer)
    return keeping.keep(customer=case.customer, token=payments.card(number), by=by, now=timezone.now())


def authorise(case: Case) -> BankSaid:
    now = timezone.now()
    record = calls.authorise(case=case, args=Nothing(), key="k", asked_at=now, now=now)
    with changing(case.id) as locked:
        return record(locked, now)


def done(call: Callable[..., Record[Nothing]], case: Case) -> None:
    """The release or the capture, with its record."""
    now = timezone.now()
    record = call(case=case, args=Nothing(), key="k", asked_at=now, now=now)
    with changing(case.id) as locked:
        record(locked, now)


def balance(case: Case) -> Money:
    return balances.owed(kind=AccountKind.CUSTOMER, owner=case.customer, currency="EUR")


def test_what_was_agreed_is_held_taken_and_on_the_balance_and_said(payments: Payments) -> None:
    case, caller = at_bank(payments)

    assert authorise(case).bank is Bank.AUTHORISED
    assert balance(case) == Money(0, "EUR")
    done(calls.capture, case)
    advance(case, effects=(DoEffect("say_verdict", {"verdict": "added"}),), stage="added")

    top_up = top_up_of(case)
    assert (top_up.money, top_up.token) == (MoneyState.CAPTURED, "")
    assert balance(case) == Money(25_00, "EUR")
    assert payments.payments_under(top_up.provider_key) == ["succeeded"]
    assert noted(case)[-2:] == ["top_up.authorised", "top_up.captured"]
    assert caller.hears.startswith("Done. The money is on your balance")
    caller.hears_all()
    assert words.shown_in_messages(case, "top_up_receipt") == {
        "amount": "25.00 EUR", "card": "Visa ····4242", "why": ""
    }  # fmt: skip


def test_a_decline_is_said_in_general_and_shown_exactly_to_the_cardholder(payments: Payments) -> None:
    case, caller = at_bank(payments)
    payments.faults(decline={"code": "insufficient_funds", "on": "authorise"})

    assert authorise(case).bank is Bank.DECLINED
    advance(case, effects=(DoEffect("say_verdict", {"verdict": "declined"}),))
    close(case, "rejected")

    assert "declined" in caller.hears
    assert "enough" not in caller.hears
    assert "not enough money" in words.headline(case).lead
    assert (balance(case), Posting.objects.count()) == (Money(0, "EUR"), 0)
    done(calls.release, case)
    assert top_up_of(case).money == MoneyState.DECLINED


def test_a_bank_that_acts_without_an_answer_charges_once(payments: Payments) -> None:
    case, _caller = at_bank(payments)
    key = top_up_of(case).provider_key
    payments.faults(act_then_time_out={"seconds": 0.1, "on": "authorise"})

    assert authorise(case).bank is Bank.AUTHORISED
    assert authorise(case).bank is Bank.AUTHORISED
    for _each in range(2):
        done(calls.capture, case)

    assert payments.payments_under(key) == ["succeeded"]
    assert balance(case) == Money(25_00, "EUR")


def test_while_the_provider_is_away_nobody_knows(payments: Payments, settings: Settings) -> None:
    case, caller = at_bank(payments)
    settings.PAYMENTS_URL = "http://127.0.0.1:9"

    with pytest.raises(outside.OutsideUnavailable):
        authorise(case)

    assert (top_up_of(case).money, caller.call.step) == (MoneyState.NOTHING, Step.BANK)


def test_what_is_held_is_released_also_where_nobody_had_heard_of_it(payments: Payments) -> None:
    case, caller = at_bank(payments)
    authorise(case)
    TopUp.objects.update(money=MoneyState.NOTHING, provider_payment="")

    done(calls.release, case)
    close(case, "withdrawn")

    assert payments.payments_under(top_up_of(case).provider_key) == ["canceled"]
    assert (top_up_of(case).money, noted(case)[-1]) == (MoneyState.RELEASED, "top_up.released")
    assert caller.call.farewell == Farewell.NOT_NOW


def test_an_answer_that_comes_after_the_release_changes_nothing(payments: Payments) -> None:
    case, _caller = at_bank(payments)
    now = timezone.now()
    record = calls.authorise(case=case, args=Nothing(), key="k", asked_at=now, now=now)
    done(calls.release, case)

    with changing(case.id) as locked:
        record(locked, now)

    assert (top_up_of(case).money, noted(case)[-1]) == (MoneyState.RELEASED, "top_up.released")


def test_what_was_on_its_way_when_a_worker_was_killed_is_released_too(payments: Payments) -> None:
    """There is a record that the bank was to be asked, and nothing of it at the bank."""
    case, _caller = at_bank(payments)
    CallRecord.objects.create(case=case, key=f"{case.id}:authorise_top_up:1", begun_at=timezone.now())

    done(calls.release, case)

    assert payments.payments_under(top_up_of(case).provider_key) == ["canceled"]
    assert top_up_of(case).money == MoneyState.RELEASED


def test_where_the_bank_was_never_to_be_asked_nothing_is_held_to_be_released(payments: Payments) -> None:
    case, _caller = at_bank(payments)

    done(calls.release, case)

    assert payments.payments_under(top_up_of(case).provider_key) == []


def test_a_sum_that_was_changed_after_it_was_read_out_is_never_charged(payments: Payments) -> None:
    case, _caller = at_bank(payments)
    TopUp.objects.update(amount=99_00)

    with pytest.raises(ValueError, match="not what would be charged"):
        authorise(case)

    assert payments.payments_under(top_up_of(case).provider_key) == []


def test_who_hung_up_while_the_bank_was_asked_has_the_money_all_the_same(payments: Payments) -> None:
    case, caller = at_bank(payments)
    caller.hangs_up()
    authorise(case)
    done(calls.capture, case)

    advance(case, effects=(DoEffect("say_verdict", {"verdict": "added"}),), stage="added")

    assert (caller.call.step, balance(case)) == (Step.OVER, Money(25_00, "EUR"))
    assert "top_up.line_dropped" not in noted(case)


def test_a_second_top_up_can_be_opened_only_after_the_first(payments: Payments) -> None:
    case, _caller = at_bank(payments)
    with pytest.raises(Conflict, match="started this already"):
        waiting(case.customer)
    close(case, "withdrawn")

    assert waiting(case.customer).id != case.id
