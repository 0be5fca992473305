"""Orders of a merchant's machine at the API: the same rules and words as in the console, and nothing of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.http import HttpResponse

from backoffice.payments.agents import tokens
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.voice.models import MoneyState, VoicePayment
from tests.api.conftest import Api, said
from tests.factories import make_customer, make_staff, now
from tests.payments.agents.companies import confirmed
from tests.payments.making import make_agent, make_card_on_file, make_shop, make_voice_payment
from tests.payments.voice.ordered import TULIPS, phone_of
from workflows.voice_payment.spec import PaymentStage

pytestmark = pytest.mark.django_db
ORDERS = "voice_payment/orders"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def merchant() -> Merchant:
    return make_shop()


@pytest.fixture
def machine(merchant: Merchant) -> Api:
    api = Api(None)
    made = tokens.make_token(merchant=merchant, name="web shop", by=confirmed(merchant), now=now())
    api.headers = {"authorization": f"Token {made.clear}"}
    return api


def content(**fields: Any) -> dict[str, Any]:
    customer = make_customer(days=4000)
    card = make_card_on_file(customer)
    told = {"amount": 25, "what_for": TULIPS, "phone": phone_of(customer), "card": str(card.public_id)}
    return {**told, "mode": "call_out", "key": "order-1", **fields}


def test_a_machine_orders_once_by_its_key_and_reads_how_it_stands(machine: Api) -> None:
    order = content()

    first, again = machine.post(ORDERS, order), machine.post(ORDERS, order)

    assert (first.status_code, again.status_code) == (201, 200)
    assert VoicePayment.objects.count() == 1
    told = said(machine.get(f"{ORDERS}/{said(first)['reference']}"))
    assert (told["amount"], told["currency"], told["says"], told["is_paid"]) == ("25.00", "EUR", "Ordered", False)
    assert order["phone"] not in str(told)


def test_an_order_whose_key_could_be_a_card_number_is_ordered_once_and_the_key_is_not_kept(machine: Api) -> None:
    order = content(key="4111111111111111")

    first, again = machine.post(ORDERS, order), machine.post(ORDERS, order)

    assert (first.status_code, again.status_code) == (201, 200)
    assert "4111111111111111" not in VoicePayment.objects.get().case.opening_key


def test_how_far_an_order_is_stands_there_as_a_code_and_in_words(machine: Api, merchant: Merchant) -> None:
    payment = make_voice_payment(agent=make_agent(merchant))
    one, read = f"{ORDERS}/{payment.case.reference}", []
    for stage in ("", *PaymentStage):
        payment.case.stage = stage
        payment.case.save()
        told = said(machine.get(one))
        read.append((told["stage"], told["stage_words"]))

    assert read[0] == ("", "Ordered")
    assert ("capturing", "Keying in") in read
    assert all(words and words != code for code, words in read)


def test_the_schema_names_each_field_of_an_order_and_each_stage_in_words(machine: Api, tmp_path: Path) -> None:
    written = tmp_path / "schema.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(written))
    schema = json.loads(written.read_text())
    shape = schema["components"]["schemas"]["OrderShape"]

    told = said(machine.get(f"{ORDERS}/{said(machine.post(ORDERS, content()))['reference']}"))

    assert set(told) == set(shape["properties"])
    assert "`capturing` - Keying in" in str(shape["properties"]["stage"])
    asked = schema["paths"][f"/api/v1/{ORDERS}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"key", "amount", "what_for", "phone", "mode"} <= set(asked["required"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"key": None}, "key"),
        ({"amount": "0"}, "amount"),
        ({"amount": "25.001"}, "amount"),
        ({"amount": "9999999"}, "amount"),
        ({"card": "1f7e1c52-6f3e-4f5c-8f5e-000000000000"}, "phone"),
        ({"card": None}, "last_four"),
        ({"phone": "a shop"}, "phone"),
        ({"mode": "by_mail"}, "mode"),
        ({"mode": "same_call"}, "mode"),
    ],
)
def test_what_is_wrong_is_said_on_its_field_and_nothing_is_ordered(
    machine: Api, wrong: dict[str, Any], field: str
) -> None:
    refused = machine.post(ORDERS, content(**wrong))

    assert refused.status_code in (400, 409)
    assert field in fields_of(refused)
    assert not VoicePayment.objects.exists()


def fields_of(refused: HttpResponse) -> list[str]:
    answer = said(refused)
    return list(answer.get("errors", {})) or [answer["field"]]


def _statuses(api: Api, reference: str) -> list[int]:
    one = f"{ORDERS}/{reference}"
    answers: list[HttpResponse] = [api.get(one)]
    answers += [api.post(f"{one}/change", {"amount": "1", "what_for": "tulips"}), api.post(f"{one}/cancel")]
    answers += [api.post(f"{one}/delivery", {"delivered": True})]
    return [answer.status_code for answer in answers]


def test_another_merchants_order_is_unknown_and_nobody_elses_token_orders(machine: Api) -> None:
    theirs = make_voice_payment().case.reference
    staff, anybody = Api(make_staff()), Api(None)

    assert _statuses(machine, theirs) == [404] * 4
    assert _statuses(staff, theirs) == [403] * 4
    assert _statuses(anybody, theirs) == [401] * 4
    assert staff.post(ORDERS, content()).status_code == 403
    assert not VoicePayment.objects.exclude(case__reference=theirs).exists()


def test_a_machine_changes_calls_off_and_tells_the_delivery(machine: Api, merchant: Merchant) -> None:
    agent = make_agent(merchant)
    open_one, paid = make_voice_payment(agent=agent), make_voice_payment(agent=agent, money=MoneyState.CAPTURED)
    one, other = f"{ORDERS}/{open_one.case.reference}", f"{ORDERS}/{paid.case.reference}"

    changed = said(machine.post(f"{one}/change", {"amount": "30.00", "what_for": "three bunches"}))
    off = said(machine.post(f"{one}/cancel"))
    delivered = said(machine.post(f"{other}/delivery", {"delivered": True}))
    too_late = machine.post(f"{other}/change", {"amount": "31.00", "what_for": "tulips"})
    unclear = machine.post(f"{other}/delivery", {"delivered": "perhaps"})

    assert (changed["amount"], changed["version"]) == ("30.00", 2)
    assert off["says"] == "It is being stopped"
    assert (delivered["delivery"], delivered["says"]) == ("fulfilled", "Paid, and delivered")
    assert too_late.status_code == 409
    assert fields_of(unclear) == ["delivered"]
