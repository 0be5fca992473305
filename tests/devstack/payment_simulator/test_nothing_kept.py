"""A card number or a security code that anybody tells the simulator is nowhere afterwards."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from stdnum import luhn

from backoffice.payments.provider.ports import Bill
from devstack.stripe_api.endpoint import MAX_BODY
from tests.devstack.payment_simulator.simulator import KEY, Payments

CANARY = "510000170394" + "81"
NUMBER = CANARY + luhn.calc_check_digit(CANARY)
CODE = "9173"


def _post(simulator: Payments, path: str, told: dict[str, str], *, key: str = "") -> int:
    headers = {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/x-www-form-urlencoded",
        **({"idempotency-key": key} if key else {}),
    }
    url = path if path.startswith("http") else simulator.url + path
    return urllib3.request("POST", url, body=urlencode(told), headers=headers, retries=False, redirect=False).status


def _card(**changed: str) -> dict[str, str]:
    card = {"number": NUMBER, "exp_month": "12", "exp_year": "2099", "cvc": CODE, **changed}
    return {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}


def _tell_everywhere(simulator: Payments, key: str) -> set[int]:
    page = simulator.adapter().open_page(
        Bill(2500, "EUR", "MB-1", "http://127.0.0.1:9/", "http://127.0.0.1:9/", datetime.now(UTC) + timedelta(hours=1)),
        key=f"{key}-page",
    )
    typed = {"number": NUMBER, "expiry": "12/99", "cvc": CODE}
    told = [
        _post(simulator, "/v1/payment_methods", _card(), key=key),
        _post(simulator, "/v1/payment_methods", _card(cvc="12"), key=f"{key}-cvc"),
        _post(simulator, "/v1/payment_methods", _card(exp_month="13")),
        _post(simulator, "/v1/payment_methods", _card(number=NUMBER + "0")),
        _post(simulator, "/v1/payment_methods", {**_card(), NUMBER: CODE}),
        _post(simulator, "/v1/tokens", {"cvc_update[cvc]": CODE}, key=f"{key}-code"),
        _post(simulator, page.url, {**typed, "expiry": "12/20"}),
        _post(simulator, page.url, {**typed, "number": NUMBER[:4] + " " + NUMBER[4:]}),
    ]
    return set(told)


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_texts(one) for pair in value.items() for one in pair)) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(one) for one in value)) if value else set()
    return {str(value)}


def _files(simulator: Payments) -> list[bytes]:
    return [path.read_bytes() for path in simulator.data.rglob("*") if path.is_file()]


def _stored(simulator: Payments) -> set[str]:
    found: set[str] = set()
    with sqlite3.connect(simulator.data / "payments.sqlite3") as db:
        for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in db.execute(f"select * from {table}").fetchall():
                for value in row:
                    try:
                        found |= _texts(json.loads(value))
                    except (TypeError, ValueError):
                        found.add(str(value))
    return found


def test_no_number_and_no_code_is_in_the_state_or_the_log(
    own_simulator: Payments, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    assert _tell_everywhere(own_simulator, key) == {200, 303, 400, 402}

    stored = _stored(own_simulator)
    assert NUMBER[-4:] in stored
    assert not [content for content in _files(own_simulator) if NUMBER.encode() in content]
    assert NUMBER not in caplog.text
    assert CODE not in stored


def test_what_is_kept_of_a_request_cannot_be_tried_out(own_simulator: Payments, key: str) -> None:
    body = urlencode(_card())
    _post(own_simulator, "/v1/payment_methods", _card(), key=key)

    stored = _stored(own_simulator)
    guesses = [NUMBER, body, f"POST /v1/payment_methods\n{body}"]

    for guess in guesses:
        digest = hashlib.sha256(guess.encode()).hexdigest()
        assert not [text for text in stored if digest[:16] in text]


def test_a_number_that_is_sent_as_a_reference_is_not_kept(own_simulator: Payments, key: str) -> None:
    told = {"amount": "1000", "currency": "eur", "payment_method": NUMBER, "confirm": "true"}

    assert _post(own_simulator, "/v1/payment_intents", told, key=key) == 400
    assert not [
        path for path in own_simulator.data.rglob("*") if path.is_file() and NUMBER.encode() in path.read_bytes()
    ]


def test_a_request_that_is_too_large_is_refused(simulator: Payments) -> None:
    assert _post(simulator, "/v1/payment_methods", {"type": "x" * MAX_BODY}) == 413
