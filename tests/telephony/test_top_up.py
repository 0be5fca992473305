"""A customer adds money to their balance by the keys of a real telephone, after they had hung up in the middle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from backoffice.cases.models import Case
from backoffice.payments.top_up.models import Step, TopUp, TopUpCall
from backoffice.voice.contract import Arrived, Asked, Captured, Keying, Left, PromptOver, What
from devstack.telephones.hearing import Level
from devstack.telephones.words import Report
from tests.factories import make_customer, now
from tests.payments.making import make_card_on_file
from tests.payments.top_up.calling_us import number_of, signalled, top_up_of, waiting
from tests.playing import advance
from tests.telephony.voice_office import Office
from tests.voice.gateway.exchange import until
from tests.voice.gateway.listening import NEEDS_PHONES
from workflows.base.contracts import DoEffect

pytestmark = [pytest.mark.django_db, NEEDS_PHONES]
Goes = Callable[[], None]


@pytest.fixture
def goes_on(office: Office, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Goes:
    """Passes the gateway's events on, and has the workers do what follows."""

    def go() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            office.pass_on(client)
        office.proceeds(client)

    return go


@pytest.fixture
def case(settings: Settings) -> Case:
    cache.clear()
    settings.PAYMENTS_URL = "http://127.0.0.1:9"
    case = waiting(make_customer(language="en"))
    make_card_on_file(case.customer)
    TopUp.objects.update(to_confirm=100_00, confirmed_at=now())  # the telephones of these tests show no number
    return case


def is_told(office: Office, kind: type[What], before: int) -> None:
    """Until the gateway has told more of this kind than before."""
    office.runner.run(until(lambda: len(office.gateway.told(kind)) > before, within=30))


def speaks(level: Level) -> bool:
    return level.rms > 300


def is_quiet(level: Level) -> bool:
    return level.rms < 100


def calls(office: Office, goes_on: Goes, *keyed: str) -> None:
    """They call our number, and key this in, each as soon as the voice asks for it."""
    office.runner.run(office.customer.say_tone(0))
    arrived = len(office.gateway.told(Arrived))
    office.runner.run(office.customer.dial(f"sip:0800@127.0.0.1:{office.gateway.sip_port}"))
    is_told(office, Arrived, arrived)
    for digits in keyed:
        asked = len(office.gateway.told(Asked))
        goes_on()
        office.runner.run(office.customer.heard(speaks))
        office.runner.run(office.customer.press(f"{digits}#", pressed_ms=60, pause_ms=60))
        is_told(office, Asked, asked)
        assert office.gateway.told(Asked)[-1].digits == digits
    goes_on()


def agrees(office: Office, goes_on: Goes) -> None:
    """Too early, which is no answer, and once more when all was read out."""
    asked = len(office.gateway.told(Asked))
    office.runner.run(office.customer.heard(speaks))
    office.runner.run(office.customer.press("1"))
    office.runner.run(office.customer.heard(is_quiet, lasting=1.5, within=40))
    assert len(office.gateway.told(Asked)) == asked
    office.runner.run(office.customer.press("1"))
    is_told(office, Asked, asked)
    goes_on()


def test_who_hung_up_in_the_middle_calls_again_and_adds_the_money(
    office: Office, goes_on: Goes, case: Case, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    calls(office, goes_on, "2", number_of(case), "25")
    left = len(office.gateway.told(Left))
    office.runner.run(office.customer.hang_up())
    is_told(office, Left, left)
    goes_on()
    assert (TopUpCall.objects.get().step, top_up_of(case).amount, signalled(case)) == (Step.OVER, None, 0)

    captured = len(office.gateway.told(Captured))
    calls(office, goes_on, "2", number_of(case), "25", "1")
    agrees(office, goes_on)
    is_told(office, Keying, 0)
    office.runner.run(office.customer.heard(speaks))
    office.runner.run(office.customer.press("123#"))
    is_told(office, Captured, captured)
    goes_on()
    assert (str(top_up_of(case)), signalled(case)) == ("25.00 EUR", 1)
    said = len(office.gateway.told(PromptOver))
    with django_capture_on_commit_callbacks(execute=True):
        advance(case, effects=(DoEffect("say_verdict", {"verdict": "added"}),), stage="added")
    goes_on()
    is_told(office, PromptOver, said)
    goes_on()
    office.runner.run(office.customer.sees(Report.CLOSED))
