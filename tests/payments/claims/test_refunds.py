"""Refunds that the provider tells of: made at its own pages, and accepted but not arrived."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.actors import system
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.payments.claims import disputes, paying_back
from backoffice.payments.claims.models import CardRefund
from backoffice.payments.claims.words import headline, shown_in_messages
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Posting
from backoffice.payments.ledger.posting import post
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.provider.ports import Refund, RefundStatus
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.refusals import Invalid, Refused
from backoffice.staff.models import Role
from tests.factories import make_staff, now
from tests.payments.claims.claiming import Refunds, answer, balance_of, claim, does, make_paid, of, refund_event
from tests.payments.claims.test_settling import credited, decide, pay_back, signals_of
from tests.payments.ledger.books import balances
from tests.playing import ask, outside_actor
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Refunds:
    found = Refunds(make_paid())
    monkeypatch.setattr(paying_back, "provider", lambda: found)
    monkeypatch.setattr(disputes, "provider", lambda: found)
    return found


def at_the_provider(seam: Refunds, amount: int = 25_00) -> Refund:
    """By somebody there, without a key of ours."""
    return seam.refund(seam.payment.provider_payment, key="", amount=amount)


def hear(payment: VoicePayment, refund: Refund, kind: EventKind = EventKind.REFUND_MADE) -> None:
    assert taking.take(event=refund_event(payment, refund, kind), by=outside_actor(), now=now())


def hear_that_it_failed(seam: Refunds) -> None:
    hear(seam.payment, seam.fail(), EventKind.REFUND_FAILED)


def posted(case_id: Any) -> list[tuple[str, int]]:
    return list(Posting.objects.filter(case_id=case_id).order_by("at", "kind").values_list("kind", "amount"))


def events_of(case_id: Any) -> list[str]:
    return list(Event.objects.filter(case_id=case_id).order_by("number").values_list("kind", flat=True))


def return_case() -> Case:
    return Case.objects.get(process="refund_return")


def test_what_somebody_gave_back_at_the_provider_is_posted_in_the_payments_case(seam: Refunds) -> None:
    refund = at_the_provider(seam)

    for _twice in range(2):
        hear(seam.payment, refund)
        hear(seam.payment, refund, EventKind.REFUND_CHANGED)

    assert posted(seam.payment.case_id) == [("captured", 25_00), ("refunded", 25_00)]
    assert events_of(seam.payment.case_id).count("payment.refunded_elsewhere") == 1
    seam.payment.refresh_from_db()
    assert seam.payment.money == MoneyState.REFUNDED
    assert verify().wrong == []


def test_what_the_payments_own_process_gave_back_is_posted_once(seam: Refunds) -> None:
    made = seam.refund(seam.payment.provider_payment, key=f"{seam.payment.case_id}:refund")

    hear(seam.payment, made)

    assert posted(seam.payment.case_id) == [("captured", 25_00), ("refunded", 25_00)]
    assert events_of(seam.payment.case_id) == ["payment.refunded"]


def test_it_ends_the_claim_whose_credit_is_taken_back(seam: Refunds) -> None:
    case = credited(seam.payment)

    hear(seam.payment, at_the_provider(seam))
    does(case, "take_credit_back")

    assert signals_of(case) == ["money_went_back"]
    assert balance_of(case.customer) == 0


def test_a_part_that_went_back_makes_the_claim_and_its_credit_smaller(seam: Refunds) -> None:
    case = credited(seam.payment)

    hear(seam.payment, at_the_provider(seam, 10_00))

    assert (of(case).open.minor, balance_of(case.customer), signals_of(case)) == (15_00, 15_00, [])
    decide(case, "merchant")
    assert pay_back(case).to == "card"
    assert (seam.on_the_card, balance_of(case.customer)) == (25_00, 0)
    assert verify().wrong == []


def test_a_part_of_the_same_size_ends_a_claim_about_a_part(seam: Refunds) -> None:
    case = claim(seam.payment, amount="10.00")
    does(case, "credit")

    hear(seam.payment, at_the_provider(seam, 10_00))

    assert signals_of(case) == ["money_went_back"]


def test_a_credit_that_is_given_after_all_went_back_is_none(seam: Refunds) -> None:
    case = claim(seam.payment)
    hear(seam.payment, at_the_provider(seam))

    does(case, "credit")

    assert balance_of(case.customer) == 0


def test_where_only_the_sum_is_told_the_provider_is_asked_for_each(seam: Refunds) -> None:
    at_the_provider(seam, 10_00)
    at_the_provider(seam, 5_00)

    disputes.look_at_refunds(payment=seam.payment, now=now())
    disputes.look_at_refunds(payment=seam.payment, now=now())

    assert sorted(posted(seam.payment.case_id)) == [("captured", 25_00), ("refunded", 5_00), ("refunded", 10_00)]


@pytest.mark.parametrize("bearer", ["merchant", "us"])
def test_what_a_claim_paid_and_did_not_arrive_is_on_the_balance_again(seam: Refunds, bearer: str) -> None:
    case = credited(seam.payment)
    decide(case, bearer)
    pay_back(case)
    hear(seam.payment, seam.given[0])

    for _twice in range(2):
        hear_that_it_failed(seam) if seam.on_the_card else hear(seam.payment, seam.given[0], EventKind.REFUND_CHANGED)

    assert (of(case).paid_to, balance_of(case.customer)) == ("balance", 25_00)
    assert events_of(case.id)[-2:] == ["claim.paid_back", "claim.refund_failed"]
    assert balances().get(("provider", None, "EUR")) == 25_00
    assert balances().get(("loss", None, "EUR"), 0) == (25_00 if bearer == "us" else 0)
    assert return_case().customer_id == case.customer_id
    assert verify().wrong == []


def test_what_the_merchant_gave_back_and_did_not_arrive_is_on_the_balance(seam: Refunds) -> None:
    refund = at_the_provider(seam)
    hear(seam.payment, refund)

    hear_that_it_failed(seam)

    customer = seam.payment.case.customer
    assert balance_of(customer) == 25_00
    assert posted(seam.payment.case_id) == [("captured", 25_00), ("refunded", 25_00), ("refund_failed", 25_00)]
    assert sorted(posted(return_case().id)) == [("credit_kept", 25_00), ("credited", 25_00)]
    assert balances().get(("merchant", seam.payment.merchant.company_id, "EUR"), 0) == 0
    with pytest.raises(Refused, match="have this money back already"):
        claim(seam.payment)


def test_a_failure_that_is_told_first_counts_once(seam: Refunds) -> None:
    at_the_provider(seam)
    hear_that_it_failed(seam)
    made = Refund("re_1", "", seam.payment.provider_payment, 25_00, "EUR", RefundStatus.DONE)

    hear(seam.payment, made)

    assert balance_of(seam.payment.case.customer) == 25_00
    assert CardRefund.objects.get().failed_at is not None


def test_a_failure_that_is_told_before_the_answer_was_noted_counts_too(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")
    record = paying_back.pay_back(case=case, args=Nothing(), key=f"{case.id}:pay_back:1", asked_at=now(), now=now())
    hear_that_it_failed(seam)
    with changing(case.id) as locked:
        assert record(locked, now()).to == "balance"

    assert balance_of(case.customer) == 25_00
    assert return_case().card_refund.id == "re_1"


def test_one_of_us_pays_it_to_a_bank_account(seam: Refunds) -> None:
    hear(seam.payment, at_the_provider(seam))
    hear_that_it_failed(seam)
    sue, item = make_staff(role=Role.SUPERVISOR), ask(return_case(), "pay_otherwise")

    for told, field in (
        ({"outcome": "transferred", "transfer": ""}, "transfer"),
        ({"outcome": "kept", "transfer": "T-1"}, "transfer"),
        ({"outcome": "", "transfer": ""}, "outcome"),
    ):
        with pytest.raises(Invalid) as refused:
            answer(item, sue, reason="They called", **told)
        assert list(refused.value.errors) == [field]
    answer(item, sue, outcome="transferred", transfer="T-2026-77", reason="They called")

    assert balance_of(return_case().customer) == 0
    assert return_case().card_refund.paid_otherwise_at is not None
    assert verify().wrong == []


def test_what_they_owe_us_already_is_not_paid_out(seam: Refunds) -> None:
    hear(seam.payment, at_the_provider(seam))
    hear_that_it_failed(seam)
    spent = movements.paid_back(customer=seam.payment.case.customer, amount=seam.payment.sum)
    post(case_id=seam.payment.case_id, movements={"spent": spent}, by=system(), at=now())

    with pytest.raises(Refused, match="more than we owe this customer"):
        answer(
            ask(return_case(), "pay_otherwise"),
            make_staff(role=Role.SUPERVISOR),
            outcome="transferred",
            transfer="T-1",
            reason="They called",
        )


def test_it_can_stay_on_the_balance(seam: Refunds) -> None:
    hear(seam.payment, at_the_provider(seam))
    hear_that_it_failed(seam)

    answer(ask(return_case(), "pay_otherwise"), make_staff(role=Role.SUPERVISOR), outcome="kept", reason="As they want")

    assert balance_of(return_case().customer) == 25_00


def warn(payment: VoicePayment) -> bool:
    told = (payment.provider_payment, "", 0, "", now())
    return disputes.reported(ProviderEvent("evt_w", EventKind.FRAUD_WARNING, *told), outside_actor(), now())


def test_a_fraud_warning_of_the_issuer_opens_a_claim_once_and_a_person_decides_on_the_credit() -> None:
    payment = make_paid()

    assert warn(payment)
    assert warn(payment)

    found = payment.claims.get()
    assert (found.came, found.why, found.needs, found.amount) == ("detected", "not_mine", "detected", 25_00)
    assert headline(found.case).title == "Was this payment of 25.00 EUR yours?"
    assert shown_in_messages(found.case, "claim_received")["detected"] == "yes"


def test_a_fraud_warning_about_what_is_claimed_or_went_back_opens_nothing(seam: Refunds) -> None:
    case = claim(make_paid(), amount="10.00")
    warn(of(case).payment)
    hear(seam.payment, at_the_provider(seam))
    warn(seam.payment)

    assert Case.objects.filter(process="payment_claim").count() == 1
