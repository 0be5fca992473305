"""The fraud of the story is looked into again each time that the story is played."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from backoffice.suspicions import deciding, receiving, warning
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import GroupState, Source, Suspicion
from backoffice.trust import warnings
from demo import frauds
from demo.story.strange import NUMBER, SAID, WARNING
from tests.factories import make_customer, now
from tests.playing import customer_actor
from tests.suspicions.conftest import analyst, held_by

pytestmark = pytest.mark.django_db


def _reported() -> Suspicion:
    customer = make_customer()
    incoming = receiving.Incoming(
        reported=Reported(text=SAID, sender=NUMBER, channel="call", is_on_now=True),
        key=uuid.uuid4(),
        source=Source.PORTAL,
        customer=customer,
        origin=str(customer.public_id),
    )
    group = receiving.receive(incoming=incoming, by=customer_actor(customer), now=now()).group
    assert group is not None
    return group


def _decide(group: Suspicion) -> None:
    words = warning.Words(words=WARNING, number=NUMBER.replace(" ", ""), until=now() + timedelta(days=30))
    deciding.confirm(**held_by(analyst(), group), reason="The caller wanted a code.", words=words)


def test_what_an_earlier_story_decided_is_reported_anew() -> None:
    first = _reported()
    _decide(first)
    assert _reported() == first

    frauds.let_rest(now=now())

    assert list(warnings.current(now=now())) == []
    again = _reported()
    assert again != first
    assert again.state == GroupState.WAITING


def test_what_still_waits_takes_the_next_report() -> None:
    first = _reported()

    frauds.let_rest(now=now())

    assert _reported() == first
