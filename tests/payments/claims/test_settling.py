"""What a decision does to the money: once to the customer, at the expense of who bears it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.actors import system
from backoffice.cases.models import Alarm, Case, Command
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.claims import other_ways, paying_back
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import AccountKind, Posting
from backoffice.payments.ledger.posting import post
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider import ports, taking
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.provider.ports import Order, Refusal
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff.models import Role
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import actor, make_staff, now
from tests.payments.claims.claiming import REASONS, Refunds, answer, balance_of, claim, does, make_paid, of
from tests.payments.ledger.books import balances
from tests.playing import ask, outside_actor
from workflows.base.spec import Nothing
from workflows.payment_claim.facts import Credit, PaidBack

pytestmark = pytest.mark.django_db
KEPT = {"because": "", "reason": "The parcel is lost"}


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Refunds:
    found = Refunds(make_paid())
    monkeypatch.setattr(paying_back, "provider", lambda: found)
    return found


def credited(payment: VoicePayment) -> Case:
    case = claim(payment)
    does(case, "credit")
    return case


def decide(case: Case, outcome: str, **data: Any) -> None:
    told = KEPT if outcome in ("merchant", "us") else {"because": REASONS, "reason": "The parcel came"}
    answer(ask(case, "investigate"), make_staff(role=Role.SUPERVISOR), outcome=outcome, **{**told, **data})


def pay_back(case: Case, *, number: int = 1) -> PaidBack:
    key = f"{case.id}:pay_back:{number}"
    record = paying_back.pay_back(case=case, args=Nothing(), key=key, asked_at=now(), now=now())
    with changing(case.id) as locked:
        return record(locked, now())


def event(payment: VoicePayment, kind: EventKind, status: DisputeStatus | None = None) -> ProviderEvent:
    dispute = Dispute("du_1", status, "product_not_received", payment.amount, None) if status else None
    told = (payment.provider_payment, "", payment.amount, payment.currency, now())
    return ProviderEvent(f"evt_{kind}_{status}", kind, *told, dispute=dispute)


def report(payment: VoicePayment, kind: EventKind, status: DisputeStatus | None = None) -> bool:
    """As the provider tells it: each event counts once. Whether its payment is known."""
    return taking.take(event=event(payment, kind, status), by=outside_actor(), now=now())


def signals_of(case: Case) -> list[str]:
    return [one.payload["kind"] for one in Command.objects.filter(case=case, payload__has_key="kind")]


def test_what_the_merchant_bears_is_refunded_at_its_expense(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "merchant")

    assert pay_back(case).to == "card"

    company, customer = seam.payment.merchant.company, case.customer
    assert (balance_of(customer), [one.amount for one in seam.given]) == (0, [25_00])
    assert balances().get(("merchant", company.pk, "EUR"), 0) == 0
    assert balances()["compensation", None, "EUR"] == 0
    seam.payment.refresh_from_db()
    assert seam.payment.money == MoneyState.REFUNDED
    assert verify().wrong == []


def test_what_we_bear_counts_as_a_loss_and_the_merchant_keeps_theirs(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")

    assert pay_back(case).to == "card"

    assert balances()["loss", None, "EUR"] == 25_00
    assert balances()["merchant", seam.payment.merchant.company_id, "EUR"] == -25_00
    assert (balance_of(case.customer), sum(one.amount for one in seam.given)) == (0, 25_00)


def test_who_had_no_credit_is_paid_too(seam: Refunds) -> None:
    case = claim(seam.payment)
    decide(case, "us")

    pay_back(case)

    assert (balance_of(case.customer), sum(one.amount for one in seam.given)) == (0, 25_00)
    assert balances()["loss", None, "EUR"] == 25_00


def test_an_answer_that_was_lost_is_not_paid_again(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")
    seam.refund(seam.payment.provider_payment, key=f"{case.id}:pay_back:1", amount=25_00)

    assert pay_back(case, number=2).to == "card"

    assert sum(one.amount for one in seam.given) == 25_00
    assert balances()["loss", None, "EUR"] == 25_00


def test_the_provider_pays_to_the_card_of_the_payment_and_once(bank: Payments, card: CardOnFile) -> None:
    there = ports.provider()
    assert there is not None
    order = Order(amount=25_00, currency="EUR", card=card.reference, customer=card.provider_customer)
    taken = there.capture(there.authorise(order, key="authorise").id, key="capture")
    case = credited(make_paid(card.customer, provider_payment=taken.id))
    decide(case, "us")

    pay_back(case)
    pay_back(Case.objects.get(pk=case.pk), number=2)

    assert [one.amount for one in there.refunds(taken.id)] == [25_00]
    assert balance_of(case.customer) == 0


def test_what_the_merchant_refunded_unseen_only_ends_the_credit(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")
    seam.refund(seam.payment.provider_payment, key="another case:refund:1")

    assert pay_back(case).to == "elsewhere"

    assert balance_of(case.customer) == 0
    assert ("loss", None, "EUR") not in balances()


def test_a_card_that_cannot_be_paid_leaves_the_money_on_the_balance(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "merchant")
    seam.refuses = Refusal.OTHER

    assert pay_back(case).to == "balance"

    assert balance_of(case.customer) == 25_00
    assert Posting.objects.filter(case=case, kind="credit_kept").exists()


def test_what_the_bank_looks_at_waits_for_it(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")
    seam.refuses = Refusal.DISPUTED
    assert pay_back(case).to == "at_the_bank"
    assert balance_of(case.customer) == 25_00

    report(seam.payment, EventKind.DISPUTED, DisputeStatus.UNDER_REVIEW)
    report(seam.payment, EventKind.DISPUTE_CLOSED, DisputeStatus.WON)

    assert signals_of(case) == ["bank_decided"]


def test_a_dispute_opens_a_claim_to_which_we_give_no_credit() -> None:
    payment = make_paid()

    assert report(payment, EventKind.DISPUTED, DisputeStatus.NEEDS_ANSWER)
    assert report(payment, EventKind.DISPUTE_CHANGED, DisputeStatus.NEEDS_ANSWER)

    found = PaymentClaim.objects.get(payment=payment)
    assert (found.came, found.why, found.needs) == ("bank", "not_delivered", "")
    assert Command.objects.get(case=found.case, kind="start").payload["facts"]["credit"] == Credit.BY_THE_BANK
    payment.provider_payment = "pi_of_somebody_else"
    assert not report(payment, EventKind.REFUNDED)


def test_a_dispute_is_about_no_more_than_is_left_of_the_payment() -> None:
    payment = make_paid()
    other_ways.count(payment, step="refund", amount=Money(10_00, "EUR"), now=now())

    report(payment, EventKind.DISPUTED, DisputeStatus.NEEDS_ANSWER)

    assert PaymentClaim.objects.get().amount == 15_00


def test_a_dispute_about_a_payment_with_a_claim_opens_no_second_one() -> None:
    case = credited(make_paid())

    report(of(case).payment, EventKind.DISPUTED, DisputeStatus.NEEDS_ANSWER)

    assert of(case).dispute_state == "needs_answer"
    assert PaymentClaim.objects.count() == 1


def test_what_the_bank_gives_back_ends_the_claim_and_counts_as_a_refund() -> None:
    case = credited(make_paid())
    payment = of(case).payment

    for _twice in range(2):
        report(payment, EventKind.DISPUTE_CLOSED, DisputeStatus.LOST)
    report(payment, EventKind.DISPUTE_CHANGED, DisputeStatus.UNDER_REVIEW)
    does(case, "take_credit_back")

    assert signals_of(case) == ["money_went_back"]
    assert (of(case).dispute_state, balance_of(case.customer)) == ("lost", 0)
    assert Posting.objects.filter(case=payment.case_id, kind="refunded").count() == 1
    assert not Alarm.objects.exists()


def test_what_the_bank_gives_after_us_is_an_alarm(seam: Refunds) -> None:
    case = credited(seam.payment)
    decide(case, "us")
    pay_back(case)

    report(seam.payment, EventKind.DISPUTE_CLOSED, DisputeStatus.LOST)

    assert Alarm.objects.get().code == "claim_paid_twice"
    assert balances()["merchant", seam.payment.merchant.company_id, "EUR"] == -25_00


def test_a_reversal_takes_back_what_was_credited_and_may_leave_a_debt() -> None:
    case = credited(make_paid())
    decide(case, "wrong")
    until = now() + timedelta(days=10)
    does(case, "announce_reversal", until=until.isoformat())
    assert of(case).reverse_on == until

    does(case, "take_credit_back")
    does(case, "take_credit_back")

    assert balance_of(case.customer) == 0
    assert of(case).reversed_at is not None


def test_where_the_customer_owes_us_what_we_bear_settles_their_debt(seam: Refunds) -> None:
    case = credited(seam.payment)
    spent = movements.paid_back(customer=case.customer, amount=seam.payment.sum)
    post(case_id=seam.payment.case_id, movements={"spent": spent}, by=system(), at=now())
    decide(case, "us")

    assert pay_back(case).to == "balance"
    assert seam.given == []


def test_nobody_has_two_parts_in_a_claim() -> None:
    """Who opens it, who credits it, who decides, and who looks again are four people."""
    everything = (Role.SUPPORT, Role.APPROVER, Role.SUPERVISOR, Role.COMPLIANCE)
    who, ada, sue, carla = (make_staff(role=Role.SUPPORT), *(make_staff(role=one) for one in everything[1:]))
    for one in (who, ada, sue, carla):
        one.groups.set([*who.groups.model.objects.filter(name__in=everything)])
    case = claim(make_paid(amount=200_00), actor(who))
    yes: dict[str, Any] = {"outcome": "approved", "reason": "They are known to us"}
    credit = ask(case, "approve_credit")
    with pytest.raises(Forbidden):
        answer(credit, who, **yes)
    answer(credit, ada, **yes)
    wrong = {"outcome": "wrong", "because": REASONS, "reason": "The parcel came"}
    decision = ask(case, "investigate")
    for nobody in (who, ada):
        with pytest.raises(Forbidden):
            answer(decision, nobody, **wrong)
    answer(decision, sue, **wrong)
    answer(ask(case, "answer_reversal"), answer="It was left in the rain, at another door.")
    review = ask(case, "review_claim")
    for nobody in (who, ada, sue):
        with pytest.raises(Forbidden):
            answer(review, nobody, **wrong)
    answer(review, carla, outcome="us", **KEPT)

    assert (of(case).verdict, of(case).answer) == (Verdict.US, "It was left in the rain, at another door.")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"outcome": "wrong", "because": "No.", "reason": "r"}, "because"),
        ({"outcome": "hold", "because": REASONS, "reason": "r"}, "hold_until"),
        ({"outcome": "hold", "because": REASONS, "reason": "r", "hold_until": "2100-01-01"}, "hold_until"),
        ({"outcome": "us", "because": "", "reason": "r", "hold_until": "2100-01-01"}, "hold_until"),
        ({"outcome": "us", "because": "4242 4242 4242 4242", "reason": "r"}, "because"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_on_its_field(told: dict[str, str], field: str) -> None:
    item = ask(claim(), "investigate")

    with pytest.raises(Invalid) as refused:
        answer(item, make_staff(role=Role.SUPERVISOR), **told)

    assert field in refused.value.errors


def test_a_holding_letter_moves_the_date_that_the_customer_sees_once() -> None:
    case = claim()
    day = of(case).latest_by.date()
    decide(case, "hold", hold_until=day.isoformat())

    assert of(case).decide_by == of(case).latest_by
    with pytest.raises(Invalid):
        decide(case, "hold")


def test_where_time_runs_out_we_bear_it() -> None:
    case = credited(make_paid())
    does(case, "let_keep")
    does(case, "keep_on_balance")

    assert (of(case).verdict, balance_of(case.customer)) == (Verdict.US, 25_00)
    assert balances()[AccountKind.LOSS, None, "EUR"] == 25_00
