from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.ports import IssuedCard, IssuerRefusal, IssuerUnavailable
from backoffice.cards.reissue import calls, ordering
from tests.devstack.issuer.simulator import KEY, Simulator, request_for
from tests.factories import make_card
from tests.playing import open_card_case
from workflows.base.spec import Nothing


def test_the_same_key_orders_one_card(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    request = request_for(simulator.seed(), case_id=case_id)

    first, second = issuer.order(request, case_id), issuer.order(request, case_id)

    assert first == second
    assert simulator.cards_of(case_id) == [first.token]


def test_another_key_orders_another_card(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    request = request_for(simulator.seed(), case_id=case_id)

    issuer.order(request, case_id)
    issuer.order(request, f"{case_id}-2")

    assert len(simulator.cards_of(case_id)) == 2


def test_after_a_day_the_key_is_forgotten_but_the_order_can_be_found(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    request = request_for(simulator.seed(), case_id=case_id)
    first = issuer.order(request, case_id)

    simulator.advance(days=1.01)

    assert issuer.ordered(str(request.replaces), case_id) == issuer.look(first.token)
    assert issuer.order(request, case_id).token != first.token


@pytest.mark.django_db
def test_an_order_that_is_tried_again_after_a_day_makes_no_second_card(
    simulator: Simulator, issuer: StripeIssuer, settings: Settings
) -> None:
    settings.ISSUER_URL, settings.ISSUER_KEY = simulator.url, KEY
    case, now = open_card_case(make_card(issuer_token=simulator.seed())), datetime.now(UTC)
    issuer.order(ordering.order_request(case), "key")
    simulator.advance(days=1.01)

    calls.order_card(case=case, args=Nothing(), key="key", asked_at=now - timedelta(days=1.01), now=now)

    assert len(simulator.cards_of(str(case.id))) == 1


def test_a_repeated_answer_says_that_it_is_one(simulator: Simulator) -> None:
    token, library = simulator.seed(), simulator.library()

    answers = [
        library.v1.issuing.cards.update(token, {"status": "inactive"}, {"idempotency_key": token}) for _ in range(2)
    ]

    replayed = [answer.last_response.headers.get("Idempotent-Replayed") for answer in answers if answer.last_response]
    assert replayed == [None, "true"]


def test_the_same_key_with_another_request_is_refused(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    request = request_for(simulator.seed(), case_id=case_id)
    issuer.order(request, case_id)

    with pytest.raises(IssuerRefusal) as refusal:
        issuer.order(dataclasses.replace(request, case_id="another"), case_id)

    assert refusal.value.code == "idempotency_error"


def test_a_request_that_fits_no_rule_does_not_use_up_its_key(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    request = request_for(simulator.seed(), case_id=case_id)
    bad = dataclasses.replace(request, shipping=dataclasses.replace(request.shipping, city=""))
    with pytest.raises(IssuerRefusal):
        issuer.order(bad, case_id)

    assert issuer.order(request, case_id).case_id == case_id


def test_a_key_is_remembered_after_a_kill(own_simulator: Simulator, case_id: str) -> None:
    issuer = own_simulator.adapter()
    request = request_for(own_simulator.seed(), case_id=case_id)
    first = issuer.order(request, case_id)

    own_simulator.kill()
    own_simulator.start()

    assert issuer.order(request, case_id) == first
    assert own_simulator.cards_of(case_id) == [first.token]


def test_one_card_comes_of_an_order_that_was_done_but_not_answered(simulator: Simulator, case_id: str) -> None:
    issuer = simulator.adapter(read=0.4)
    request = request_for(simulator.seed(), case_id=case_id)
    simulator.faults(act_then_time_out={"on": "create"})

    with pytest.raises(IssuerUnavailable) as silence:
        issuer.order(request, case_id)
    made = simulator.cards_of(case_id)
    again = issuer.order(request, case_id)

    assert silence.value.reason == "no_answer_in_time"
    assert made == [again.token] == simulator.cards_of(case_id)


def test_one_card_comes_of_an_order_whose_issuer_was_killed_before_it_answered(
    own_simulator: Simulator, case_id: str
) -> None:
    issuer = own_simulator.adapter(read=20)
    request = request_for(own_simulator.seed(), case_id=case_id)
    own_simulator.faults(act_then_time_out={"on": "create"})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(issuer.order, request, case_id)
        while not own_simulator.cards_of(case_id):
            assert not waiting.done()

        own_simulator.kill()

        assert isinstance(waiting.exception(timeout=10), IssuerUnavailable)
    own_simulator.start()
    assert own_simulator.cards_of(case_id) == [issuer.order(request, case_id).token]


def test_the_library_repeats_an_unanswered_order_by_itself_with_the_same_key(
    simulator: Simulator, case_id: str
) -> None:
    simulator.faults(act_then_time_out={"on": "create"})

    card = simulator.adapter(read=0.4, retries=1).order(request_for(simulator.seed(), case_id=case_id), case_id)

    assert simulator.cards_of(case_id) == [card.token]


def test_the_same_key_many_times_at_once_orders_one_card(simulator: Simulator, case_id: str) -> None:
    issuer = simulator.adapter()
    request = request_for(simulator.seed(), case_id=case_id)
    simulator.faults(slow={"seconds": 0.4, "on": "create", "times": 8})

    def order(_: int) -> IssuedCard | str:
        try:
            return issuer.order(request, case_id)
        except IssuerUnavailable as busy:
            return busy.reason

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(order, range(8)))

    cards = [answer for answer in answers if isinstance(answer, IssuedCard)]
    assert {card.token for card in cards} == set(simulator.cards_of(case_id))
    assert len(simulator.cards_of(case_id)) == 1
    assert {answer for answer in answers if isinstance(answer, str)} <= {"http_409"}
