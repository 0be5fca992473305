"""What an agent may order, in their words and on the right field; and what they may not learn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.actors import Actor, ActorKind
from backoffice.cases import timeline_view
from backoffice.cases.models import Case, Event
from backoffice.payments.merchants.models import MerchantState
from backoffice.payments.voice import ordering
from backoffice.payments.voice.models import VoicePayment
from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from backoffice.trust.limits import Limit
from tests.factories import make_customer
from tests.payments.making import make_agent, make_card_on_file, make_shop
from tests.payments.voice.ordered import NOON, as_agent, order, phone_of

pytestmark = pytest.mark.django_db


def test_an_order_names_the_card_on_file_that_ends_so() -> None:
    customer = make_customer(days=4000)
    card = make_card_on_file(customer)
    agent = make_agent()

    payment = order(agent, customer)

    assert (payment.card, payment.last_four, payment.merchant, payment.case.customer) == (
        card, "4242", agent.merchant, customer,
    )  # fmt: skip
    assert payment.case.subject == f"{agent.merchant.trading_name} ····4242"
    assert order(agent, customer, card=str(card.public_id), last_four="").card == card


def test_staff_read_which_agent_of_which_merchant_ordered() -> None:
    agent = make_agent(name="Sanne")
    case = order(agent, make_customer(days=4000)).case

    read = timeline_view.lines(Event.objects.filter(case=case), [case], reader=timeline_view.Reader.STAFF)

    assert f"Sanne ({agent.merchant.trading_name})" in {line.who for line in read}
    assert agent.name not in str(
        timeline_view.lines(Event.objects.filter(case=case), [case], reader=timeline_view.Reader.CUSTOMER)
    )


def test_without_such_a_card_all_of_it_is_keyed_in() -> None:
    payment = order(customer=make_customer(days=4000), last_four="0005")

    assert (payment.card, payment.last_four) == (None, "0005")


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"amount": "0"}, "amount", "more than zero"),
        ({"amount": "-5"}, "amount", "without a sign"),
        ({"amount": "500.01"}, "amount", "at most 500.00 EUR"),
        ({"amount": "1.255"}, "amount", "decimals"),
        ({"what_for": ""}, "what_for", "Say what it is for"),
        ({"what_for": "tulips <script>"}, "what_for", "cannot be read out"),
        ({"what_for": "ring 0612345678"}, "what_for", "five digits"),
        ({"last_four": "42"}, "last_four", "exactly the last four"),
        ({"last_four": ""}, "last_four", "or its token"),
        ({"last_four": "4242 4242 4242 4242"}, "last_four", ""),
        ({"card": "not-a-token"}, "card", ""),
        ({"phone": "12"}, "phone", "not a telephone number"),
        ({"mode": "by_mail"}, "mode", ""),
    ],
    ids=lambda one: next(iter(one.items()))[1] if isinstance(one, dict) else None,
)
def test_a_bad_order_is_refused_on_its_field(data: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        order(**data)

    assert says in " ".join(refused.value.errors[field])
    assert not VoicePayment.objects.exists()


def test_whose_number_it_is_an_agent_does_not_learn() -> None:
    """The same sentence where nobody has the number, and where the token is another customer's."""
    known, foreign = make_customer(days=4000), make_card_on_file()
    said = []
    tries: tuple[dict[str, Any], ...] = (
        {"phone": "+12025550199", "last_four": "4242"},
        {"phone": phone_of(known), "last_four": "", "card": str(foreign.public_id)},
    )
    for data in tries:
        with pytest.raises(Invalid) as refused:
            order(**data)
        said.append(refused.value.errors)

    assert said[0] == said[1] == {"phone": [str(ordering.NO_MATCH)]}


def test_numbers_are_not_found_out_by_trying() -> None:
    """Once too many were wrong, the right ones ring nobody either: else a refusal would tell them apart."""
    agent, customer = make_agent(), make_customer(days=4000)
    make_card_on_file(customer)
    refusals: list[type[Refused]] = []
    for _try in range(ordering.WRONG_STRANDS.times + 1):
        with pytest.raises(Refused) as refused:
            order(agent, phone="+12025550199")
        refusals.append(refused.type)

    assert refusals[-2:] == [Invalid, ordering.TooManyTries]
    with pytest.raises(ordering.TooManyTries):
        order(agent, customer)
    assert order(make_agent(agent.merchant), customer)


def test_nor_by_one_agent_after_the_other_of_a_merchant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "WRONG_STRANDS_OF_MERCHANT", Limit("few", 2, timedelta(hours=1)))
    merchant, customer = make_shop(), make_customer(days=4000)
    make_card_on_file(customer)
    for _agent in range(2):
        with pytest.raises(Invalid):
            order(make_agent(merchant), phone="+12025550199")

    with pytest.raises(ordering.TooManyTries):
        order(make_agent(merchant), customer)


def test_a_suspended_merchant_orders_nothing_and_is_told_so() -> None:
    with pytest.raises(Conflict, match="suspended"):
        order(make_agent(make_shop(state=MerchantState.SUSPENDED)))

    assert not Case.objects.filter(process="voice_payment").exists()


def test_a_removed_agent_and_anybody_else_order_nothing() -> None:
    removed = make_agent(removed_at=NOON, removed_by="them")
    with pytest.raises(Forbidden):
        order(removed)
    agent = make_agent()
    for stranger in (as_agent(make_agent()), Actor(kind=ActorKind.OUTSIDE, id="detector")):
        with pytest.raises(Forbidden):
            ordering.order(agent=agent, data={}, key="1", by=stranger, now=NOON)


def test_one_key_is_one_order_and_another_content_under_it_is_refused() -> None:
    agent, customer = make_agent(), make_customer(days=4000)
    make_card_on_file(customer)
    first = order(agent, customer, key="a-1")

    assert order(agent, customer, key="a-1") == first
    with pytest.raises(Conflict):
        order(agent, customer, key="a-1", amount="26.00")


def test_who_has_no_telephone_cannot_stay_on_the_line() -> None:
    with pytest.raises(Conflict) as refused:
        order(make_agent(telephone=""), mode="same_call")

    assert refused.value.field == "mode"
