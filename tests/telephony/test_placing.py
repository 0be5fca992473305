"""A call is made once, whatever is lost, and its state follows what the provider says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from backoffice.telephony import ports, states
from backoffice.telephony.models import Call, CallState
from backoffice.telephony.placing import GIVE_UP_AFTER, see_to, see_to_all
from tests.telephony.calling import NOON, go, own, prepared, woken_for
from tests.telephony.provider import Phones

pytestmark = pytest.mark.django_db
S = CallState


def dialled(now: datetime = NOON) -> Call:
    return go(prepared(now=now), [S.DIALLING], now=now)


def number(call: Call) -> str:
    assert call.point is not None
    return str(call.point.value)


def fresh(call: Call) -> Call:
    return Call.objects.select_related("point", "agent", "customer").get(pk=call.pk)


def seen(call: Call, now: datetime = NOON) -> Call:
    see_to(call_id=call.pk, now=now)
    return fresh(call)


def test_a_dialled_call_is_made_once_however_often_it_is_seen_to(phones: Phones) -> None:
    call = dialled()

    for _again in range(3):
        call = seen(call)

    assert (call.adapter, call.requested_at) == ("twilio", NOON)
    assert [one["sid"] for one in phones.calls(number(call))] == [call.provider_id]


def test_the_state_follows_the_telephone_from_ringing_to_its_end(phones: Phones) -> None:
    call = seen(dialled())
    reached = [call.state]
    for step in ("ring", "answer", "hang_up"):
        phones.do(number(call), step)
        reached.append(seen(call).state)

    assert reached[1:] == [S.RINGING, S.ANSWERED, S.ENDED]
    assert fresh(call).line_closed_at == NOON


@pytest.mark.parametrize(
    ("step", "state", "outcome"),
    [
        ("busy", S.NOT_ANSWERED, "busy"),
        ("no_answer", S.NOT_ANSWERED, "no_answer"),
        ("fail", S.NOT_ANSWERED, "failed"),
        ("voicemail", S.VOICEMAIL, "voicemail"),
    ],
)
def test_a_call_that_nobody_answers_is_over(phones: Phones, step: str, state: CallState, outcome: str) -> None:
    call = seen(dialled())
    phones.do(number(call), step)

    call = seen(call)

    assert (call.state, call.outcome) == (state, outcome)


def test_a_machine_that_answers_is_hung_up_and_hears_nothing(phones: Phones) -> None:
    call = seen(dialled())
    phones.do(number(call), "voicemail")

    call = seen(seen(call))

    assert call.state == S.VOICEMAIL
    assert phones.calls(number(call))[0]["status"] == "completed"
    assert call.line_closed_at is not None


def test_whoever_presses_the_end_hangs_up(
    phones: Phones, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    call = seen(dialled())
    phones.do(number(call), "answer")
    call = seen(call)
    with django_capture_on_commit_callbacks(execute=True):
        states.move(call_id=call.pk, to=S.ENDED, by=own(call), now=NOON)
    assert woken_for(call) == 1

    call = seen(call)

    assert phones.calls(number(call))[0]["status"] == "completed"
    assert call.line_closed_at == NOON


def test_a_call_that_is_called_off_before_anybody_asked_for_it_is_never_made(phones: Phones) -> None:
    call = go(dialled(), [S.NOT_ANSWERED])

    call = seen(call)

    assert phones.calls(number(call)) == []
    assert call.line_closed_at == NOON


@pytest.mark.parametrize("fault", ["too_many", "fail"])
def test_a_request_that_was_surely_not_taken_is_sent_again_and_no_other(phones: Phones, fault: str) -> None:
    phones.faults(**{fault: {}})
    call = seen(dialled())
    assert phones.calls(number(call)) == []

    call = seen(call, NOON + timedelta(seconds=10))

    assert len(phones.calls(number(call))) == (1 if fault == "too_many" else 0)
    assert call.state == S.DIALLING


def test_a_call_whose_answer_was_lost_is_found_and_not_dialled_again(phones: Phones) -> None:
    call, now = dialled(), timezone.now()
    Call.objects.filter(pk=call.pk).update(requested_at=now)
    phones.faults(lost_answer={"seconds": 5})
    with pytest.raises(ports.NoAnswer):
        phones.adapter(read=0.3).place(number=number(call), key=str(call.pk))

    call = seen(call, now + timedelta(seconds=1))

    assert [one["sid"] for one in phones.calls(number(call))] == [call.provider_id]


def test_a_call_that_is_not_found_within_a_minute_counts_as_not_made(phones: Phones) -> None:
    phones.faults(fail={"status": 500})
    call = seen(dialled())
    assert call.state == S.DIALLING

    call = seen(call, NOON + GIVE_UP_AFTER + timedelta(seconds=1))

    assert (call.state, call.outcome) == (S.NOT_ANSWERED, "failed")
    assert phones.calls(number(call)) == []


def test_a_worker_that_was_killed_before_its_request_leaves_no_call_that_waits_for_ever(phones: Phones) -> None:
    """It wrote that it would ask, and did not live to do so: nobody can know, so the call counts as not made."""
    call = dialled()
    Call.objects.update(requested_at=NOON)

    assert seen(call, NOON + timedelta(seconds=30)).state == S.DIALLING
    call = seen(call, NOON + timedelta(seconds=61))

    assert (call.state, call.outcome, phones.calls(number(call))) == (S.NOT_ANSWERED, "failed", [])


def test_a_number_that_the_provider_refuses_ends_the_call_at_once(phones: Phones) -> None:
    phones.faults(refuse={})

    call = seen(dialled())

    assert (call.state, call.outcome, call.line_closed_at) == (S.NOT_ANSWERED, "failed", NOON)


def test_two_lost_calls_to_one_number_are_not_mistaken_for_each_other(phones: Phones) -> None:
    call, other, now = dialled(), dialled(), timezone.now()
    Call.objects.update(requested_at=now, point=call.point)
    phones.adapter().place(number=number(call), key=str(other.pk))

    assert seen(call, now).provider_id is None
    assert fresh(other).provider_id is None


def test_a_call_that_the_provider_no_longer_knows_is_broken_off(phones: Phones) -> None:
    call = seen(dialled())
    go(call, [S.RINGING, S.ANSWERED])
    Call.objects.filter(pk=call.pk).update(provider_id="CA" + "0" * 32)

    call = seen(call)

    assert (call.state, call.outcome) == (S.ENDED, "broken_off")


def test_the_sweep_sees_to_every_open_line_and_stops_when_nobody_answers(phones: Phones, settings: Settings) -> None:
    calls = [dialled(), dialled()]
    settings.TELEPHONY_URL = "http://127.0.0.1:9"
    see_to_all(now=NOON)
    assert {fresh(call).requested_at for call in calls} == {None}

    settings.TELEPHONY_URL = phones.url
    see_to_all(now=NOON + timedelta(seconds=10))

    assert [len(phones.calls(number(call))) for call in calls] == [1, 1]


def test_a_call_by_hand_is_nobodys_business(phones: Phones, settings: Settings) -> None:
    settings.TELEPHONY_URL = ""
    call = dialled()
    settings.TELEPHONY_URL = phones.url

    see_to_all(now=NOON)
    see_to(call_id=call.pk, now=NOON)

    assert (fresh(call).adapter, phones.calls(number(call))) == ("by_hand", [])
