from __future__ import annotations

import queue

import pytest
from django.utils import timezone

from backoffice.cards.adapters.stripe_issuing import read_webhook
from backoffice.cards.models import Shipping
from backoffice.cards.ports import EventKind, IssuerEvent, IssuerStatus
from tests.devstack.issuer.simulator import Simulator, request_for
from tests.devstack.receiving import Receiver


def _next(receiver: Receiver) -> IssuerEvent:
    arrived = receiver.next()
    return read_webhook(body=arrived.body, signature=arrived.signature)


def test_an_order_and_its_letter_are_reported(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    old = own_simulator.seed()

    new = own_simulator.adapter().order(request_for(old, case_id=case_id), case_id)
    own_simulator.library().v1.test_helpers.issuing.cards.ship_card(new.token)

    events = sorted((_next(receiver) for _ in range(3)), key=lambda event: (event.token != old, event.sequence))
    assert [(e.kind, e.token, e.status, e.shipping) for e in events] == [
        (EventKind.CARD_UPDATED, old, IssuerStatus.CANCELED, Shipping.NONE),
        (EventKind.CARD_CREATED, new.token, IssuerStatus.INACTIVE, Shipping.PENDING),
        (EventKind.CARD_UPDATED, new.token, IssuerStatus.INACTIVE, Shipping.SHIPPED),
    ]
    assert events[1].case_id == case_id
    assert abs((timezone.now() - events[1].created).total_seconds()) < 60


def test_an_event_is_sent_until_it_is_taken(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    receiver.answers.extend([500, 404])

    own_simulator.adapter().block(own_simulator.seed(), case_id)

    assert len({_next(receiver).id for _ in range(3)}) == 1
    with pytest.raises(queue.Empty):
        receiver.next(within=2.5)


def test_an_event_that_was_not_taken_is_sent_after_a_kill(
    own_simulator: Simulator, receiver: Receiver, case_id: str
) -> None:
    receiver.answers.append(503)
    own_simulator.adapter().block(own_simulator.seed(), case_id)
    before = _next(receiver)

    own_simulator.kill()
    own_simulator.start()

    assert _next(receiver) == before


def test_an_event_may_come_twice_under_one_id(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    own_simulator.faults(twice={})

    own_simulator.adapter().block(own_simulator.seed(), case_id)

    assert _next(receiver) == _next(receiver)


def test_an_event_may_come_late(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    issuer, late, other = own_simulator.adapter(), own_simulator.seed(), own_simulator.seed()
    own_simulator.faults(late={"seconds": 1})

    issuer.block(late, f"{case_id}-1")
    issuer.block(other, f"{case_id}-2")

    assert [_next(receiver).token, _next(receiver).token] == [other, late]


def test_an_event_out_of_order_is_put_right_by_its_sequence(
    own_simulator: Simulator, receiver: Receiver, case_id: str
) -> None:
    token = own_simulator.adapter().order(request_for(own_simulator.seed(), case_id=case_id), case_id).token
    created = [_next(receiver), _next(receiver)]
    own_simulator.faults(out_of_order={})
    letters = own_simulator.library().v1.test_helpers.issuing.cards

    letters.ship_card(token)
    letters.deliver_card(token)

    arrived = [_next(receiver), _next(receiver)]
    assert [event.shipping for event in arrived] == [Shipping.DELIVERED, Shipping.SHIPPED]
    assert max(arrived, key=lambda event: event.sequence).shipping is Shipping.DELIVERED
    assert {event.id for event in created}.isdisjoint(event.id for event in arrived)


def test_a_dropped_event_is_seen_by_looking(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    issuer, token, other = own_simulator.adapter(), own_simulator.seed(), own_simulator.seed()
    own_simulator.faults(drop={})

    issuer.block(token, f"{case_id}-1")
    issuer.block(other, f"{case_id}-2")

    assert _next(receiver).token == other
    with pytest.raises(queue.Empty):
        receiver.next(within=0.5)
    assert issuer.look(token).status is IssuerStatus.INACTIVE


def test_a_change_that_changes_nothing_is_no_event(own_simulator: Simulator, receiver: Receiver, case_id: str) -> None:
    issuer, token = own_simulator.adapter(), own_simulator.seed()

    issuer.block(token, f"{case_id}-1")
    issuer.block(token, f"{case_id}-2")
    issuer.unblock(token, f"{case_id}-3")

    told = {_next(receiver).status, _next(receiver).status}
    assert told == {IssuerStatus.INACTIVE, IssuerStatus.ACTIVE}, "two events, in any order"
