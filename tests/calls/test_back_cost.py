"""Toll fraud: a call-back rings no number that earns somebody money, and not without end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from backoffice import dialling as numbers
from backoffice.calls.back import dialling, preparing
from backoffice.cases import alarms
from backoffice.cases.models import Alarm
from backoffice.refusals import Conflict
from backoffice.telephony.models import Call, CallState
from tests.calls.call_backs import Agreed, announced

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed() -> Agreed:
    return announced()


@pytest.fixture
def _by_gateway(settings: Settings) -> None:
    settings.VOICE_CONTROL_URL = "http://127.0.0.1:9"


def costs_extra_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number has come to be one that earns somebody money."""
    monkeypatch.setattr(numbers, "_OF_NO_COUNTRY", set(range(1000)))


def test_a_number_that_costs_extra_is_offered_to_nobody(agreed: Agreed, monkeypatch: pytest.MonkeyPatch) -> None:
    costs_extra_now(monkeypatch)

    with pytest.raises(Conflict, match="Write to the customer instead"):
        preparing.open_sheet(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)


def test_it_is_looked_at_again_in_the_moment_of_dialling(agreed: Agreed, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed.prepare()
    costs_extra_now(monkeypatch)

    with pytest.raises(Conflict, match="costs extra") as refused:
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)
    assert refused.value.code == "number_refused"
    assert Call.objects.get().state == CallState.ANNOUNCED


@pytest.mark.usefixtures("_by_gateway")
def test_nothing_is_dialled_once_the_minutes_of_all_calls_are_used_up(agreed: Agreed, settings: Settings) -> None:
    agreed.prepare()
    settings.CALL_MINUTES_A_DAY = 4

    with pytest.raises(Conflict, match="as long as we do in one day") as refused:
        dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)
    assert (refused.value.code, refused.value.field) == ("call_minutes_spent", "number")


@pytest.mark.usefixtures("_by_gateway")
def test_staff_is_warned_before_they_are(agreed: Agreed, settings: Settings) -> None:
    agreed.prepare()
    settings.CALL_MINUTES_A_DAY = 8

    dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts + timedelta(seconds=1))

    assert "nearly as many minutes" in alarms.sentence(Alarm.objects.get(code="call_minutes"))


def test_calls_by_hand_are_not_ours_to_count(agreed: Agreed, settings: Settings) -> None:
    agreed.prepare()
    settings.CALL_MINUTES_A_DAY = 0

    dialling.dial(case_id=agreed.case.id, by=agreed.by, now=agreed.starts)

    assert Call.objects.get().state == CallState.DIALLING
