"""What customers see of their payments by telephone, and staff of all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

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

    for said in ("Receipt", paid.merchant.trading_name, "25.00 EUR", "····4242", SENTENCE, "You agreed"):
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
