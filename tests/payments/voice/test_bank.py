"""The bank is asked once for a case, whatever is lost on the way (threat 19)."""

from __future__ import annotations

import pytest

from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.ledger.models import Posting
from backoffice.payments.voice import taking
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.voice.contract import Captured, Outcome
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import now
from tests.payments.making import make_agent
from tests.payments.voice.conftest import Played, saved_card
from tests.payments.voice.ordered import ask, begins, order, prepared, read_to, tells
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def keyed(payment: VoicePayment, played: Played, bank: Payments) -> VoicePayment:
    """The bank may be asked."""
    return keyed_in(payment, bank)


def keyed_in(payment: VoicePayment, bank: Payments) -> VoicePayment:
    call = prepared(payment)
    read_to(call)
    tells(call, Captured(key="keys", outcome=Outcome.DONE, token=bank.security_code()))
    assert begins(payment)
    VoicePayment.objects.filter(pk=payment.pk).update(asked_at=now())
    return payment


def test_a_lost_answer_is_found_and_held_once(keyed: VoicePayment, bank: Payments) -> None:
    """The provider would repeat its failure for the same key: it is looked for what became of it."""
    bank.faults(act_then_fail={"on": "authorise"})

    assert ask(keyed.case, "authorise_payment").facts == {"bank": "authorised"}
    assert ask(keyed.case, "ask_bank_again").facts == {"bank": "authorised"}
    assert bank.payments_under(keyed.provider_key) == ["requires_capture"]


def test_a_provider_that_is_away_is_asked_again_and_never_anew(
    keyed: VoicePayment, bank: Payments, settings: object
) -> None:
    settings.PAYMENTS_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    assert ask(keyed.case, "authorise_payment").facts == {"bank": "unknown"}
    with pytest.raises(OutsideUnavailable):
        ask(keyed.case, "ask_bank_again")
    settings.PAYMENTS_URL = bank.url  # type: ignore[attr-defined]

    assert ask(keyed.case, "ask_bank_again").facts == {"bank": "authorised"}
    assert bank.payments_under(keyed.provider_key) == ["requires_capture"]


def test_asked_twice_by_a_process_that_was_killed_it_is_held_and_taken_once(
    keyed: VoicePayment, bank: Payments
) -> None:
    for number in (1, 2):
        assert ask(keyed.case, "authorise_payment", number=number).facts == {"bank": "authorised"}
    for number in (1, 2):
        ask(keyed.case, "capture_payment", number=number)

    assert bank.payments_under(keyed.provider_key) == ["succeeded"]
    assert Posting.objects.filter(case_id=keyed.case_id).count() == 1


def test_a_provider_that_took_the_money_and_failed_is_believed_at_once(keyed: VoicePayment, bank: Payments) -> None:
    """It would repeat its failure for a day: the receipt does not wait for that."""
    ask(keyed.case, "authorise_payment")
    bank.faults(act_then_fail={"on": "capture"})

    ask(keyed.case, "capture_payment")

    keyed.refresh_from_db()
    assert keyed.money == MoneyState.CAPTURED
    assert bank.payments_under(keyed.provider_key) == ["succeeded"]


def test_a_provider_that_failed_and_took_nothing_is_asked_again(keyed: VoicePayment, bank: Payments) -> None:
    ask(keyed.case, "authorise_payment")
    bank.faults(fail={"on": "capture"})

    with pytest.raises(OutsideUnavailable):
        ask(keyed.case, "capture_payment")
    assert (bank.payments_under(keyed.provider_key), keyed_money(keyed)) == (["requires_capture"], "authorised")
    ask(keyed.case, "capture_payment")

    assert (bank.payments_under(keyed.provider_key), keyed_money(keyed)) == (["succeeded"], "captured")


@pytest.mark.parametrize("fault", ["act_then_fail", "fail"])
def test_a_refund_whose_answer_is_lost_is_given_once(keyed: VoicePayment, bank: Payments, fault: str) -> None:
    ask(keyed.case, "authorise_payment")
    ask(keyed.case, "capture_payment")
    bank.faults(**{fault: {"on": "refund"}})
    if fault == "fail":
        with pytest.raises(OutsideUnavailable):
            ask(keyed.case, "refund_payment")

    ask(keyed.case, "refund_payment")

    assert keyed_money(keyed) == MoneyState.REFUNDED
    assert len(bank.adapter().refunds(keyed.provider_payment)) == 1


def keyed_money(payment: VoicePayment) -> str:
    payment.refresh_from_db()
    return payment.money


def test_the_customer_is_told_why_and_the_agent_is_not(bank: Payments, played: Played) -> None:
    card = saved_card(bank)
    payment = keyed_in(order(make_agent(), card.customer, last_four=card.last_four), bank)
    bank.faults(decline={"code": "insufficient_funds", "on": "authorise"})

    assert ask(payment.case, "authorise_payment").facts == {"bank": "declined"}
    payment.refresh_from_db()
    assert (payment.money, payment.decline) == (MoneyState.DECLINED, "insufficient_funds")


def test_a_stolen_card_is_told_apart(keyed: VoicePayment, bank: Payments) -> None:
    bank.faults(decline={"code": "stolen_card", "on": "authorise"})

    assert ask(keyed.case, "authorise_payment").facts == {"bank": "stolen"}


def test_what_is_held_is_released_also_where_nobody_knew_of_it(keyed: VoicePayment, bank: Payments) -> None:
    ask(keyed.case, "authorise_payment")
    VoicePayment.objects.filter(pk=keyed.pk).update(provider_payment="", money=MoneyState.AUTHORISING)
    keyed.case.read.clear()

    ask(keyed.case, "release_payment")

    keyed.refresh_from_db()
    assert keyed.money == MoneyState.RELEASED
    assert bank.payments_under(keyed.provider_key) == ["canceled"]


def test_an_answer_that_comes_after_the_release_changes_nothing(keyed: VoicePayment, bank: Payments) -> None:
    """To a worker that was given up, and whose request was slow."""
    record = taking.authorise(case=keyed.case, args=Nothing(), key="k", asked_at=now(), now=now())
    keyed.case.read.clear()
    ask(keyed.case, "release_payment")

    with changing(keyed.case_id) as case:
        record(case, now())

    keyed.refresh_from_db()
    assert (keyed.money, bank.payments_under(keyed.provider_key)) == (MoneyState.RELEASED, ["canceled"])


def test_before_the_bank_was_asked_there_is_nothing_to_release(payment: VoicePayment, played: Played) -> None:
    ask(payment.case, "release_payment")

    payment.refresh_from_db()
    assert payment.money == MoneyState.NOTHING


def test_a_refund_gives_back_all_of_it_once(keyed: VoicePayment, bank: Payments, card: CardOnFile) -> None:
    ask(keyed.case, "authorise_payment")
    ask(keyed.case, "capture_payment")
    for number in (1, 2):
        ask(keyed.case, "refund_payment", number=number)

    keyed.refresh_from_db()
    assert keyed.money == MoneyState.REFUNDED
    kinds = Posting.objects.filter(case_id=keyed.case_id).values_list("kind", "amount")
    assert sorted(kinds) == [("captured", 25_00), ("refunded", 25_00)]
    assert len(bank.adapter().refunds(keyed.provider_payment)) == 1
