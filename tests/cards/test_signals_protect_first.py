"""A detail must not stop what protects: whatever else a signal says, the card that it names is blocked."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.cards.models import Card, CardReissue, CardState, Reason, Signal
from backoffice.cards.reissue import calls, keeping
from backoffice.cards.reissue.keeping import MOST_KEPT
from backoffice.cases.models import Alarm, Case, CaseState, Command, Event
from backoffice.cases.outside import OutsideRefused
from backoffice.cases.unit_of_work import changing
from backoffice.no_card_numbers import has_card_number
from tests.api.conftest import Api, said
from tests.cards.signing import SIGNALS_SECRET, signal_of
from tests.factories import make_card
from tests.playing import advance, customer_actor, open_card_case

pytestmark = pytest.mark.django_db
PATH = "signals/fraud"
PAN = "4111 1111 1111 1111"
PAYMENT = {"id": "p1", "amount": "899.00", "currency": "EUR", "merchant": "Elektra", "at": "2026-11-22T10:00:00Z"}


def send(anybody: Api, body: bytes, *, signal_id: str = "", minutes: int = 0) -> HttpResponse:
    """As a detector sends it that signs its bytes, whatever they are."""
    signal_id, at = signal_id or f"msg_{uuid.uuid4().hex}", int(time.time()) + 60 * minutes
    secret = base64.b64decode(SIGNALS_SECRET.removeprefix("whsec_"))
    signature = hmac.digest(secret, f"{signal_id}.{at}.".encode() + body, "sha256")
    headers = {
        "webhook-id": signal_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
    return anybody.post(PATH, raw=body, **headers)


def is_blocked(card: Card) -> bool:
    card.refresh_from_db()
    return card.state == CardState.BLOCKED


def not_understood(response: HttpResponse) -> set[str]:
    return set(said(response).get("not_understood", {}))


def payments_of(card: Card) -> list[dict[str, str]]:
    payments: list[dict[str, str]] = CardReissue.objects.get(card=card, live=True).payments or []
    return payments


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_signal_of_which_all_is_understood_keeps_no_copy(anybody: Api) -> None:
    card = make_card()

    response = send(anybody, signal_of(card))

    assert (response.status_code, not_understood(response)) == (202, set())
    assert payments_of(card) == [PAYMENT | {"at": "2026-11-22T10:00:00+00:00"}]
    assert Signal.objects.get().unread is None


@pytest.mark.parametrize("amount", ["12.345", 12.345, "0.0001", 3, "1234567.5"])
def test_an_amount_may_have_as_many_decimals_as_its_currency(anybody: Api, amount: Any) -> None:
    card = make_card()

    response = send(anybody, signal_of(card, payments=[PAYMENT | {"amount": amount, "currency": "kwd"}]))

    assert (response.status_code, not_understood(response)) == (202, set())
    assert (payments_of(card)[0]["amount"], payments_of(card)[0]["currency"]) == (str(amount), "KWD")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "a lot"),
        ("amount", ["12.50"]),
        ("amount", "1e999999"),
        ("amount", float("nan")),
        ("amount", True),
        ("amount", -5),
        ("amount", "1.23456"),
        ("currency", "euro"),
        ("currency", 978),
        ("currency", None),
        ("merchant", "x" * 81),
        ("merchant", "Elek\u202etra"),
        ("merchant", f"Shop {PAN}"),
        ("merchant", {"name": "Elektra"}),
        ("merchant", "half \ud800"),
        ("merchant", "nought \x00"),
        ("at", "yesterday"),
        ("at", 1732240000),
        ("at", "9999-12-31T23:59:59-12:00"),
        ("id", ""),
        ("colour", "red"),
    ],
)
def test_a_detail_that_cannot_be_read_is_named_and_the_card_is_blocked(anybody: Api, field: str, value: Any) -> None:
    card = make_card()

    response = send(anybody, signal_of(card, payments=[PAYMENT | {field: value}]))

    assert (response.status_code, not_understood(response)) == (202, {f"payments.0.{field}"})
    assert is_blocked(card)
    others = {name: told for name, told in PAYMENT.items() if name not in (field, "at")}
    assert {name: payments_of(card)[0][name] for name in others} == others


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"payments": "none"}, {"payments"}),
        ({"payments": [PAYMENT, "and another"]}, {"payments.1"}),
        ({"payments": [PAYMENT | {"id": f"p{number}"} for number in range(12)]}, {"payments"}),
        ({"payments": [{}]}, {f"payments.0.{name}" for name in PAYMENT}),
        ({"reason": "stolen in the metro", "score": 0.99}, {"data.reason", "data.score"}),
        ({PAN: "x" * 5000}, {"data.····1111"}),
    ],
)
def test_what_is_of_the_wrong_kind_or_unknown_is_named(anybody: Api, data: dict[str, Any], named: set[str]) -> None:
    card = make_card()

    response = send(anybody, signal_of(card, **data))

    assert (response.status_code, not_understood(response)) == (202, named)
    assert is_blocked(card)


BROKEN = [
    '{"data": {"card": "TOKEN", "payments": [}',
    '{"data": {"card": "TOKEN"}} and more',
    '{"data": {"card": "TOKEN", "x": ' + "[" * 5000 + "]" * 5000 + "}}",
    '{"data": {"card": "TOKEN", "x": ' + "9" * 5000 + "}}",
    '{"data": {"card": {"id": "TOKEN"}}}',
    '{"card": "TOKEN"}',
    '{"data": [{"card": "TOKEN"}]}',
    '["TOKEN"]',
    '"TOKEN"',
    '{"data": {"card": null, "cards": ["TOKEN"]}}',
    '\ufeff{"data": {"card": " TOKEN ", "other": 1}}',
]


@pytest.mark.parametrize("body", BROKEN)
def test_a_body_that_is_broken_blocks_the_only_card_that_it_names(anybody: Api, body: str) -> None:
    card = make_card()

    response = send(anybody, body.replace("TOKEN", card.issuer_token).encode())

    assert response.status_code == 202
    assert is_blocked(card)
    assert not_understood(response)
    assert card.issuer_token in Signal.objects.get().unread["text"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_a_body_in_another_encoding_is_read_as_far_as_it_can_be(anybody: Api, encoding: str) -> None:
    card = make_card()
    told = {"data": {"card": card.issuer_token, "payments": [PAYMENT | {"merchant": "Caf\u00e9"}]}}

    response = send(anybody, json.dumps(told, ensure_ascii=False).encode(encoding))

    assert (response.status_code, is_blocked(card)) == (202, True)
    assert payments_of(card)[0]["merchant"].startswith("Caf")


def test_an_id_that_is_too_long_or_no_plain_text_counts_once_all_the_same(anybody: Api) -> None:
    body = signal_of(card := make_card())

    first, again = (send(anybody, body, signal_id="m" * 200) for _ in range(2))

    assert (first.status_code, again.status_code, is_blocked(card)) == (202, 200, True)
    assert Signal.objects.count() == 1


# --- what is kept -----------------------------------------------------------------------------------------------------

HIDDEN = [
    PAN,
    PAN.replace(" ", ""),
    "4111-1111-1111-1111",
    "4111_1111_1111_1111",
    "4111\u200b1111\u200b1111\u200b1111",
    "٤١١١١١١١١١١١١١١١",
    "0000" + PAN.replace(" ", "") + "99",
    int(PAN.replace(" ", "")),
    ["4111", "1111", "1111", "1111"],
    [int(digit) for digit in PAN if digit != " "],
    {"number": PAN, "expiry": "12/29"},
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=repr)
@pytest.mark.parametrize("escaped", [False, True])
def test_no_card_number_is_kept_however_it_is_written(anybody: Api, hidden: Any, escaped: bool) -> None:
    card = make_card()
    body = signal_of(card, account=hidden)
    if escaped:
        body = body.replace(b"1111", rb"\u0031\u0031\u0031\u0031") + b" broken"

    assert send(anybody, body).status_code == 202
    text = Signal.objects.get().unread["text"]
    assert not has_card_number(text)
    assert "1111111111" not in "".join(letter for letter in text if letter.isdigit()).replace(card.last_four, "")


@pytest.mark.parametrize("rest", ["4111", "4111 1111 1111 11", "4111, [1111]_"])
def test_half_of_a_number_is_not_kept_where_a_text_is_cut_off(rest: str) -> None:
    story = "Z" * (2 * MOST_KEPT - len(rest))

    assert keeping._first(f"{story}{rest}1111 and more") == story


def test_what_is_kept_is_sealed_and_bounded(anybody: Api) -> None:
    card = make_card()

    send(anybody, signal_of(card, story="Zeldzaam " * 20_000))

    with connection.cursor() as cursor:
        cursor.execute("SELECT unread::text FROM cards_signal")
        assert "Zeldzaam" not in cursor.fetchone()[0]
    text = Signal.objects.get().unread["text"]
    assert "Zeldzaam" in text
    assert len(text) <= MOST_KEPT
    assert "Zeldzaam" not in json.dumps(list(Event.objects.values_list("data", flat=True)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payments=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=8,
    ),
    more=st.dictionaries(st.text(max_size=9).filter(lambda name: name != "card"), st.text(), max_size=3),
)
def test_whatever_a_signal_says_its_card_is_blocked(anybody: Api, payments: Any, more: dict[str, str]) -> None:
    card = make_card()

    response = send(anybody, signal_of(card, **{"payments": payments} | more))

    assert response.status_code == 202
    assert is_blocked(card)


def test_what_was_not_read_because_we_broke_off_is_read_when_the_signal_comes_again(anybody: Api) -> None:
    card = make_card()
    body = signal_of(card)
    send(anybody, body, signal_id="msg_1")
    Signal.objects.update(is_read=False)
    CardReissue.objects.update(payments=None)

    assert send(anybody, body, signal_id="msg_1").status_code == 200
    assert len(payments_of(card)) == 1


# --- no card, an unknown card, a closed card --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"data": {"card": "ic_unknown"}}', 404, "signal_of_unknown_card"),
        ('{"data": {"card": "ic_\\u0000"}}', 404, "signal_of_unknown_card"),
        ('{"data": {"card": ""}}', 400, "signal_without_card"),
        ('{"data": {"card": 7}}', 400, "signal_without_card"),
        ("not json", 400, "signal_without_card"),
        ("", 400, "signal_without_card"),
        ("[]", 400, "signal_without_card"),
        ("[" * 5000, 400, "signal_without_card"),
    ],
)
def test_without_a_card_of_ours_it_is_an_error_and_an_alarm(anybody: Api, body: str, status: int, code: str) -> None:
    make_card()

    for _ in range(2):
        response = send(anybody, body.encode(), signal_id="msg_1")
        assert (response.status_code, said(response)["field"]) == (status, "card")

    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.key, alarm.told["text"]) == (code, "signal:msg_1", alarm.told["text"])
    assert not Case.objects.exists()


def test_a_body_that_names_two_of_our_cards_blocks_neither_by_guessing(anybody: Api) -> None:
    cards = [make_card(), make_card()]

    response = send(anybody, json.dumps([card.issuer_token for card in cards]).encode())

    assert (response.status_code, Alarm.objects.get().code) == (400, "signal_without_card")
    assert not any(is_blocked(card) for card in cards)


def test_a_closed_card_is_no_error_but_a_person_is_told(anybody: Api) -> None:
    response = send(anybody, signal_of(make_card(state=CardState.CLOSED)))

    assert (response.status_code, said(response)["case"]) == (202, "")
    assert Alarm.objects.get().code == "signal_of_closed_card"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signal_of_a_wrong_clock_is_an_alarm_unless_it_was_taken(anybody: Api, minutes: int) -> None:
    body = signal_of(card := make_card())

    assert send(anybody, body, signal_id="msg_1", minutes=minutes).status_code == 400
    assert (Alarm.objects.get().code, is_blocked(card)) == ("signal_too_old", False)
    assert send(anybody, body, signal_id="msg_2").status_code == 202
    assert send(anybody, body, signal_id="msg_2", minutes=minutes).status_code == 400
    assert Alarm.objects.count() == 1


# --- a case that is open already --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_case_that_left_the_card_open_gives_way(anybody: Api, reason: Reason) -> None:
    card = make_card()
    worn = open_card_case(card, reason=reason)

    response = send(anybody, signal_of(card))

    worn.refresh_from_db()
    case = CardReissue.objects.get(card=card, live=True).case
    assert (response.status_code, said(response)) == (202, {"case": case.reference, "new": True})
    assert (case.id != worn.id, is_blocked(card), worn.state) == (True, True, CaseState.STOPPING)
    assert Command.objects.filter(case=worn, signal="withdraw").count() == 1


def test_past_the_point_of_no_return_both_cards_of_the_number_are_blocked(anybody: Api) -> None:
    old = make_card()
    worn = open_card_case(old, reason=Reason.DAMAGED)
    new = make_card(customer=old.customer, last_four=old.last_four, state=CardState.INACTIVE, replaces=old)
    CardReissue.objects.filter(case=worn).update(new_card=new, postings=1)
    Case.objects.filter(id=worn.id).update(past_no_return=True)

    response = send(anybody, signal_of(old))

    assert (response.status_code, is_blocked(old), is_blocked(new)) == (202, True, True)
    assert CardReissue.objects.get(card=new, live=True).reason == Reason.FRAUD
    with pytest.raises(OutsideRefused, match="gave_way"):
        calls._going_on(Case.objects.get(id=worn.id))


def test_a_lost_card_is_not_released_once_fraud_was_signalled(anybody: Api) -> None:
    card = make_card()
    lost = open_card_case(card, reason=Reason.LOST, by=customer_actor(card.customer))
    send(anybody, signal_of(card))

    record = calls.unblock_card(case=lost, args=None, key="k", asked_at=lost.opened_at, now=lost.opened_at)  # type: ignore[arg-type]
    with changing(lost.id) as case:
        record(case, case.opened_at)

    assert is_blocked(card)
    assert Event.objects.filter(case=lost, kind="card.stays_blocked", data__why="signalled").exists()


def test_a_card_that_is_being_released_is_blocked_by_a_case_of_its_own(anybody: Api) -> None:
    card = make_card()
    lost = open_card_case(card, reason=Reason.LOST, by=customer_actor(card.customer))
    Case.objects.filter(id=lost.id).update(state=CaseState.STOPPING)

    response = send(anybody, signal_of(card))

    assert (said(response)["new"], is_blocked(card)) == (True, True)
    assert said(response)["case"] != lost.reference


def test_the_payments_of_a_second_signal_are_asked_about_too(anybody: Api) -> None:
    card = make_card()
    send(anybody, signal_of(card))

    send(anybody, signal_of(card, payments=[PAYMENT, PAYMENT | {"id": "p2", "amount": "5.00"}]))

    assert [payment["id"] for payment in payments_of(card)] == ["p1", "p2"]


def test_a_payment_that_says_nothing_is_no_question(anybody: Api) -> None:
    card = make_card()

    send(anybody, signal_of(card, payments=[{"id": "p1"}, PAYMENT]))

    assert payments_of(card) == [PAYMENT | {"at": "2026-11-22T10:00:00+00:00"}]
    advance(CardReissue.objects.get(card=card, live=True).case)
