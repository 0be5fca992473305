"""The issuer's webhooks: twice, late, out of order and forged ones change nothing they should not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from structlog.testing import capture_logs

from backoffice.cards.models import Card, CardReissue, Shipping
from backoffice.cases.models import Alarm, Command
from tests.api.conftest import Api, said
from tests.cards.signing import issuer_event, signed_event
from tests.factories import make_card
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
PATH = "webhooks/issuer"


@pytest.fixture
def new_card() -> Card:
    """A card that was ordered in a case and is on its way."""
    old = make_card()
    case = open_card_case(old)
    card = make_card(customer=old.customer, state="ordered")
    CardReissue.objects.filter(case=case).update(new_card=card)
    return card


def send(anybody: Api, body: bytes, **signing: object) -> HttpResponse:
    return anybody.post(PATH, raw=body, **signed_event(body, **signing))  # type: ignore[arg-type]


def signals() -> list[str]:
    return list(Command.objects.filter(kind="signal").order_by("number").values_list("payload__kind", flat=True))


def test_a_good_event_is_taken_and_its_process_hears_of_it(anybody: Api, new_card: Card) -> None:
    response = send(anybody, issuer_event(new_card.issuer_token))

    new_card.refresh_from_db()
    assert (response.status_code, said(response)) == (200, {"taken": True})
    assert new_card.shipping == Shipping.SHIPPED
    assert Command.objects.filter(kind="signal").count() == 1


def test_the_same_event_twice_counts_once(anybody: Api, new_card: Card) -> None:
    body = issuer_event(new_card.issuer_token)
    send(anybody, body)

    again = send(anybody, body)

    assert (again.status_code, said(again)) == (200, {"taken": False})
    assert Command.objects.filter(kind="signal").count() == 1


def test_an_event_that_comes_out_of_order_does_not_go_backwards(anybody: Api, new_card: Card) -> None:
    at = int(datetime.now(UTC).timestamp())
    send(anybody, issuer_event(new_card.issuer_token, shipping="delivered", at=at))

    late = send(anybody, issuer_event(new_card.issuer_token, shipping="shipped", at=at - 3600))

    new_card.refresh_from_db()
    assert (late.status_code, said(late)) == (200, {"taken": False})
    assert new_card.shipping == Shipping.DELIVERED


def test_an_event_about_a_card_that_we_do_not_know_yet_is_409_and_may_come_again(anybody: Api) -> None:
    response = send(anybody, issuer_event("ic_not_yet"))

    assert (response.status_code, said(response)["code"]) == (409, "unknown_card")


def test_a_forged_event_is_401_and_noted(anybody: Api, new_card: Card) -> None:
    with capture_logs() as logs:
        response = send(anybody, issuer_event(new_card.issuer_token), secret="whsec_other")

    assert (response.status_code, said(response)["code"]) == (401, "bad_signature")
    assert any(line["event"] == "issuer's event refused" for line in logs)
    assert not Command.objects.filter(kind="signal").exists()


def test_an_old_event_is_400(anybody: Api, new_card: Card) -> None:
    body = issuer_event(new_card.issuer_token)

    response = send(anybody, body, at=datetime.now(UTC) - timedelta(minutes=6))

    assert (response.status_code, said(response)["code"]) == (400, "old_signature")


def test_an_event_of_another_kind_is_let_pass(anybody: Api) -> None:
    body = issuer_event("ic_1").replace(b"issuing_card.updated", b"issuing_dispute.created")

    assert said(send(anybody, body)) == {"taken": False}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"not json", b"[" * 5000, b'{"created": 1e400}', b"null"])
def test_a_signed_body_that_is_no_event_is_400(anybody: Api, body: bytes) -> None:
    for _ in range(2):
        assert send(anybody, body).status_code == 400
    assert Alarm.objects.get().code == "event_unreadable"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "sleeping"),
        ("status", ["active"]),
        ("metadata", None),
        ("metadata", ["case"]),
        ("spending_controls", {"deep": [[[]]]}),
    ],
)
def test_a_detail_of_an_event_does_not_stop_the_news_of_a_letter(
    anybody: Api, new_card: Card, name: str, value: object
) -> None:
    event = json.loads(issuer_event(new_card.issuer_token, shipping="delivered"))
    event["data"]["object"][name] = value

    assert said(send(anybody, json.dumps(event).encode())) == {"taken": True}


@pytest.mark.parametrize("letter", [None, {}, [], {"status": "teleported"}, {"status": None}])
def test_an_event_that_says_nothing_of_a_letter_has_no_effect(anybody: Api, new_card: Card, letter: object) -> None:
    event = json.loads(issuer_event(new_card.issuer_token))
    event["data"]["object"]["shipping"] = letter

    assert (send(anybody, json.dumps(event).encode()).status_code, signals()) == (200, [])


@pytest.mark.parametrize("value", ["e" * 5_000, "evt_\u0000", "evt \ud800", "\u202eevt", "", 7, None, {"a": 1}])
def test_an_id_that_is_none_keeps_no_news_from_its_case(anybody: Api, new_card: Card, value: object) -> None:
    event = json.loads(issuer_event(new_card.issuer_token)) | {"id": value}
    body = json.dumps(event).encode()

    first, again = send(anybody, body), send(anybody, body)

    new_card.refresh_from_db()
    assert (first.status_code, said(first), said(again)) == (200, {"taken": True}, {"taken": False})
    assert new_card.shipping == Shipping.SHIPPED


@pytest.mark.parametrize("token", ["ic_\u0000", "ic_\ud800", "ic_" + "x" * 5_000, "", 7, None])
def test_a_card_that_can_be_none_of_ours_is_409(anybody: Api, token: str) -> None:
    assert send(anybody, issuer_event(token)).status_code == 409
