"""The page that says how the voice gateway does: numbers in words, for few, and never a guess."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest
from django.urls import reverse
from pytest_django import Settings

from backoffice.staff.models import Role
from backoffice.telephony import gateway_health
from backoffice.telephony.gateway_health import FAILURES, SOUND
from backoffice.voice.contract import Command, Count, Counts, Failure
from backoffice.voice.media.receiving import Ignored
from tests.desk.conftest import Desk
from tests.voice.gateway.exchange import SECRET, serving

pytestmark = pytest.mark.django_db
COUNTS = Counts(
    instance="one",
    since=datetime(2026, 11, 30, 8, tzinfo=UTC),
    conversations=3,
    telephones=5,
    frames=1000,
    late_frames=25,
    refused={"signature": 4},
    sip_refused={"stranger": 17, "no such header": 2, "no blank": 1},
    sound_refused={"foreign_address": 6},
    failures={"recording": 0},
)


def answers(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    assert isinstance(msgspec.json.decode(body, type=Command), Count)
    return 200, msgspec.json.encode(COUNTS)


def test_a_supervisor_and_an_administrator_read_how_it_does(at_desk: Desk, settings: Settings) -> None:
    with serving(answers) as url:
        settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = url, SECRET
        pages = [
            at_desk(role=role).get(reverse("admin:desk_gateway")) for role in (Role.SUPERVISOR, Role.ADMINISTRATOR)
        ]

    for page in pages:
        shown = " ".join(page.content.decode().split())
        for said in ("Calls that go on</dt><dd>3<", "Telephones in them</dt><dd>5<", "2.50%", "25 of 1,000 frames"):
            assert said in shown
        for said in ("Messages of unknown peers</dt><dd>17<", "Not signed, or not by us</dt><dd>4<"):
            assert said in shown
        assert "Not to be read, or of another kind</dt><dd>3<" in shown
        assert "From another address</dt><dd>6<" in shown
        assert shown.count("<p>Nothing</p>") == 1


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.COMPLIANCE])
def test_nobody_else_reads_it_or_is_led_there(at_desk: Desk, role: Role) -> None:
    client = at_desk(role=role)

    assert client.get(reverse("admin:desk_gateway")).status_code == 403
    assert reverse("admin:desk_gateway") not in client.get(reverse("admin:desk_records")).content.decode()


def test_who_may_read_it_finds_it_among_the_records(at_desk: Desk) -> None:
    records = at_desk(role=Role.ADMINISTRATOR).get(reverse("admin:desk_records")).content.decode()

    assert reverse("admin:desk_gateway") in records


@pytest.mark.parametrize("answer", [(200, b""), (200, b"{}"), (503, b'{"code":"not_ready"}'), None])
def test_a_gateway_that_is_away_slow_or_not_to_be_read_is_not_guessed_about(
    at_desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes] | None
) -> None:
    monkeypatch.setattr(gateway_health, "ANSWERS_IN", 0.05)
    client, given_up = at_desk(role=Role.SUPERVISOR), threading.Event()

    def answers_so(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if answer is None:
            given_up.wait(10)
        return answer or (200, msgspec.json.encode(COUNTS))

    with serving(answers_so) as url:
        settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = url, SECRET
        shown = client.get(reverse("admin:desk_gateway")).content.decode()
        given_up.set()

    assert "We cannot say how it does" in shown
    assert "Calls that go on</dt>" not in shown


def test_where_none_is_set_up_the_page_says_so(at_desk: Desk, settings: Settings) -> None:
    settings.VOICE_CONTROL_URL = ""

    assert (
        "No voice gateway is set up here."
        in at_desk(role=Role.SUPERVISOR).get(reverse("admin:desk_gateway")).content.decode()
    )


def test_every_reason_has_words() -> None:
    assert set(SOUND) == set(Ignored)
    assert set(FAILURES) == set(Failure)
