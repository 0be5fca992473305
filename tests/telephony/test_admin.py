"""Calls in the admin: to look at, with a reason, and never to change."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.customers import reading
from backoffice.staff.models import Role
from backoffice.telephony.models import CallState, StrayReport
from tests.factories import actor, make_staff, now, sign_in
from tests.telephony.calling import NOON, RINGS, announced, in_state

pytestmark = pytest.mark.django_db


def test_the_list_of_calls_says_how_far_they_are_and_not_whose(client: Client) -> None:
    call = in_state(*RINGS, CallState.NOT_ANSWERED)
    assert call.customer is not None
    sign_in(client, make_staff())

    page = client.get("/desk/telephony/call/", {"q": call.contact.reference}).content.decode()

    assert call.contact.reference in page
    assert "not answered" in page
    assert call.customer.family_name not in page


def test_a_call_is_opened_with_a_reason_only(client: Client) -> None:
    call, user = announced(), make_staff()
    assert call.customer is not None
    sign_in(client, user)
    address = f"/desk/telephony/call/{call.pk}/change/"
    assert client.get(address).status_code == 403

    reading.open_record(customer=call.customer, by=actor(user), user=user, now=now(), reason="They called about it")

    assert call.customer.name in client.get(address).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_no_form_changes_a_call(client: Client, role: Role) -> None:
    call = announced()
    sign_in(client, make_staff(role=role))

    client.post(f"/desk/telephony/call/{call.pk}/change/", {"state": "ended"})
    client.post("/desk/telephony/call/", {"action": "delete_selected", "_selected_action": [call.pk], "post": "yes"})

    call.refresh_from_db()
    assert call.state == CallState.ANNOUNCED


def test_reports_of_calls_that_are_not_ours_can_be_looked_at(client: Client) -> None:
    StrayReport.objects.create(provider_id="CA" + "7" * 32, status="ringing", first_at=NOON, last_at=NOON)
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    assert "CA" + "7" * 32 in client.get("/desk/telephony/strayreport/").content.decode()
