"""The field face is for field agents with their second factor; each sees their own work, and nothing else."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import ItemState, WorkItem
from backoffice.staff.models import Role
from tests.factories import make_customer, make_staff, sign_in
from tests.visits import field_door as door
from tests.visits import visiting

pytestmark = pytest.mark.django_db
TODAY = "/field/"


def addresses(item: WorkItem) -> list[str]:
    return [reverse("field:item", args=[item.id]), reverse("field:status", args=[item.id])]


@pytest.fixture
def item() -> WorkItem:
    """A step of a visit that is not today's."""
    return visiting.step(visiting.agreed(slot=visiting.free_slot(hours=72)), "check_in")


def test_another_agents_item_is_not_there(item: WorkItem) -> None:
    other = sign_in(Client(), make_staff(role=Role.FIELD))

    answers = [other.get(address) for address in addresses(item)]
    answers.append(other.post(addresses(item)[0], {"item": str(item.id), "key": str(uuid.uuid4())}))

    assert [answer.status_code for answer in answers] == [404] * 3
    item.refresh_from_db()
    assert item.state == ItemState.OPEN
    assert item.case.reference not in other.get(TODAY).content.decode()


def test_an_unknown_item_is_not_there() -> None:
    client = sign_in(Client(), make_staff(role=Role.FIELD))

    assert client.get(reverse("field:item", args=[uuid.uuid4()])).status_code == 404


def test_who_is_not_signed_in_is_led_to_the_sign_in(item: WorkItem) -> None:
    for address in (TODAY, *addresses(item)):
        response = Client().get(address)

        assert response.status_code == 302
        assert response["location"].startswith(reverse("account_login"))


def test_an_agent_without_the_second_factor_sees_nothing(item: WorkItem) -> None:
    assert item.holder is not None
    client = sign_in(Client(), item.holder, factor=False)

    for address in (TODAY, *addresses(item)):
        response = client.get(address)

        assert response.status_code == 302
        assert reverse("mfa_reauthenticate") in response["location"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FIELD])
def test_no_other_role_may_look(role: Role) -> None:
    assert sign_in(Client(), make_staff(role=role)).get(TODAY).status_code == 403


def test_a_customer_may_not_look() -> None:
    user = make_customer().user
    assert user is not None
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(TODAY).status_code == 403


def test_nothing_of_the_pages_is_kept_by_the_browser(item: WorkItem) -> None:
    assert item.holder is not None
    client = sign_in(Client(), item.holder)

    for address in (TODAY, *addresses(item)):
        assert "no-store" in client.get(address)["cache-control"]


def test_without_anything_to_do_the_day_says_so() -> None:
    page = sign_in(Client(), make_staff(role=Role.FIELD)).get(TODAY).content.decode()

    assert "You have nothing to do today" in page


def test_what_is_held_by_me_is_listed_and_leads_to_its_page(item: WorkItem) -> None:
    assert item.holder is not None

    response = sign_in(Client(), item.holder).get(TODAY)

    assert [one for one, _title, _process in response.context["items"]] == [item]
    assert "Check in at the door" in response.content.decode()
    assert f'href="{addresses(item)[0]}"' in response.content.decode()


def test_the_steps_of_an_appointment_are_not_listed_beside_it() -> None:
    visit = visiting.in_the_window()
    visiting.step(visit, "check_in")

    response = door.browser_of(visit).get(TODAY)

    assert [one.case for one in response.context["appointments"]] == [visit.case]
    assert response.context["items"] == []
