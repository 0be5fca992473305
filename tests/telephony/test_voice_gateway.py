"""Calls through our own voice gateway: real telephones ring, and the row of the call follows them."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.cache import cache
from django.core.checks import CheckMessage
from django.test import Client
from pytest_django import Settings

from backoffice.customers.models import ContactKind
from backoffice.security.checks import check_voice_gateway, check_voice_key
from backoffice.telephony import ports, states
from backoffice.telephony.adapters.voice_gateway import GatewayClient, VoiceGatewayTelephony
from backoffice.telephony.models import Call, CallState
from backoffice.telephony.placing import see_to
from backoffice.telephony.ports import NoAnswer, NotSent, ProviderRefused, Reported
from backoffice.voice.contract import Answered, Event, Left, PromptOver, Ringing, Role, What, Why
from backoffice.voice.gateway.proving import Signer
from backoffice.voice.signing import signed
from devstack.telephones.words import Incoming, Report
from tests.factories import make_customer
from tests.telephony.calling import NOON, go, own, prepared
from tests.telephony.voice_office import CUSTOMER, DESK, EVENTS, Office
from tests.voice.gateway.exchange import SECRET, serving
from tests.voice.gateway.listening import CUSTOMER_SAYS, NEEDS_PHONES, is_tone

pytestmark = pytest.mark.django_db
S = CallState
OTHER_SECRET = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3Rz"
_ids = itertools.count(1)


def dialled() -> Call:
    contacts = {ContactKind.MAIL: f"maria{next(_ids)}@example.org", ContactKind.PHONE: CUSTOMER}
    customer = make_customer(days=4000, contacts=contacts)
    return go(prepared(customer), [S.DIALLING])


def seen(call: Call) -> Call:
    assert see_to(call_id=call.pk, now=NOON)
    return Call.objects.get(pk=call.pk)


@NEEDS_PHONES
def test_who_answers_is_put_through_to_the_desk_and_the_row_follows(office: Office, client: Client) -> None:
    call = seen(dialled())
    conversation = str(call.pk)
    assert (call.adapter, call.provider_id) == ("voice_gateway", conversation)

    office.waits_for(Answered, Role.CUSTOMER, conversation)
    office.runner.run(office.desk.heard(is_tone(CUSTOMER_SAYS)))
    office.pass_on(client)
    call.refresh_from_db()
    assert call.state == S.ANSWERED

    office.runner.run(office.customer.hang_up())
    office.runner.run(office.desk.sees(Report.CLOSED))
    office.waits_for(Left, Role.CUSTOMER, conversation)
    office.pass_on(client)
    call.refresh_from_db()
    assert call.state == S.ENDED
    assert call.line_closed_at is not None


@NEEDS_PHONES
@pytest.mark.parametrize(("mode", "outcome"), [(Incoming.BUSY, "busy"), (Incoming.RING, "")])
def test_without_any_report_the_row_follows_by_looking(office: Office, mode: Incoming, outcome: str) -> None:
    office.runner.run(office.customer.when_called(mode))
    call = seen(dialled())

    office.waits_for(Ringing, Role.CUSTOMER, str(call.pk))
    if mode is Incoming.BUSY:
        office.waits_for(Left, Role.CUSTOMER, str(call.pk))
    call = seen(call)

    assert (call.state, call.outcome) == ((S.NOT_ANSWERED, outcome) if outcome else (S.RINGING, ""))


@NEEDS_PHONES
def test_a_call_that_is_called_off_is_hung_up(office: Office) -> None:
    office.runner.run(office.customer.when_called(Incoming.RING))
    call = seen(dialled())
    office.waits_for(Ringing, Role.CUSTOMER, str(call.pk))

    states.move(call_id=call.pk, to=S.NOT_ANSWERED, by=own(call), now=NOON, outcome="no_answer")
    call = seen(call)

    office.waits_for(Left, Role.CUSTOMER, str(call.pk))
    assert call.line_closed_at is not None


@NEEDS_PHONES
def test_a_call_is_placed_once_and_found_by_its_number(office: Office) -> None:
    office.runner.run(office.customer.when_called(Incoming.RING))
    provider, began = ports.provider(), datetime.now(UTC)
    assert provider is not None
    key = str(uuid.uuid4())

    first, again = (provider.place(number=CUSTOMER, key=key) for _twice in range(2))

    assert first.id == again.id == key
    found = provider.find(number=CUSTOMER, since=began, known=frozenset())
    assert found is not None
    assert found.id == key
    assert provider.find(number=CUSTOMER, since=began, known=frozenset({key})) is None
    assert provider.find(number=CUSTOMER, since=datetime.now(UTC), known=frozenset()) is None
    provider.hang_up(provider_id=key)
    office.waits_for(Left, Role.CUSTOMER, key)
    assert (told := provider.look(provider_id=key)) is not None
    assert told.status is Reported.FAILED
    provider.hang_up(provider_id=key)
    provider.hang_up(provider_id="nobody")
    assert provider.look(provider_id="nobody") is None
    with pytest.raises(ProviderRefused, match="no_route"):
        provider.place(number="+442079460958", key=str(uuid.uuid4()))
    other = VoiceGatewayTelephony(GatewayClient(url=office.gateway.url, secret=OTHER_SECRET), desk=DESK)
    with pytest.raises(ProviderRefused, match="not_accepted"):
        other.place(number=CUSTOMER, key=str(uuid.uuid4()))
    with pytest.raises(NoAnswer, match="not_accepted"):
        other.look(provider_id=key)


def test_a_gateway_that_is_away_was_surely_not_asked() -> None:
    with serving(lambda *_told: (200, b"")) as url:
        pass

    with pytest.raises(NotSent):
        VoiceGatewayTelephony(GatewayClient(url=url, secret=SECRET), desk=DESK).place(number=CUSTOMER, key="k")


def event(call: Call | None, what: What) -> bytes:
    conversation = str(call.pk) if call else str(uuid.uuid4())
    return msgspec.json.encode(
        Event(instance="i", conversation=conversation, number=1, at=datetime.now(UTC), what=what)
    )


def post(client: Client, body: bytes, **headers: str) -> Any:
    cache.clear()
    told = {**signed(body, secret=SECRET, id=f"evt_{next(_ids)}"), **headers}
    return client.post(EVENTS, body, content_type="application/json", headers=told)


@pytest.fixture
def _gateway_makes_calls(settings: Settings, _by_hand: None) -> None:
    settings.VOICE_CONTROL_URL, settings.VOICE_EVENTS_SECRET = "http://127.0.0.1:9", SECRET


@pytest.mark.usefixtures("_gateway_makes_calls")
def test_events_move_a_call_on_and_never_back(client: Client) -> None:
    call = dialled()
    reached = []
    for what in (
        Ringing(role=Role.AGENT),
        Ringing(role=Role.CUSTOMER),
        PromptOver(key="k", whole=True),
        Answered(role=Role.CUSTOMER),
        Ringing(role=Role.CUSTOMER),
        Left(role=Role.CUSTOMER, why=Why.LOST, answered=True),
        Answered(role=Role.CUSTOMER),
    ):
        assert post(client, event(call, what)).status_code == 200
        call.refresh_from_db()
        reached.append(call.state)

    assert reached == [S.DIALLING, S.RINGING, S.RINGING, S.ANSWERED, S.ANSWERED, S.ENDED, S.ENDED]


@pytest.mark.usefixtures("_gateway_makes_calls")
@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (Why.BUSY, "busy"),
        (Why.NO_ANSWER, "no_answer"),
        (Why.REFUSED, "failed"),
        (Why.FAILED, "failed"),
        (Why.ENDED, "failed"),
    ],
)
def test_a_line_that_nobody_took_says_why(client: Client, why: Why, outcome: str) -> None:
    call = dialled()

    post(client, event(call, Left(role=Role.CUSTOMER, why=why)))
    call.refresh_from_db()

    assert (call.state, call.outcome) == (S.NOT_ANSWERED, outcome)


@pytest.mark.usefixtures("_gateway_makes_calls")
def test_an_event_that_is_not_signed_or_cannot_be_read_changes_nothing(client: Client, settings: Settings) -> None:
    call = dialled()
    body = event(call, Answered(role=Role.CUSTOMER))

    assert post(client, body, **{"webhook-signature": "v1,AAAA"}).status_code == 401
    assert client.post(EVENTS, body, content_type="application/json").status_code == 401
    assert post(client, b"{}").status_code == 400
    settings.VOICE_EVENTS_SECRET = ""
    assert post(client, body).status_code == 401
    call.refresh_from_db()

    assert call.state == S.DIALLING


RIGHT = {
    "PRODUCTION": True,
    "VOICE_CONTROL_URL": "https://voice.example:5070",
    "VOICE_CONTROL_SECRET": SECRET,
    "VOICE_EVENTS_SECRET": OTHER_SECRET,
}


@pytest.fixture
def public_key(tmp_path: Path) -> str:
    """The path of a key as the gateway's operator gives it to us."""
    path = tmp_path / "public.pem"
    path.write_text(Signer(Ed25519PrivateKey.generate()).public_pem)
    return str(path)


