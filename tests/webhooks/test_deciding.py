"""What people do about messages to partners: enter where they go, look at them, send one again, set one aside."""

from __future__ import annotations

import base64
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.webhooks import deciding, delivering, endpoints, sending
from backoffice.webhooks.models import Delivery, DeliveryState, Endpoint
from tests.factories import make_staff, now, sign_in
from tests.webhooks.receiving import SECRET, Partner, make_endpoint, supervisor

pytestmark = pytest.mark.django_db
LIST = "/desk/webhooks/endpoint/"


def failed(endpoint: Endpoint, biller: Partner) -> Delivery:
    """A message that could not be delivered in all its tries."""
    made = sending.send(endpoint=endpoint, kind="hold.asked", payload={}, key="k", now=timezone.now())
    Delivery.objects.update(tries=len(delivering.PAUSES))
    biller.answers = [500]
    delivering.deliver_all_due()
    made.refresh_from_db()
    assert made.state == DeliveryState.FAILED
    return made


def test_a_replay_sends_the_same_message_with_all_its_tries_anew(endpoint: Endpoint, biller: Partner) -> None:
    made, by = failed(endpoint, biller), supervisor()

    again = deciding.replay(delivery_id=made.pk, by=by, now=timezone.now())
    assert (again.state, again.tries, again.replays) == (DeliveryState.WAITING, 0, 1)
    with pytest.raises(Conflict, match="on its way already"):
        deciding.replay(delivery_id=made.pk, by=by, now=timezone.now())
    delivering.deliver_all_due()

    assert biller.ids == [made.message_id] * 2
    assert biller.got[0] == biller.got[1]
    deciding.replay(delivery_id=made.pk, by=by, now=timezone.now())
    delivering.deliver_all_due()
    assert len(biller.got) == 3


def test_one_that_failed_is_set_aside_and_waits_for_nobody_any_more(endpoint: Endpoint, biller: Partner) -> None:
    made, by = failed(endpoint, biller), supervisor()

    for _again in range(2):
        made = deciding.set_aside(delivery_id=made.pk, by=by, now=timezone.now())
    assert made.decided_by is not None
    assert not sending.undelivered().exists()
    deciding.replay(delivery_id=made.pk, by=by, now=timezone.now())
    with pytest.raises(Conflict, match="could not be delivered"):
        deciding.set_aside(delivery_id=made.pk, by=by, now=timezone.now())
    with pytest.raises(NotFound):
        deciding.replay(delivery_id=uuid.uuid4(), by=by, now=timezone.now())


def test_what_waits_for_an_endpoint_that_is_off_is_shown_and_goes_when_it_is_on(
    endpoint: Endpoint, biller: Partner
) -> None:
    made, by = sending.send(endpoint=endpoint, kind="a.b", payload={}, key="k", now=timezone.now()), supervisor()
    endpoints.switch(endpoint_id=endpoint.pk, on=False, by=by, now=now())
    assert delivering.deliver_all_due() == 0
    assert list(sending.undelivered()) == [made]

    for _again in range(2):
        endpoints.switch(endpoint_id=endpoint.pk, on=True, by=by, now=now())
    assert not sending.undelivered().exists()
    assert delivering.deliver_all_due() == 1
    endpoints.switch(endpoint_id=endpoint.pk, on=False, by=by, now=now())
    with pytest.raises(Conflict, match="switched off"):
        deciding.replay(delivery_id=made.pk, by=by, now=now())


def test_every_fault_of_an_endpoint_stands_on_its_field() -> None:
    short = "whsec_" + base64.b64encode(b"short").decode()
    for secret in ("", "whsec_", "whsec_%%%", short, SECRET.removeprefix("whsec_")):
        with pytest.raises(Invalid) as refused:
            endpoints.enter(name=" ", url="ftp://x", secret=secret, by=supervisor(), now=now())
        assert set(refused.value.errors) == {"name", "url", "secret"}


def test_entering_a_partner_again_replaces_its_address_and_switches_it_on(endpoint: Endpoint) -> None:
    endpoints.switch(endpoint_id=endpoint.pk, on=False, by=supervisor(), now=now())

    again = make_endpoint("https://partner.example/new")
    assert (again.pk, again.active, again.host) == (endpoint.pk, True, "partner.example")
    assert again.entered_at == endpoint.entered_at


def test_a_supervisor_enters_switches_and_replays_at_the_desk(
    client: Client, endpoint: Endpoint, biller: Partner
) -> None:
    made = failed(endpoint, biller)
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    wrong = client.post(f"{LIST}enter/", {"name": "Gas", "url": "http://gas.example", "secret": SECRET})
    assert "begins with https://" in wrong.content.decode()
    assert SECRET not in wrong.content.decode()
    client.post(f"{LIST}enter/", {"name": "Gas", "url": "https://gas.example/hooks?t=1", "secret": SECRET})
    gas = Endpoint.objects.get(name="Gas")
    shown = client.get(f"{LIST}{gas.pk}/change/").content.decode()
    assert "gas.example" in shown
    assert "hooks?t=1" not in shown
    assert SECRET not in shown
    client.post(f"{LIST}{gas.pk}/switch/")
    assert "Send there again" in client.get(f"{LIST}{gas.pk}/change/").content.decode()

    page = f"/desk/webhooks/delivery/{made.pk}/"
    seen = client.get(f"{page}change/").content.decode()
    assert "Send it again" in seen
    assert "Set it aside" in seen
    assert made.message_id in client.get("/desk/webhooks/delivery/").content.decode()
    client.post(f"{page}decide/")
    made.refresh_from_db()
    assert made.state == DeliveryState.WAITING
    assert "on its way already" in client.post(f"{page}decide/", follow=True).content.decode()


def test_support_reads_the_log_and_decides_nothing(client: Client, endpoint: Endpoint, biller: Partner) -> None:
    made = failed(endpoint, biller)
    sign_in(client, make_staff(role=Role.SUPPORT))

    assert "Send it again" not in client.get(f"/desk/webhooks/delivery/{made.pk}/change/").content.decode()
    assert "Enter a partner" not in client.get(LIST).content.decode()
    client.post(f"/desk/webhooks/delivery/{made.pk}/decide/")
    assert client.post(f"{LIST}{endpoint.pk}/switch/").status_code == 403
    assert client.post(f"{LIST}enter/", {}).status_code == 403
    made.refresh_from_db()
    assert made.state == DeliveryState.FAILED


def test_who_did_not_show_a_second_factor_lately_does_it_first(client: Client, endpoint: Endpoint) -> None:
    sign_in(client, make_staff(role=Role.SUPERVISOR), seconds_ago=3600)

    for url in (f"{LIST}enter/", f"{LIST}{endpoint.pk}/switch/"):
        assert "reauthenticate" in client.post(url, {}).headers["Location"]
    endpoint.refresh_from_db()
    assert endpoint.active
