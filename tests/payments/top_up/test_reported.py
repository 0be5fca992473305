"""A card that its bank knows as stolen or lost: one of us calls the customer, the page says it, the voice does not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.cases.models import Case, Command
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.top_up import calling, codes, words
from backoffice.payments.top_up.models import Farewell
from backoffice.voice.contract import Captured, Outcome
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import make_customer, now
from tests.payments.top_up.calling_us import agreed, let_in, noted, top_up_of, waiting
from tests.payments.top_up.test_taking import authorise, keep
from tests.playing import advance, close
from tests.portal.conftest import make_person
from workflows.base.contracts import DoEffect
from workflows.top_up.facts import Bank

pytestmark = pytest.mark.django_db
STOLEN = "4000000000009979"
NEUTRAL = "This card was not taken. Nothing was charged. You can call us again with another card. Goodbye."


def signals(case: Case) -> list[str]:
    return [one.payload["kind"] for one in Command.objects.filter(case=case, kind="signal")]


@pytest.mark.parametrize(
    ("code", "said", "exactly"),
    [
        ("stolen_card", Bank.STOLEN, "reported as stolen"),
        ("lost_card", Bank.STOLEN, "reported as lost"),
        ("insufficient_funds", Bank.DECLINED, "not enough money"),
    ],
)
def test_a_reported_card_is_told_to_the_process_and_exactly_to_the_customer(
    payments: Payments, code: str, said: Bank, exactly: str
) -> None:
    person = make_person()
    case = waiting(person.customer)
    caller = agreed(case, keep(payments, case), token=payments.security_code())
    payments.faults(decline={"code": code, "on": "authorise"})

    assert authorise(case).bank is said
    advance(case, effects=(DoEffect("say_verdict", {"verdict": "declined"}),))

    heard, sheet = caller.hears, words.call_sheet(case)
    assert exactly not in heard
    assert "stolen" not in heard
    page = person.client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert exactly in page
    assert (sheet is not None) is (said is Bank.STOLEN)
    if sheet is not None:
        assert "stolen or lost" in f"{sheet.why}"
        assert "We call you about it" in page


@pytest.mark.parametrize("when", ["keyed_in", "kept"])
def test_a_reported_card_that_is_not_even_kept_has_us_call_too(payments: Payments, when: str) -> None:
    case = waiting(make_customer(language="en"))
    caller = let_in(case)
    caller.keys("25")
    if when == "keyed_in":
        caller.happens(Captured(key=caller.call.key, outcome=Outcome.DECLINED, code="stolen_card"))
    else:
        caller.is_captured(payments.card(STOLEN), last_four="9979")
        caller.keys("1")
        calling.proceed(caller.conversation, now())

    assert caller.hears == NEUTRAL
    assert caller.call.farewell == Farewell.CARD_NOT_TAKEN
    assert (top_up_of(case).decline, signals(case)) == ("stolen", ["top_up_card_reported"])
    assert noted(case)[-1] == "top_up.card_reported"
    assert not CardOnFile.objects.exists()
    assert not codes.waits_for_call(case)
    assert words.call_sheet(case) is not None
    assert "We call you about it" in words.headline(case).lead
    close(case, "rejected")
    assert "reported as stolen" in words.headline(case).lead


def test_another_decline_calls_nobody(payments: Payments) -> None:
    case = waiting(make_customer(language="en"))
    caller = let_in(case)
    caller.keys("25")

    caller.happens(Captured(key=caller.call.key, outcome=Outcome.DECLINED, code="card_declined"))

    assert (caller.call.farewell, signals(case)) == (Farewell.CARD_NOT_TAKEN, [])
    assert (codes.waits_for_call(case), words.call_sheet(case)) == (True, None)


def test_who_says_that_they_did_not_call_is_called_about_that() -> None:
    case = waiting(make_customer(language="en"))
    let_in(case, "").keys("25")

    sheet = words.call_sheet(case)

    assert sheet is not None
    assert "the customer says that it was not they" in str(sheet.why)
