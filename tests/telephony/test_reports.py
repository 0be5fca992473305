"""Webhooks of the provider: signed by it, and never a step back."""

from __future__ import annotations

from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from backoffice.telephony import states
from backoffice.telephony.adapters.twilio import PATH
from backoffice.telephony.models import Call, CallState, StrayReport
from backoffice.telephony.placing import see_to
from tests.devstack.receiving import Receiver
from tests.telephony.calling import NOON, go, own, prepared, woken_for
from tests.telephony.provider import ACCOUNT, TOKEN, Phones

pytestmark = pytest.mark.django_db
S = CallState
SID = "CA" + "5" * 32
URL = "https://cases.meridian.example"


@pytest.fixture(autouse=True)
def _provider(settings: Settings, _by_hand: None) -> None:
    cache.clear()
    settings.TELEPHONY_URL, settings.TELEPHONY_ACCOUNT, settings.TELEPHONY_TOKEN = "http://127.0.0.1:9", ACCOUNT, TOKEN
    settings.PUBLIC_URL = URL


@pytest.fixture
def call(_provider: None) -> Call:
    return go(prepared(), [S.DIALLING])


def send(client: Client, call: Call | None, status: str, *, signature: str = "", **told: str) -> Any:
    """A report as the provider sends it; gives the answer."""
    told = {"CallSid": SID, "AccountSid": ACCOUNT, "CallStatus": status, **told}
    told = {name: value for name, value in told.items() if value}
    path = PATH + (f"?key={call.pk}" if call else "")
    signature = signature or RequestValidator(TOKEN).compute_signature(URL + path, told)
    return client.post(
        path,
        urlencode(told),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def taken(client: Client, call: Call | None, status: str, **told: str) -> bool:
    answer = send(client, call, status, **told)
    assert answer.status_code == 200, answer.content
    return bool(answer.json()["taken"])


def state(call: Call) -> str:
    return Call.objects.get(pk=call.pk).state


def test_each_report_moves_the_call(client: Client, call: Call) -> None:
    reached = []
    for status in ("initiated", "ringing", "in-progress", "completed"):
        taken(client, call, status)
        reached.append(state(call))

    assert reached == [S.DIALLING, S.RINGING, S.ANSWERED, S.ENDED]
    assert Call.objects.get().provider_id == SID


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "failed")],
)
def test_a_call_that_nobody_took_says_why(client: Client, call: Call, status: str, outcome: str) -> None:
    assert taken(client, call, status)

    assert (state(call), Call.objects.get().outcome) == (S.NOT_ANSWERED, outcome)


def test_a_machine_is_told_by_the_detection(client: Client, call: Call) -> None:
    assert taken(client, call, "in-progress")
    assert not taken(client, call, "", AnsweredBy="human")
    assert taken(client, call, "", AnsweredBy="machine_start")

    assert state(call) == S.VOICEMAIL


def test_doubled_and_late_reports_change_nothing(client: Client, call: Call) -> None:
    taken(client, call, "in-progress")
    go(call, [S.COMPANY_PROVEN])
    before = Call.objects.values("state", "times").get()

    assert [taken(client, call, one) for one in ("initiated", "ringing", "in-progress")] == [False] * 3
    assert Call.objects.values("state", "times").get() == before
    assert taken(client, call, "completed")
    assert not taken(client, call, "completed")
    assert not taken(client, call, "busy")
    assert state(call) == S.ENDED


def test_in_whatever_order_reports_come_the_call_ends_the_same(client: Client, settings: Settings) -> None:
    settings.CALL_MINUTES_A_DAY = 1_000_000  # reports have the time of the clock, so these calls take days
    for number, order in enumerate(permutations(("ringing", "in-progress", "completed"))):
        call = go(prepared(), [S.DIALLING])
        for status in order:
            taken(client, call, status, CallSid=f"CA{number:032d}")
        assert (state(call), Call.objects.get(pk=call.pk).outcome) == (S.ENDED, "spoken"), order


def test_what_the_agent_said_before_the_report_stays(client: Client, call: Call) -> None:
    go(call, [S.RINGING, S.NOT_ANSWERED])

    assert not taken(client, call, "ringing")

    assert state(call) == S.NOT_ANSWERED