def refused() -> list[CheckMessage]:
    return [*check_voice_gateway(None), *check_voice_key(None)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICE_CONTROL_URL", "http://voice.example:5070"),
        ("VOICE_CONTROL_SECRET", ""),
        ("VOICE_EVENTS_SECRET", "short"),
        ("VOICE_EVENTS_SECRET", SECRET),
        ("VOICE_PUBLIC_KEY_PATH", ""),
        ("VOICE_PUBLIC_KEY_PATH", "/dev/null"),
    ],
)
def test_in_production_an_unsafe_setting_of_the_gateway_is_refused_by_name(
    settings: Settings, public_key: str, name: str, value: str
) -> None:
    for each, right in {**RIGHT, "VOICE_PUBLIC_KEY_PATH": public_key, name: value}.items():
        setattr(settings, each, right)

    assert [said.msg.split()[0] for said in refused()] == [name]


def test_the_gateway_makes_calls_where_it_is_set_and_no_other_provider_is(settings: Settings, public_key: str) -> None:
    for each, right in {**RIGHT, "VOICE_PUBLIC_KEY_PATH": public_key}.items():
        setattr(settings, each, right)
    assert refused() == []
    assert ports.name() == "voice_gateway"

    settings.TELEPHONY_URL = "https://api.twilio.com"

    assert ports.name() == "twilio"
