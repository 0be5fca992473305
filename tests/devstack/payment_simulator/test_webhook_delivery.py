"""What the simulator reports, read as the product reads it."""

from __future__ import annotations

import queue

import pytest

from backoffice.payments.provider.events import DisputeStatus, EventKind, ProviderEvent, read_event
from backoffice.payments.provider.ports import Decline, PaymentStatus, RefundStatus
from tests.devstack.payment_simulator.simulator import Payments
from tests.devstack.receiving import Receiver


def _next(receiver: Receiver) -> ProviderEvent:
    """The next event that the product knows."""
    while True:
        arrived = receiver.next()
        if (event := read_event(body=arrived.body, signature=arrived.signature)) is not None:
            return event


def _of(receiver: Receiver, number: int) -> dict[EventKind, ProviderEvent]:
    events = [_next(receiver) for _ in range(number)]
    return {event.kind: event for event in events}


def test_each_step_of_a_payment_is_reported_with_our_key(own_simulator: Payments, receiver: Receiver, key: str) -> None:
    provider = own_simulator.adapter()

    payment = provider.authorise(own_simulator.order(amount=1250, currency="KWD"), key=key)
    provider.capture(payment.id, key=f"{key}-2", amount=1000)
    provider.refund(payment.id, key=f"{key}-3", amount=400)

    events = _of(receiver, 4)
    made = events.pop(EventKind.REFUND_MADE)
    assert made.refund is not None
    assert (made.payment, made.refund.key, made.refund.amount) == (payment.id, f"{key}-3", 400)
    assert {kind: event.amount for kind, event in events.items()} == {
        EventKind.AUTHORISED: 1250,
        EventKind.CAPTURED: 1000,
        EventKind.REFUNDED: 400,
    }
    assert {(event.payment, event.key, event.currency) for event in events.values()} == {(payment.id, key, "KWD")}


def test_a_decline_and_a_release_are_reported(own_simulator: Payments, receiver: Receiver, key: str) -> None:
    provider = own_simulator.adapter()

    declined = provider.authorise(own_simulator.order("4000000000009979"), key=key)
    provider.cancel(declined.id, key=f"{key}-2")

    events = _of(receiver, 2)
    assert events[EventKind.DECLINED].decline is Decline.STOLEN
    assert events[EventKind.CANCELED].payment == declined.id


def test_a_payment_on_the_hosted_card_that_is_always_disputed_is_reported_so(
    own_simulator: Payments, receiver: Receiver, key: str
) -> None:
    provider = own_simulator.adapter()
    payment = provider.authorise(own_simulator.order("4000000000000259"), key=key)
    provider.capture(payment.id, key=f"{key}-2")

    events = _of(receiver, 4)

    dispute = events[EventKind.DISPUTED].dispute
    assert dispute is not None
    assert (dispute.status, dispute.amount, dispute.reason) == (DisputeStatus.NEEDS_ANSWER, 1250, "fraudulent")
    assert events[EventKind.MONEY_WITHDRAWN].payment == payment.id


@pytest.mark.parametrize(("status", "number"), [("won", 2), ("lost", 1)])
def test_a_dispute_is_closed_by_command(
    own_simulator: Payments, receiver: Receiver, key: str, status: str, number: int
) -> None:
    provider = own_simulator.adapter()
    payment = provider.authorise(own_simulator.order(), key=key)
    provider.capture(payment.id, key=f"{key}-2")
    dispute = own_simulator.ask("POST", "/_sim/disputes", {"payment_intent": payment.id, "reason": "general"})["id"]
    _of(receiver, 4)

    own_simulator.ask("POST", "/_sim/disputes", {"dispute": dispute, "status": status})

    events = _of(receiver, number)
    closed = events[EventKind.DISPUTE_CLOSED].dispute
    assert closed is not None
    assert closed.status == DisputeStatus(status)
    assert (EventKind.MONEY_REINSTATED in events) is (status == "won")


def test_a_refund_is_made_by_hand_and_does_not_arrive(own_simulator: Payments, receiver: Receiver, key: str) -> None:
    provider = own_simulator.adapter()
    payment = provider.authorise(own_simulator.order(), key=key)
    provider.capture(payment.id, key=f"{key}-2")
    _of(receiver, 2)
    made = own_simulator.ask("POST", "/_sim/refunds", {"payment_intent": payment.id, "amount": 500})["id"]
    told = _of(receiver, 2)[EventKind.REFUND_MADE].refund
    assert told is not None
    assert (told.id, told.key, told.status) == (made, "", RefundStatus.DONE)

    own_simulator.ask("POST", "/_sim/refunds", {"refund": made, "status": "failed"})

    failed = _of(receiver, 2)[EventKind.REFUND_FAILED].refund
    assert failed is not None
    assert failed.status is RefundStatus.FAILED
    assert [one.status for one in provider.refunds(payment.id)] == [RefundStatus.FAILED]
    assert "error" in own_simulator.ask("POST", "/_sim/refunds", {"refund": made, "status": "failed"})


def test_an_event_is_sent_until_it_is_taken_and_may_come_twice_under_one_id(
    own_simulator: Payments, receiver: Receiver, key: str
) -> None:
    receiver.answers.extend([500])
    own_simulator.faults(twice={"times": 2})

    own_simulator.adapter().authorise(own_simulator.order(), key=key)

    arrived = [receiver.next().event for _ in range(5)]
    kinds = {"payment_intent.created", "payment_intent.amount_capturable_updated"}
    assert {event["type"] for event in arrived} == kinds
    assert len({event["id"] for event in arrived}) == 2


def test_a_late_event_is_passed_by_others(own_simulator: Payments, receiver: Receiver, key: str) -> None:
    provider = own_simulator.adapter()
    payment = provider.authorise(own_simulator.order(), key=key)
    _of(receiver, 1)
    own_simulator.faults(late={"seconds": 0.8})

    provider.capture(payment.id, key=f"{key}-2")
    provider.refund(payment.id, key=f"{key}-3")

    arrived = [_next(receiver).kind for _ in range(3)]
    assert set(arrived[:2]) == {EventKind.REFUND_MADE, EventKind.REFUNDED}
    assert arrived[2] is EventKind.CAPTURED


def test_a_lost_event_is_made_up_for_by_looking(own_simulator: Payments, receiver: Receiver, key: str) -> None:
    provider = own_simulator.adapter()
    own_simulator.faults(drop={"times": 2})

    payment = provider.authorise(own_simulator.order(), key=key)

    with pytest.raises(queue.Empty):
        receiver.next(within=0.2)
    assert provider.look(payment.id).status is PaymentStatus.AUTHORISED
