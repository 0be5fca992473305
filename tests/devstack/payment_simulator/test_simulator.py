"""The simulator where nobody asks through our adapter: its form, its errors, its page, its start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stripe
import urllib3

from devstack.stripe_api import form
from devstack.stripe_api.errors import ApiError
from tests.devstack.payment_simulator.simulator import KEY, Payments


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"", {}),
        (b"a=1&b[c][d]=2", {"a": "1", "b": {"c": {"d": "2"}}}),
        (b"expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        (b"expand[0]=a&expand[1]=b", {"expand": ["a", "b"]}),
        (b"items[0][price][amount]=5&items[0][n]=1", {"items": [{"price": {"amount": "5"}, "n": "1"}]}),
        (b"empty=", {"empty": ""}),
    ],
)
def test_a_form_is_nested_by_its_brackets(body: bytes, read: dict[str, Any]) -> None:
    assert form.read(body) == read


@pytest.mark.parametrize("body", [b"a", b"a=1&a[b]=2", b"\xff=1", b"&".join(b"a%d=1" % n for n in range(201))])
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError):
        form.read(body)


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"currency": "eur"}, "amount"),
        ({"amount": 1000}, "currency"),
        ({"amount": "much", "currency": "eur"}, "amount"),
        ({"amount": 1000, "currency": "xyz"}, "currency"),
        ({"amount": 1000, "currency": "eur", "capture_method": "sometimes"}, "capture_method"),
        ({"amount": 1000, "currency": "eur", "colour": "red"}, "colour"),
        ({"amount": 1000, "currency": "eur", "customer": "cus_nobody"}, "customer"),
        ({"amount": 1000, "currency": "eur", "confirm": True}, "payment_method"),
        ({"amount": 1000, "currency": "eur", "metadata": {"k": "v" * 501}}, "metadata[k]"),
    ],
)
def test_a_request_that_fits_no_rule_names_its_parameter(
    simulator: Payments, key: str, told: dict[str, Any], param: str
) -> None:
    intents: Any = simulator.library.v1.payment_intents

    with pytest.raises(stripe.InvalidRequestError) as refused:
        intents.create(told, {"idempotency_key": key})

    assert refused.value.param == param


def test_a_payment_can_be_made_in_two_steps_and_taken_at_once(simulator: Payments) -> None:
    intents = simulator.library.v1.payment_intents
    made = intents.create({"amount": 1000, "currency": "eur"})

    paid = intents.confirm(made.id, {"payment_method": simulator.card()})

    assert (made.status, paid.status, paid.amount_received) == ("requires_payment_method", "succeeded", 1000)
    with pytest.raises(stripe.InvalidRequestError):
        intents.confirm(made.id, {"payment_method": simulator.card()})


def test_a_card_that_wants_its_holder_waits_for_them_unless_that_is_an_error(simulator: Payments) -> None:
    told: Any = {
        "amount": 1000,
        "currency": "eur",
        "confirm": True,
        "payment_method": simulator.card("4000002760003184"),
    }

    intents: Any = simulator.library.v1.payment_intents

    assert intents.create(told).status == "requires_action"
    with pytest.raises(stripe.CardError):
        intents.create({**told, "error_on_requires_action": True})


def test_a_decline_says_what_the_real_one_says(simulator: Payments) -> None:
    with pytest.raises(stripe.CardError) as declined:
        simulator.library.v1.payment_intents.create(
            {
                "amount": 1000,
                "currency": "eur",
                "confirm": True,
                "payment_method": simulator.card("4000000000009995"),
            }
        )

    error = declined.value.error
    assert error is not None
    assert (error.code, error.decline_code, declined.value.http_status) == (
        "card_declined", "insufficient_funds", 402,
    )  # fmt: skip
    assert error.payment_intent is not None
    assert error.payment_intent.status == "requires_payment_method"


def test_the_same_request_under_its_key_is_answered_from_memory(simulator: Payments, key: str) -> None:
    intents = simulator.library.v1.payment_intents
    answers = [intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": key}) for _ in range(2)]

    replayed = [one.last_response.headers.get("Idempotent-Replayed") for one in answers if one.last_response]
    assert answers[0].id == answers[1].id
    assert replayed == [None, "true"]


def test_the_api_asks_for_its_key_and_the_commands_for_json(simulator: Payments) -> None:
    assert urllib3.request("GET", f"{simulator.url}/v1/payment_intents").status == 401
    for path in ("/_sim/faults", "/_sim/clock", "/_sim/disputes"):
        assert urllib3.request("POST", simulator.url + path, body="{}").status == 415


@pytest.mark.parametrize("told", [{}, [], {"payment_intent": "pi_nobody"}, {"dispute": "dp_nobody", "status": "won"}])
def test_a_dispute_of_nothing_is_refused(simulator: Payments, told: Any) -> None:
    assert "error" in simulator.ask("POST", "/_sim/disputes", told)


def test_the_page_shows_payments_and_why_they_were_declined(simulator: Payments, key: str) -> None:
    payment = simulator.adapter().authorise(simulator.order("4000000000009979"), key=key)

    shown = urllib3.request("GET", simulator.url + "/").data.decode()

    assert payment.id in shown
    assert "stolen_card" in shown
    assert "4000000000009979" not in shown


def test_what_the_simulator_knows_outlives_its_end(tmp_path: Path, key: str) -> None:
    first = Payments(tmp_path)
    order = first.order()
    made = first.adapter().authorise(order, key=key)
    first.faults(fail={"on": "refund", "times": 3})
    first.stop()

    second = Payments(tmp_path)
    again, faults = second.adapter().authorise(order, key=key), second.ask("GET", "/_sim/faults")
    second.stop()

    assert again == made
    assert faults["fail"]["times"] == 3


def test_the_simulator_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "devstack.payments", "--port", "1", "--data", str(tmp_path)],
        env={"PAYMENTS_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert told.returncode != 0
    assert "PAYMENTS_WEBHOOK_SECRET" in told.stderr