def test_a_line_that_rings_although_its_call_is_over_is_hung_up(
    client: Client, call: Call, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    go(call, [S.NOT_ANSWERED])
    Call.objects.update(line_closed_at=NOON)

    with django_capture_on_commit_callbacks(execute=True):
        taken(client, call, "ringing")

    assert woken_for(call) == 1
    assert Call.objects.get().line_closed_at is None


@pytest.mark.parametrize("signature", ["Zm9yZ2Vk", "", "é"])
def test_a_forged_report_is_refused_and_changes_nothing(client: Client, call: Call, signature: str) -> None:
    with capture_logs() as logs:
        answer = send(client, call, "completed", signature=signature or "=")

    assert answer.status_code == 401
    assert state(call) == S.DIALLING
    assert SID not in str(logs)


def test_a_signature_of_another_address_account_or_content_is_no_signature(client: Client, call: Call) -> None:
    told = {"CallSid": SID, "AccountSid": ACCOUNT, "CallStatus": "completed"}
    signed = RequestValidator(TOKEN).compute_signature
    for url, content in (
        (URL + PATH, told),
        (f"https://elsewhere.example{PATH}?key={call.pk}", told),
        (f"{URL}{PATH}?key={call.pk}", {**told, "CallStatus": "ringing"}),
    ):
        assert send(client, call, "completed", signature=signed(url, content)).status_code == 401
    assert send(client, call, "completed", AccountSid="AC" + "2" * 32).status_code == 401
    assert state(call) == S.DIALLING


def test_nobody_can_sign_while_there_is_no_token(client: Client, call: Call, settings: Settings) -> None:
    settings.TELEPHONY_TOKEN = ""
    told = {"CallSid": SID, "AccountSid": ACCOUNT, "CallStatus": "completed"}
    signature = RequestValidator("").compute_signature(f"{URL}{PATH}?key={call.pk}", told)

    assert send(client, call, "completed", signature=signature).status_code == 401


@pytest.mark.parametrize(
    "told", [{"CallStatus": "on-fire"}, {"CallStatus": "", "AnsweredBy": ""}, {"CallSid": "CA1"}, {"CallSid": ""}]
)
def test_a_signed_report_that_cannot_be_read_is_refused(client: Client, call: Call, told: dict[str, str]) -> None:
    assert send(client, call, **({"status": "ringing"} | told)).status_code == 400
    assert state(call) == S.DIALLING


def test_a_report_of_a_call_that_is_not_ours_is_kept_apart_without_its_data(client: Client, call: Call) -> None:
    other = "CA" + "7" * 32
    with capture_logs() as logs:
        for status in ("ringing", "completed"):
            assert not taken(client, None, status, CallSid=other, To="+31612345678", From="+31699999999")

    kept = StrayReport.objects.values_list("provider_id", "status", "times").get()
    assert kept == (other, "completed", 2)
    assert "+316" not in str(logs)
    assert state(call) == S.DIALLING


def test_a_second_line_for_one_call_is_kept_apart(client: Client, call: Call) -> None:
    taken(client, call, "ringing")

    assert not taken(client, call, "completed", CallSid="CA" + "8" * 32)

    assert (state(call), StrayReport.objects.count()) == (S.RINGING, 1)


def test_a_call_that_is_made_by_hand_is_not_moved_by_reports(client: Client, settings: Settings) -> None:
    settings.TELEPHONY_URL = ""
    call = go(prepared(), [S.DIALLING])
    settings.TELEPHONY_URL = "http://127.0.0.1:9"

    assert not taken(client, call, "completed")

    assert state(call) == S.DIALLING


# --- from the simulator itself ----------------------------------------------------------------------------------------


def hand_on(client: Client, receiver: Receiver) -> int:
    """Gives the next webhook of the simulator to the product, as it came."""
    posted = receiver.next()
    answer = client.post(
        posted.path,
        posted.body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": posted.signature},
    )
    return answer.status_code


def test_the_simulators_webhooks_are_understood_doubled_disordered_and_forged(
    client: Client, phones: Phones, receiver: Receiver
) -> None:
    phones.faults(twice={"times": 2})
    call = go(prepared(), [S.DIALLING])
    see_to(call_id=call.pk, now=NOON)
    assert [hand_on(client, receiver) for _one in range(4)] == [200] * 4
    assert state(call) == S.RINGING

    phones.faults(out_of_order={}, forged={})
    point = Call.objects.select_related("point").get().point
    assert point is not None
    phones.do(point.value, "answer")
    assert [hand_on(client, receiver) for _one in range(3)] == [401, 200, 200]
    assert state(call) == S.ANSWERED
    states.move(call_id=call.pk, to=S.ENDED, by=own(call), now=NOON)
    see_to(call_id=call.pk, now=NOON)
    assert hand_on(client, receiver) == 200
    assert Call.objects.get().line_closed_at is not None
