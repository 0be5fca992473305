"""What customers see of their payments by telephone, and staff of all."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.customers import reading
from backoffice.payments.voice.models import CleanLeg, MoneyState, Reading, VoicePayment
from backoffice.staff.models import Role
from backoffice.telephony.live.states import Live, LiveState
from backoffice.telephony.live.words import lines_of, titles_of
from backoffice.telephony.models import CallOutcome
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.making import make_voice_payment
from tests.payments.voice.calls import make_voice_call
from tests.telephony.live.oncall import on_call
from workflows.voice_payment.spec import PaymentStage

pytestmark = pytest.mark.django_db
SENTENCE = "Fleur asks you to pay twenty-five euros, for two bunches of tulips."


@pytest.fixture
def paid() -> VoicePayment:
    """Paid after one reading that a change of the order made void, and a second one that was agreed to."""
    payment = make_voice_payment(money=MoneyState.CAPTURED, fulfilment="fulfilled", fulfilment_at=now())
    call, at = make_voice_call(payment, over=CallOutcome.SPOKEN), now()
    told = {"payment": payment, "call": call, "sha256": "a" * 64, "language": "en"}
    Reading.objects.create(text="It was thirty.", version=1, read_at=at - timedelta(minutes=2), void_at=at, **told)
    Reading.objects.create(text=SENTENCE, version=2, read_at=at - timedelta(minutes=1), agreed_at=at, **told)
    CleanLeg.objects.create(
        payment=payment, call=call, at=at, window="{}", sha256="b" * 64, frames=812, non_silent=0, events=0
    )
    return payment


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def in_portal(payment: VoicePayment) -> Client:
    client, user = Client(), payment.case.customer.user
    assert user is not None
    client.force_login(user)
    return client


def test_a_customer_reads_what_was_read_out_and_what_they_paid(paid: VoicePayment) -> None:
    client = in_portal(paid)

    case = text_of(client, reverse("portal:case", args=[paid.case.reference]))
    listed = text_of(client, reverse("portal:voice_payment:payments"))

    for said in ("What was paid", paid.merchant.trading_name, "25.00 EUR", "····4242", SENTENCE, "You agreed"):
        assert said in case
    assert "It does not count any more" in case
    assert "The shop says that it delivered" in case
    assert f"{reverse('portal:open', args=['payment_claim'])}?payment={paid.case.reference}" in case
    assert "25.00 EUR" in listed
    assert reverse("portal:voice_payment:payments") in text_of(client, reverse("portal:cases"))


def test_a_customer_sees_only_their_own_payments(paid: VoicePayment) -> None:
    client = in_portal(make_voice_payment())

    assert client.get(reverse("portal:case", args=[paid.case.reference])).status_code == 404
    assert paid.case.reference not in text_of(client, reverse("portal:voice_payment:payments"))


@pytest.mark.parametrize(
    ("money", "stage", "says", "never"),
    [
        (MoneyState.NOTHING, PaymentStage.CALLING, "Nothing is paid before you agree", "You agreed"),
        (MoneyState.AUTHORISING, PaymentStage.ASKING_BANK, "You agreed to it on the telephone", "before you agree"),
        (MoneyState.AUTHORISED, PaymentStage.AUTHORISED, "Your bank approved it", "We ask your bank"),
        (MoneyState.DECLINED, PaymentStage.ASKING_BANK, "Your bank did not approve it", "We ask your bank"),
        (MoneyState.DECLINED, PaymentStage.ASKING_BANK, "Nothing was paid to", "asks for 25.00 EUR"),
    ],
)
def test_what_a_customer_reads_is_true_while_the_bank_is_asked_and_after_it(
    money: MoneyState, stage: PaymentStage, says: str, never: str
) -> None:
    payment = make_voice_payment(money=money, decline="insufficient_funds" if money == MoneyState.DECLINED else "")
    payment.case.stage = stage.value
    payment.case.save()

    shown = text_of(in_portal(payment), reverse("portal:case", args=[payment.case.reference]))

    assert says in shown
    assert never not in shown


def receipt_of(payment: VoicePayment) -> str:
    return reverse("portal:voice_payment:receipt", args=[payment.case.reference])


def test_a_receipt_says_what_was_paid_and_agreed_to_and_how_to_dispute_it(paid: VoicePayment) -> None:
    VoicePayment.objects.update(merchant_reference="F-17", brand="visa")

    client = in_portal(paid)
    shown = text_of(client, receipt_of(paid))

    at = timezone.localtime(paid.captured_at, ZoneInfo(paid.case.customer.time_zone))
    for said in (paid.merchant.trading_name, paid.merchant.company.name, "25.00 EUR", paid.what_for, "Visa ····4242"):
        assert said in shown
    for said in (f"{at:%B %Y, %H:%M}", paid.case.reference, "F-17", SENTENCE, "You agreed", "say what is wrong"):
        assert said in shown
    assert reverse("portal:open", args=["payment_claim"]) in shown
    assert "It was thirty." not in shown
    assert receipt_of(paid) in text_of(client, reverse("portal:voice_payment:payments"))
    assert receipt_of(paid) in text_of(client, reverse("portal:case", args=[paid.case.reference]))


def test_a_receipt_is_its_customers_alone_and_needs_a_sign_in(paid: VoicePayment) -> None:
    signed_out = Client().get(receipt_of(paid))

    assert in_portal(make_voice_payment()).get(receipt_of(paid)).status_code == 404
    assert sign_in(Client(), make_staff()).get(receipt_of(paid)).status_code == 403
    assert (signed_out.status_code, reverse("account_login") in signed_out.headers["Location"]) == (302, True)


def test_there_is_no_receipt_of_what_was_not_paid() -> None:
    payment = make_voice_payment()
    client = in_portal(payment)

    refused = client.get(receipt_of(payment))

    assert refused.status_code == 409
    assert "nothing was paid" in refused.content.decode()
    assert receipt_of(payment) not in text_of(client, reverse("portal:voice_payment:payments"))


def test_a_receipt_of_what_was_paid_back_says_so(paid: VoicePayment) -> None:
    VoicePayment.objects.update(money=MoneyState.REFUNDED, refunded_at=now())

    shown = text_of(in_portal(paid), receipt_of(paid))

    assert "Paid back to your card" in shown
    assert "Sign in as you always do, open the case" not in shown


def test_staff_read_readings_calls_and_proofs_on_the_page_of_the_case(paid: VoicePayment) -> None:
    hanna = make_staff(role=Role.SUPPORT)
    client = sign_in(Client(), hanna)
    listed = text_of(client, reverse("admin:voice_payment:payments") + "?money=captured")
    why = "The customer is on the phone or at the counter"
    reading.open_record(customer=paid.case.customer, by=actor(hanna), user=hanna, now=now(), reason=why)

    case = text_of(client, reverse("admin:desk_case", args=[paid.case.reference]))

    assert paid.case.reference in listed
    assert "25.00" not in listed
    for said in (SENTENCE, "Void since", "812 frames of 20 ms", "it cannot be checked here"):
        assert said in case


def test_a_role_that_sees_no_cases_has_no_list_of_payments() -> None:
    client = sign_in(Client(), make_staff(role=Role.ADMINISTRATOR))

    assert client.get(reverse("admin:voice_payment:payments")).status_code == 403


def test_a_call_in_which_a_voice_speaks_names_no_person() -> None:
    voice = {"agent": "", "team": "the payments team"}
    talking = Live(LiveState.TALKING, [on_call(**voice)])
    ringing = Live(LiveState.CALLING, [on_call(talking=False, **voice)])

    [title], [line, _number] = titles_of(talking), lines_of(ringing)

    assert title.startswith("A voice of the payments team is talking to you now, about case")
    assert line.startswith("It is a voice of the payments team, about case")
