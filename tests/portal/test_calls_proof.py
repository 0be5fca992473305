"""The page on which customer and agent prove themselves to each other, at each moment of a call."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from backoffice.telephony import menu, proving, states
from backoffice.telephony.live.states import live_of
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Direction
from backoffice.ui import headlines
from tests.factories import make_staff
from tests.playing import customer_actor, open_card_case
from tests.portal.conftest import Person, make_person
from tests.telephony.calling import own
from tests.telephony.live.oncall import on_call
from tests.telephony.rows import write_call

pytestmark = pytest.mark.django_db


def call_to(person: Person, state: CallState = CallState.ANSWERED, **fields: object) -> Call:
    now = timezone.now()
    answered = None if state in (CallState.DIALLING, CallState.RINGING) else now
    more = {"agent": make_staff(), "answered_at": answered} | fields
    return write_call(person.customer, at=now, state=state, **more)  # type: ignore[arg-type]


def page(person: Person) -> str:
    return person.client.get(reverse("portal:calls_proof")).content.decode()


def half_of(call: Call) -> str:
    now = timezone.now()
    call = proving.offer_half(call_id=call.pk, by=own(call), now=now)
    assert call.agent is not None
    return proving.half_b(call, agent=call.agent, now=now)


def compare(person: Person, typed: str) -> HttpResponse:
    return person.client.post(reverse("portal:calls_proof"), {"half": typed})  # type: ignore[return-value]


def ask_for_code(person: Person) -> HttpResponse:
    return person.client.post(reverse("portal:calls_code"))  # type: ignore[return-value]


def test_it_goes_from_ringing_to_both_having_proven_themselves(maria: Person) -> None:
    assert "Nobody of us is calling you" in page(maria)
    case = open_card_case(maria.card)
    call = call_to(maria, CallState.RINGING, case_id=case.id)
    assert "We are calling you now" in page(maria)
    states.move(call_id=call.pk, to=CallState.ANSWERED, by=own(call), now=timezone.now())
    assert "Hanna is on the telephone with you" in page(maria)

    half = half_of(call)
    shown = page(maria)
    assert "Let Hanna say six digits" in shown
    assert half not in shown
    assert "hx-get" not in shown.split('id="proofs"')[1].split(">")[0]
    assert compare(maria, half).status_code == 302
    proven = page(maria)
    assert "It is us: Hanna is talking to you" in proven
    assert "Show me a code" in proven

    assert ask_for_code(maria).status_code == 302
    with_code = page(maria)
    code = proving.code_of(Call.objects.get(), by=customer_actor(maria.customer), now=timezone.now())
    assert code is not None
    what = headlines.for_customer(case).title
    for said in (*code.code.split("-"), "Read this to Hanna", call.contact.reference, what):
        assert said in with_code
    proving.type_code(call_id=call.pk, typed=code.code, by=own(call), now=timezone.now())
    assert "You have shown that it is you" in page(maria)


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.ANSWERED])
def test_a_call_in_which_a_voice_speaks_proves_itself_by_its_case_and_takes_no_code(
    maria: Person, state: CallState
) -> None:
    case = open_card_case(maria.card)
    call_to(maria, state, agent=None, case_id=case.id, case_reference=case.reference)

    shown = page(maria)
    refused = ask_for_code(maria)

    assert "It is us: a voice of ours" in shown
    assert "you only key in the digits of your card" in shown
    assert "the CVC of a card, or a code" not in shown
    assert case.reference in shown
    assert menu.keyed(case.reference) in shown.replace(" ", "")
    for offered in ("Show me a code", "compare our digits", "Ask for our six digits", 'name="half"'):
        assert offered not in shown
    assert refused.status_code == 409


def test_a_voice_that_fell_silent_cannot_be_checked(maria: Person) -> None:
    long_ago = timezone.now() - timedelta(seconds=16)
    call = call_to(maria, agent=None, case_id=uuid.uuid4(), case_reference="K7Q-4MX-2")
    Call.objects.filter(pk=call.pk).update(announced_at=long_ago, seen_at=long_ago, times={})

    assert "We cannot check now: do not talk" in page(maria)


def test_the_page_of_calls_leads_here_while_one_of_us_is_on_the_line() -> None:
    way = reverse("portal:calls_proof")

    assert way in render_to_string("telephony/_proof.html", {"live": live_of([on_call()], age=0, now=on_call().heard)})
    assert way not in render_to_string("telephony/_proof.html", {"live": live_of([], age=0, now=0)})


def test_wrong_digits_say_what_to_do_and_the_third_says_hang_up(maria: Person) -> None:
    half = half_of(call_to(maria))
    wrong = f"{(int(half.replace(' ', '')) + 1) % 10**6:06d}"

    slip, first, second, third = (compare(maria, typed) for typed in ("12", wrong, wrong, wrong))

    assert [answer.status_code for answer in (slip, first, second, third)] == [400] * 4
    assert "not counted as a try" in slip.content.decode()
    assert "Ask to hear them again" in first.content.decode()
    assert wrong not in first.content.decode()
    assert "If you are not sure, hang up" in second.content.decode()
    assert "This is not us: hang up" in third.content.decode()
    assert "This is not us: hang up" in page(maria)
    assert compare(maria, half).status_code == 400


def test_no_code_is_shown_before_we_have_proven_who_we_are(maria: Person) -> None:
    call_to(maria)

    refused = ask_for_code(maria)

    assert refused.status_code == 409
    assert "Give no code to anybody" in refused.content.decode()
    assert "Show me a code" not in page(maria)


def test_whoever_called_us_has_a_code_shown_at_once(maria: Person) -> None:
    call_to(maria, direction=Direction.IN, point=None)
    shown = page(maria)
    assert "Somebody called our number, and talks to Hanna" in shown
    assert "Did somebody call you? Then it is not us: hang up, and give them no code." in shown

    ask_for_code(maria)
    shown = page(maria)
    assert "Read this to Hanna" in shown
    assert "We have proven who we are" not in shown


def test_a_call_whose_agent_fell_silent_cannot_be_checked(maria: Person) -> None:
    long_ago = timezone.now() - timedelta(seconds=16)
    call = call_to(maria)
    Call.objects.filter(pk=call.pk).update(announced_at=long_ago, seen_at=long_ago, times={})

    assert "We cannot check now: do not talk" in page(maria)


def test_another_customers_call_is_nobodys_here(maria: Person) -> None:
    half = half_of(call_to(make_person()))

    assert "Nobody of us is calling you" in page(maria)
    for answer in (compare(maria, half), ask_for_code(maria)):
        assert answer.status_code == 302
    assert Call.objects.get().state == CallState.ANSWERED
