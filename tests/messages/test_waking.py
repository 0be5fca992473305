"""One run of a sender serves many urgent commits, and none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from celery.signals import after_task_publish
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from backoffice.actors import system
from backoffice.customers.models import Customer
from backoffice.messages import waking
from backoffice.messages.models import Message, MessageState
from backoffice.messages.tasks import send_due
from backoffice.messages.telling import tell
from tests.factories import make_customer
from tests.messages.conftest import Post, free_port
from tests.messages.telling import written

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer() -> Customer:
    cache.clear()
    return make_customer()


@pytest.fixture
def wakes() -> Iterator[list[str]]:
    """What was published to the broker."""
    published: list[str] = []

    def note(sender: str = "", **_more: Any) -> None:
        published.append(sender)

    after_task_publish.connect(note)
    yield published
    after_task_publish.disconnect(note)


def tell_urgently(customer: Customer, *, urgent: bool = True) -> Message:
    (message,) = written(
        tell,
        customer=customer,
        case_id=uuid4(),
        case_reference="K7Q-4MX-2",
        template="card_blocked",
        context={},
        urgent=urgent,
        by=system(),
        now=timezone.now(),
    )
    return message


def test_many_urgent_commits_wake_a_sender_once(customer: Customer, wakes: list[str]) -> None:
    for _commit in range(5):
        tell_urgently(customer)

    assert wakes == [waking.SEND_DUE]


def test_what_is_not_urgent_or_not_committed_wakes_nobody(customer: Customer, wakes: list[str]) -> None:
    tell_urgently(customer, urgent=False)
    with transaction.atomic():
        tell_urgently(customer)
        transaction.set_rollback(True)

    assert wakes == []


def test_who_commits_after_the_look_wakes_anew(customer: Customer, wakes: list[str], post: Post) -> None:
    tell_urgently(customer)
    send_due()

    tell_urgently(customer)

    assert wakes == [waking.SEND_DUE] * 2


def test_who_commits_while_a_sender_sends_is_served_by_the_same_pass(
    customer: Customer, wakes: list[str], post: Post
) -> None:
    tell_urgently(customer)
    later: list[Message] = []

    def commit() -> None:
        if not later:
            later.append(tell_urgently(customer))

    post.at_each_mail = commit
    send_due()

    assert wakes == [waking.SEND_DUE]
    assert Message.objects.get(pk=later[0].pk).state == MessageState.SENT


def test_a_sender_that_died_holds_nobody_up_for_long(customer: Customer, wakes: list[str]) -> None:
    waking.sender_will_look_again()
    assert 0 < waking.FADES_AFTER <= 3, "as often as the sweep comes"

    cache.delete(waking.WOKEN)  # As the cache does it itself then.
    tell_urgently(customer)

    assert wakes == [waking.SEND_DUE]


def test_without_the_cache_each_urgent_commit_wakes_a_sender(
    customer: Customer, wakes: list[str], post: Post, settings: Settings
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nowhere}}

    messages = [tell_urgently(customer) for _commit in range(2)]
    send_due()

    assert wakes == [waking.SEND_DUE] * 2
    assert {Message.objects.get(pk=message.pk).state for message in messages} == {MessageState.SENT}
