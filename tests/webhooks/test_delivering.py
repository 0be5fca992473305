"""A message reaches its partner signed, at least once, over three days; and what does not is a matter for people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from backoffice.celery import app as celery_app
from backoffice.refusals import Conflict
from backoffice.webhooks import delivering, outbound, sending
from backoffice.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint, OffReason
from tests.webhooks.receiving import Partner, make_endpoint

pytestmark = pytest.mark.django_db


def send(endpoint: Endpoint, key: str = "k", **told: Any) -> Delivery:
    content: dict[str, Any] = {"kind": "hold.asked", "payload": {"mandate": "M1"}, "now": timezone.now()}
    return sending.send(endpoint=endpoint, key=key, **(content | told))


def fresh(key: str = "k") -> Delivery:
    found = sending.status(key)
    assert found is not None
    return found


def due_now() -> None:
    Delivery.objects.update(next_at=timezone.now())


def test_a_message_arrives_signed_and_says_what_happened(endpoint: Endpoint, biller: Partner) -> None:
    sent = send(endpoint)

    assert delivering.deliver_all_due() == 1
    [got] = biller.got
    assert (got["type"], got["data"]) == ("hold.asked", {"mandate": "M1"})
    assert datetime.fromisoformat(got["timestamp"]) == sent.made_at
    assert biller.ids == [f"msg_{sent.pk.hex}"]
    assert biller.headers["host"] in biller.url
    assert (fresh().state, fresh().tries, fresh().attempts.get().status) == (DeliveryState.SENT, 1, 204)
    assert delivering.deliver_all_due() == 0


def test_the_same_key_is_the_same_message_and_no_other(endpoint: Endpoint, biller: Partner) -> None:
    first = send(endpoint)
    assert send(endpoint, now=timezone.now() + timedelta(hours=1)) == first
    delivering.deliver_all_due()
    assert send(endpoint) == first
    delivering.deliver_all_due()

    assert len(biller.got) == 1
    for told in ({"payload": {"mandate": "M2"}}, {"kind": "hold.lifted"}):
        with pytest.raises(Conflict, match="used for another message"):
            send(endpoint, **told)
    assert sending.status("unknown") is None


def test_what_is_rolled_back_was_never_sent(endpoint: Endpoint) -> None:
    with transaction.atomic():
        send(endpoint)
        transaction.set_rollback(True)

    assert sending.status("k") is None


@pytest.mark.parametrize(
    "told", [{"kind": "Hold asked"}, {"payload": {"text": "x" * 21_000}}, {"payload": {"amount": float("nan")}}]
)
def test_a_message_of_a_wrong_form_is_a_fault_of_ours(endpoint: Endpoint, told: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        send(endpoint, **told)


def test_ten_tries_over_three_days_and_then_a_person_decides(endpoint: Endpoint, biller: Partner) -> None:
    biller.answers = [500, 302, 404, 0, 503, 429, 400, 599, 500, 500]
    send(endpoint)
    pauses = []
    while fresh().state == DeliveryState.WAITING:
        due_now()
        delivering.deliver_all_due()
        pauses.append(round((fresh().next_at - timezone.now()).total_seconds()))

    assert len(biller.got) == 10
    assert set(biller.ids) == {fresh().message_id}
    hours = [2, 5, 10, 14, 18, 22]
    assert [pause + 1 >= due >= pause for pause, due in zip(pauses, [5, 300, 1800], strict=False)] == [True] * 3
    assert [round(pause / 3600) for pause in pauses[3:9]] == hours
    assert timedelta(hours=71) < sum(delivering.PAUSES, timedelta()) < timedelta(days=3)
    assert (fresh().state, fresh().error) == (DeliveryState.FAILED, "HTTP 500")
    assert list(sending.undelivered()) == [fresh()]
    said = list(fresh().attempts.values_list("status", "error"))
    assert said[1] == (302, "")
    assert said[3] == (None, "RemoteDisconnected")


def test_a_partner_may_ask_for_a_longer_pause_but_not_for_ever_nor_for_a_shorter_one(
    endpoint: Endpoint, biller: Partner
) -> None:
    biller.answers, biller.answer_headers = [429, 429], {"Retry-After": "600"}
    send(endpoint)
    delivering.deliver_all_due()
    assert timedelta(minutes=9) < fresh().next_at - timezone.now() <= timedelta(minutes=10)

    biller.answer_headers = {"Retry-After": "9999999"}
    due_now()
    delivering.deliver_all_due()
    assert fresh().next_at - timezone.now() <= delivering.LONGEST_ASKED

    biller.answers, biller.answer_headers = [503], {"Retry-After": "1"}
    due_now()
    delivering.deliver_all_due()
    assert fresh().next_at - timezone.now() > timedelta(minutes=29)


def test_gone_of_an_address_that_was_replaced_meanwhile_says_nothing_of_the_new_one(
    endpoint: Endpoint, biller: Partner
) -> None:
    send(endpoint)
    [claimed] = delivering.claim(now=timezone.now())
    make_endpoint(biller.url.replace("for=us", "for=all"))

    delivering._mark(claimed, delivering.Tried(timezone.now(), timedelta(), status=410))

    endpoint.refresh_from_db()
    assert endpoint.active
    assert delivering.deliver_all_due() == 1


def test_gone_switches_the_endpoint_off_where_people_see_it(endpoint: Endpoint, biller: Partner) -> None:
    biller.answers = [410]
    first, second = send(endpoint), send(endpoint, key="second")
    delivering.deliver_all_due()

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.off_why) == (False, OffReason.GONE)
    assert len(biller.got) == 1
    assert list(sending.undelivered()) == [first, second]
    with pytest.raises(Conflict, match="switched off"):
        send(endpoint, key="third")
    assert send(endpoint) == first


def test_a_silent_partner_holds_up_nobody_else(endpoint: Endpoint, biller: Partner) -> None:
    dead = make_endpoint("http://127.0.0.1:9/hooks", name="Dead")
    for number in range(3):
        send(dead, key=f"dead {number}")
    send(endpoint)

    assert delivering.deliver_all_due() == 1
    assert len(biller.got) == 1
    assert Attempt.objects.get(delivery__endpoint=dead).error == "ConnectionRefusedError"
    assert sorted(Delivery.objects.filter(endpoint=dead).values_list("tries", flat=True)) == [0, 0, 1]
    assert not Delivery.objects.filter(endpoint=dead, next_at__lte=timezone.now()).exists()


def test_an_answer_that_drips_in_for_ever_is_cut_off(
    endpoint: Endpoint, biller: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "IN_ALL", 0.25)
    biller.answers, biller.drips = [200], 30
    send(endpoint)
    delivering.deliver_all_due()

    assert fresh().attempts.get().took < timedelta(seconds=1)


def test_who_dies_before_marking_sends_it_again_with_the_same_id(endpoint: Endpoint, biller: Partner) -> None:
    send(endpoint)
    [claimed] = delivering.claim(now=timezone.now())
    assert delivering.deliver_all_due() == 0

    [again] = delivering.claim(now=timezone.now() + delivering.LEASE + timedelta(seconds=1))
    assert again == claimed
    late = delivering.Tried(timezone.now(), timedelta(), error="timeout")
    delivering._mark(claimed, late)
    assert fresh().leased_until == again.leased_until

    delivering._mark(again, delivering.Tried(timezone.now(), timedelta(), status=200))
    delivering._mark(claimed, late)
    assert fresh().state == DeliveryState.SENT


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_never_send_one_message_at_the_same_moment(biller: Partner) -> None:
    endpoint = make_endpoint(biller.url)
    for number in range(24):
        send(endpoint, key=str(number))

    def deliver(_worker: int) -> int:
        try:
            return delivering.deliver_all_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(deliver, range(4)))

    assert sum(counts) == len(biller.ids) == len(set(biller.ids)) == 24
    assert not Delivery.objects.exclude(state=DeliveryState.SENT, tries=1).exists()


@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_is_one_message(biller: Partner) -> None:
    endpoint = make_endpoint(biller.url)

    def write(_worker: int) -> str:
        try:
            return str(send(endpoint).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(write, range(16)))) == 1


@pytest.mark.parametrize("away", [False, True])
def test_a_committed_message_wakes_a_deliverer_and_waits_for_the_sweep_without_a_broker(
    endpoint: Endpoint,
    away: bool,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[str] = []

    def send_task(name: str, **_more: Any) -> None:
        woken.append(name)
        if away:
            raise OperationalError("no broker")

    monkeypatch.setattr(celery_app, "send_task", send_task)
    with django_capture_on_commit_callbacks(execute=True):
        send(endpoint)
        assert woken == []

    assert woken == ["webhooks.deliver_due"]
    assert delivering.deliver_all_due() == 1
