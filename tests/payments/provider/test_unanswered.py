"""Whatever goes wrong on the way: a card is charged once, and we know what we do not know."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice.payments.provider import stripe_payments
from backoffice.payments.provider.ports import (
    NoAnswer,
    NotSent,
    Payment,
    PaymentStatus,
    ProviderFailed,
    ProviderRefused,
    Refund,
    Refusal,
)
from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import Payments, new_key
from tests.devstack.serving import Served, free_port
from tests.waiting import until

WRONG_KEY = "sk_test_" + "of_nobody"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_payment_that_was_made_without_an_answer_is_found_and_charged_once(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    order = simulator.order()
    simulator.faults(act_then_time_out={"seconds": 0.1, "on": "authorise"})

    with pytest.raises(NoAnswer) as silence:
        provider.authorise(order, key=key)
    found, again = provider.find(key=key, since=SINCE), provider.authorise(order, key=key)

    assert silence.value.reason == "connection"
    assert found == again
    assert again.status is PaymentStatus.AUTHORISED
    assert simulator.payments_under(key) == ["requires_capture"]


def test_a_slow_provider_has_not_answered_and_the_same_key_is_charged_once(simulator: Payments, key: str) -> None:
    order = simulator.order()
    simulator.faults(slow={"seconds": 0.6, "on": "authorise"})

    with pytest.raises(NoAnswer) as silence:
        simulator.adapter(read=0.1).authorise(order, key=key)
    with pytest.raises(NoAnswer) as in_progress:
        simulator.adapter().authorise(order, key=key)

    assert (silence.value.reason, in_progress.value.reason) == ("no_answer_in_time", "http_409")
    assert until(lambda: simulator.payments_under(key) == ["requires_capture"])
    assert simulator.adapter().authorise(order, key=key).status is PaymentStatus.AUTHORISED
    assert simulator.payments_under(key) == ["requires_capture"]


def test_a_payment_that_the_provider_made_and_called_a_failure_is_found(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    order = simulator.order()
    simulator.faults(act_then_fail={"on": "authorise"})

    for _ in range(2):
        with pytest.raises(NoAnswer) as failure:
            provider.authorise(order, key=key)
        assert failure.value.reason == "http_500"

    found = provider.find(key=key, since=SINCE)
    assert found is not None
    assert found.status is PaymentStatus.AUTHORISED
    assert simulator.payments_under(key) == ["requires_capture"]


def test_a_payment_that_failed_before_it_was_made_can_be_made_under_the_same_key(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    order = simulator.order()
    simulator.faults(fail={"status": 503, "on": "authorise"})

    with pytest.raises(NoAnswer):
        provider.authorise(order, key=key)

    assert provider.find(key=key, since=SINCE) is None
    assert provider.authorise(order, key=key).status is PaymentStatus.AUTHORISED


def test_the_same_key_many_times_at_once_charges_once(simulator: Payments, provider: StripePayments, key: str) -> None:
    order = simulator.order()
    simulator.faults(slow={"seconds": 0.1, "on": "authorise", "times": 8})

    def authorise(_: int) -> Payment | str:
        try:
            return provider.authorise(order, key=key)
        except NoAnswer as busy:
            return busy.reason

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(authorise, range(8)))

    assert len({one.id for one in answers if isinstance(one, Payment)}) == 1
    assert {one for one in answers if isinstance(one, str)} <= {"http_409"}
    assert simulator.payments_under(key) == ["requires_capture"]


def test_the_same_key_with_another_amount_is_refused(simulator: Payments, provider: StripePayments, key: str) -> None:
    order = simulator.order(amount=1000)
    provider.authorise(order, key=key)

    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(replace(order, amount=1001), key=key)

    assert refused.value.because is Refusal.KEY_USED
    assert simulator.payments_under(key) == ["requires_capture"]


def test_after_a_day_the_key_is_forgotten_and_the_payment_is_found(own_simulator: Payments, key: str) -> None:
    provider = own_simulator.adapter()
    first = provider.authorise(own_simulator.order(), key=key)

    own_simulator.advance(days=1.01)

    assert provider.find(key=key, since=first.created) == first


def test_a_payment_is_found_on_any_page_and_only_since_then(
    own_simulator: Payments, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_payments, "A_PAGE", 3)
    provider, customer = own_simulator.adapter(), own_simulator.library.v1.customers.create().id
    first = provider.authorise(own_simulator.order(), key=key)
    order = own_simulator.order(customer=customer)
    provider.save_card(order.card, customer=customer, key=f"{key}-card")
    for number in range(8):
        provider.authorise(order, key=f"{key}-{number}")

    assert provider.find(key=key, since=first.created) == first
    assert provider.find(key=key, since=first.created + timedelta(days=1)) is None
    assert provider.find(key=key, since=first.created, customer=customer) is None
    assert provider.find(key=f"{key}-7", since=first.created, customer=customer) is not None


def test_what_may_be_among_too_many_payments_is_not_said_to_be_nowhere(
    own_simulator: Payments, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_payments, "MOST_LISTED", 2)
    provider = own_simulator.adapter()
    for number in range(3):
        provider.authorise(own_simulator.order(), key=f"{key}-{number}")

    with pytest.raises(NoAnswer) as unsure:
        provider.find(key=key, since=SINCE)

    assert unsure.value.reason == "too_many_payments"


@pytest.mark.parametrize("step", ["capture", "cancel", "refund"])
def test_a_step_that_was_done_without_an_answer_is_done_once(
    simulator: Payments, provider: StripePayments, key: str, step: str
) -> None:
    payment = provider.authorise(simulator.order(amount=1000), key=key)
    if step == "refund":
        provider.capture(payment.id, key=f"{key}-capture")
    simulator.faults(act_then_time_out={"seconds": 0.1, "on": step})
    steps: dict[str, Callable[..., Payment | Refund]]
    steps = {"capture": provider.capture, "cancel": provider.cancel, "refund": provider.refund}
    do = steps[step]

    with pytest.raises(NoAnswer):
        do(payment.id, key=f"{key}-{step}")
    again = do(payment.id, key=f"{key}-{step}")

    if isinstance(again, Payment):
        assert provider.look(payment.id) == again
    else:
        assert list(provider.refunds(payment.id)) == [again]


@pytest.mark.parametrize(
    ("status", "failed", "reason"),
    [
        (500, NoAnswer, "http_500"),
        (409, NoAnswer, "http_409"),
        (429, NotSent, "busy"),
        (403, NotSent, "key_not_accepted"),
    ],
)
def test_what_was_surely_not_done_is_told_from_what_nobody_knows(
    simulator: Payments, provider: StripePayments, key: str, status: int, failed: type[ProviderFailed], reason: str
) -> None:
    order = simulator.order()
    simulator.faults(fail={"status": status})

    with pytest.raises(failed) as failure:
        provider.authorise(order, key=key)

    assert failure.value.reason == reason
    assert failure.value.__suppress_context__


FAULTS: list[dict[str, Any]] = [
    {},
    {"fail": {"status": 503}},
    {"fail": {"status": 429}},
    {"act_then_time_out": {"seconds": 0}},
    {"act_then_fail": {}},
]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
def test_whatever_goes_wrong_in_whatever_order_there_is_one_payment_under_a_key(
    simulator: Payments, provider: StripePayments, faults: list[dict[str, Any]]
) -> None:
    key, order, answers = new_key(), simulator.order(), []

    for fault in faults:
        simulator.ask("DELETE", "/_sim/faults")
        simulator.faults(**fault)
        try:
            answers.append(provider.authorise(order, key=key))
        except (NoAnswer, NotSent):
            answers += [found] if (found := provider.find(key=key, since=SINCE)) else []

    simulator.ask("DELETE", "/_sim/faults")
    if not answers:
        answers.append(provider.authorise(order, key=key))
    assert {one.id for one in answers} == {answers[0].id}
    assert simulator.payments_under(key) == ["requires_capture"]


@pytest.mark.parametrize("answer", [b"", b"<html>Bad gateway", b"[]", b"{}", b'{"object": "payment_intent", "id": 1}'])
def test_an_answer_that_is_not_the_providers_is_none(simulator: Payments, key: str, answer: bytes) -> None:
    order = simulator.order()

    async def say(_: Request) -> Response:
        return Response(answer)

    other = Served(lambda: Starlette(routes=[Route("/{rest:path}", say, methods=["GET", "POST"])]))
    provider = StripePayments(key="sk_test_x", url=other.url)
    try:
        asked: list[Callable[[], object]] = [
            lambda: provider.authorise(order, key=key),
            lambda: provider.find(key=key, since=SINCE),
            lambda: provider.refund("pi_1", key=key),
            lambda: provider.verify(order.card, key=key),
            lambda: provider.saved_cards("cus_1"),
            lambda: provider.look_at_page("cs_1"),
        ]
        for ask in asked:
            with pytest.raises(NoAnswer):
                ask()
    finally:
        other.stop()


def test_a_provider_that_is_not_there_was_sent_nothing(simulator: Payments, key: str) -> None:
    nobody = StripePayments(key="sk_test_x", url=f"http://127.0.0.1:{free_port()}", connect=1, read=1)

    with pytest.raises(NotSent) as failure:
        nobody.authorise(simulator.order(), key=key)

    assert failure.value.reason == "connection"


def test_nothing_of_a_request_is_logged_or_in_a_failure(
    own_simulator: Payments, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider, order = own_simulator.adapter(), own_simulator.order(security_code="cvctok_unheard_of")

    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(order, key=key)
    with pytest.raises(NotSent) as not_accepted:
        own_simulator.adapter(key=WRONG_KEY).look("pi_1")

    told = caplog.text + "".join(
        traceback.format_exception(refused.value) + traceback.format_exception(not_accepted.value)
    )
    assert "does not accept our key" in told
    for secret in ("cvctok_unheard_of", order.card, WRONG_KEY, "1250"):
        assert secret not in told
