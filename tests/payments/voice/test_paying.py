"""A payment from the order to the money, by the rules that the process plays: who hears what, and what is kept."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backoffice.cases.models import Event as TimelineEvent
from backoffice.payments.ledger.models import Posting
from backoffice.payments.voice import linking
from backoffice.payments.voice.models import CleanLeg, MoneyState, Reading, VoicePayment
from backoffice.telephony.models import Call, CallState
from backoffice.voice.contract import (
    Answered,
    Ask,
    Captured,
    CleanWindow,
    Dial,
    HangUp,
    Item,
    Keying,
    Left,
    Outcome,
    Ringing,
    Role,
    Stage,
    Why,
)
from backoffice.voice.gateway.proving import Signer, digest
from tests.devstack.payment_simulator.simulator import Payments
from tests.payments.voice.conftest import Played, saved_card
from tests.payments.voice.ordered import NOON, ask, begins, heard_by_process, order, prepared, read_to, tells
from tests.playing import close

pytestmark = pytest.mark.django_db
SIGNER = Signer(Ed25519PrivateKey.generate())


def clean(*, non_silent: int = 0) -> CleanWindow:
    return CleanWindow(
        capture="keys",
        conversation="pay",
        instance="gateway-1",
        frames=500,
        non_silent=non_silent,
        events=0,
        ssrc=7,
        first_sequence=1,
        last_sequence=500,
        began_at=NOON,
        ended_at=NOON,
    )


def notes(payment: VoicePayment) -> list[str]:
    kinds = TimelineEvent.objects.filter(case_id=payment.case_id).order_by("number").values_list("kind", flat=True)
    return [kind.removeprefix("payment.") for kind in kinds if kind.startswith("payment.")]


def keyed_in(payment: VoicePayment, bank: Payments, *, token: str = "") -> None:
    """The customer is rung, agrees, and keys in the security code of the card on file."""
    call = prepared(payment)
    ask(payment.case, "ring_customer")
    read_to(call)
    ask(payment.case, "take_keys")
    tells(call, Captured(key="keys", outcome=Outcome.DONE, token=token or bank.security_code()))


def test_it_is_rung_read_out_keyed_in_and_paid(payment: VoicePayment, played: Played, bank: Payments) -> None:
    keyed_in(payment, bank)
    begins(payment)
    ask(payment.case, "authorise_payment")
    ask(payment.case, "capture_payment")

    payment.refresh_from_db()
    assert payment.money == MoneyState.CAPTURED
    assert payment.token == ""
    assert bank.payments_under(payment.provider_key) == ["succeeded"]
    assert heard_by_process(payment) == ["answered", "agreed", "taken"]
    assert played.asked() == ["Dial", "Ask", "Capture"]
    posting = Posting.objects.get(case_id=payment.case_id)
    assert (posting.kind, posting.amount, posting.currency) == ("captured", 25_00, "EUR")
    assert notes(payment) == [
        *("ordered", "rung", "answered", "read_out", "agreed", "keyed", "authorised", "captured"),
    ]


def test_the_voice_says_who_gets_how_much_for_what_and_keeps_it(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    tells(call, Answered(role=Role.CUSTOMER))
    ask(payment.case, "read_out")

    [command] = [one for one in played.commands if isinstance(one, Ask)]
    said = command.text
    assert payment.merchant.trading_name in said
    assert "twenty-five euros" in said
    assert "two bunches of tulips" in said
    assert "Press 1 to pay" in said
    assert "star to stop" in said
    assert "Your page shows it" in said
    assert "four two four two" in said
    reading = Reading.objects.get(payment=payment)
    assert (reading.text, reading.sha256, reading.agreed_at) == (said, linking.digest(payment), None)


def test_a_customer_can_see_that_the_call_is_ours(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)

    ours = Call.objects.get(pk=call.call_id)
    assert (ours.state, ours.case_reference, ours.direction) == (CallState.DIALLING, payment.case.reference, "out")
    assert ours.contact.customer == payment.case.customer
    tells(call, Ringing(role=Role.CUSTOMER))
    tells(call, Answered(role=Role.CUSTOMER))
    assert Call.objects.get(pk=call.call_id).state == CallState.ANSWERED
    tells(call, Left(role=Role.CUSTOMER, why=Why.HUNG_UP, answered=True))
    assert Call.objects.get(pk=call.call_id).state == CallState.ENDED


def test_the_agent_is_rung_once_the_customer_has_agreed_and_then_cut_off(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    read_to(call)
    ask(payment.case, "ring_agent")
    tells(call, Answered(role=Role.AGENT))
    ask(payment.case, "take_keys")

    [rung] = [one for one in played.commands if isinstance(one, Dial)]
    assert (rung.role, rung.number) == (Role.AGENT, "6001")
    assert (played.asked()[-1], played.commands[-1].join) == ("Capture", True)  # type: ignore[union-attr]
    assert heard_by_process(payment) == ["answered", "agreed", "agent_there"]
    assert ask(payment.case, "ring_agent", number=2).facts["taken"] is False


def test_how_far_the_customer_is_is_shown_and_never_how_many(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    tells(call, Answered(role=Role.CUSTOMER))
    tells(call, Keying(key="keys", item=Item.SECURITY_CODE, stage=Stage.TYPING))

    call.refresh_from_db()
    assert (call.item, call.keying) == ("security_code", "typing")
    assert heard_by_process(payment) == ["answered"]


def test_the_proof_of_the_silent_telephone_is_kept_and_named_on_the_timeline(
    payment: VoicePayment, played: Played
) -> None:
    call, proof = prepared(payment), SIGNER.sign(clean())
    read_to(call)
    tells(call, Captured(key="keys", outcome=Outcome.STOPPED, proof=proof))

    kept = CleanLeg.objects.get(payment=payment)
    assert (kept.sha256, kept.window, kept.frames) == (digest(proof), proof.window, 500)
    noted = TimelineEvent.objects.get(case=payment.case, kind="payment.clean_leg")
    assert noted.data["sha256"] == digest(proof)
    assert heard_by_process(payment)[-1] == "stopped"


def test_a_telephone_that_was_not_silent_raises_an_alarm(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    read_to(call)
    tells(call, Captured(key="keys", outcome=Outcome.STOPPED, proof=SIGNER.sign(clean(non_silent=3))))

    assert "unclean_leg" in notes(payment)
    payment.case.refresh_from_db()
    assert payment.case.open_incidents == 1


@pytest.mark.parametrize(
    ("outcome", "heard"),
    [
        (Outcome.STOPPED, "stopped"),
        (Outcome.GIVEN_UP, "nothing_keyed"),
        (Outcome.DECLINED, "not_accepted"),
        (Outcome.UNAVAILABLE, "provider_away"),
    ],
)
def test_what_was_not_taken_is_told(payment: VoicePayment, played: Played, outcome: Outcome, heard: str) -> None:
    call = prepared(payment)
    read_to(call)
    tells(call, Captured(key="keys", outcome=outcome))

    assert heard_by_process(payment)[-1] == heard
    assert VoicePayment.objects.get(pk=payment.pk).token == ""


def test_another_card_than_that_of_the_order_pays_nothing(bank: Payments, played: Played) -> None:
    """Without a card on file all is keyed in: the two strands must meet in the last four digits."""
    payment = order(customer=saved_card(bank).customer, last_four="1117")
    call = prepared(payment)
    read_to(call)
    ask(payment.case, "take_keys")
    tells(call, Captured(key="keys", outcome=Outcome.DONE, token=bank.card(), brand="visa", last_four="4242"))
    assert heard_by_process(payment)[-1] == "other_card"

    other = bank.card("6011111111111117")
    tells(call, Captured(key="keys", outcome=Outcome.DONE, token=other, brand="discover", last_four="1117"))
    assert heard_by_process(payment)[-1] == "taken"
    assert begins(payment)
    assert ask(payment.case, "authorise_payment").facts == {"bank": "authorised"}


def test_late_doubled_and_foreign_events_change_nothing(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    assert tells(call, Ringing(role=Role.CUSTOMER), number=1)
    assert tells(call, Answered(role=Role.CUSTOMER), number=2)
    assert not tells(call, Answered(role=Role.CUSTOMER), number=2)
    assert not tells(call, Ringing(role=Role.CUSTOMER), number=1)
    assert not tells(call, Left(role=Role.CUSTOMER, why=Why.HUNG_UP, answered=True), instance="gateway-2")

    assert heard_by_process(payment) == ["answered"]
    call.refresh_from_db()
    assert call.ended_at is None


@pytest.mark.parametrize(
    ("left", "heard"),
    [
        (Left(role=Role.CUSTOMER, why=Why.BUSY), "not_answered"),
        (Left(role=Role.CUSTOMER, why=Why.HUNG_UP, answered=True), "hung_up"),
        (Left(role=Role.CUSTOMER, why=Why.LOST, answered=True), "lost"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_a_customer_who_is_gone_has_paid_nothing(payment: VoicePayment, played: Played, left: Left, heard: str) -> None:
    call = prepared(payment)
    if left.answered:
        read_to(call)
    tells(call, left)

    assert heard_by_process(payment)[-1] == heard
    call.refresh_from_db()
    assert call.ended_at is not None
    assert Call.objects.get(pk=call.call_id).is_over
    assert ask(payment.case, "take_keys").facts == {"taken": False}
    assert "Capture" not in played.asked()


def test_who_talks_with_the_agent_is_not_cut_off_at_the_end(payment: VoicePayment, played: Played) -> None:
    call = prepared(payment)
    read_to(call)
    tells(call, Answered(role=Role.AGENT))
    played.joined = True
    ask(payment.case, "take_keys")
    ask(payment.case, "hang_up_voice")
    assert not any(isinstance(one, HangUp) for one in played.commands)

    call.refresh_from_db()
    assert call.ended_at is not None


def test_a_gateway_that_refuses_a_command_has_not_taken_it(payment: VoicePayment, played: Played) -> None:
    prepared(payment)
    played.refuses = "unknown"

    assert ask(payment.case, "ring_customer").facts == {"taken": False}
    assert ask(payment.case, "read_out").facts == {"taken": False}
    assert not Reading.objects.filter(payment=payment).exists()


def test_no_row_of_ours_and_no_command_holds_what_was_keyed_in(
    payment: VoicePayment, played: Played, bank: Payments
) -> None:
    token = bank.security_code()
    keyed_in(payment, bank, token=token)
    begins(payment)
    ask(payment.case, "authorise_payment")

    kept = json.dumps(
        list(TimelineEvent.objects.filter(case=payment.case).values("kind", "data", "reason")), default=str
    )
    assert token not in kept
    assert VoicePayment.objects.get(pk=payment.pk).token == ""


def test_a_payment_that_is_called_off_before_the_bank_is_asked_keeps_no_token(
    payment: VoicePayment, played: Played, bank: Payments
) -> None:
    keyed_in(payment, bank)
    payment.refresh_from_db()
    assert payment.token

    close(payment.case, "withdrawn")

    payment.refresh_from_db()
    assert payment.token == ""
