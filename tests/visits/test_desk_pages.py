"""A customer who cannot use their page calls, and the desk compares the visitor's digits for them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.staff.models import Role
from backoffice.trust.mutual_codes import Stage
from backoffice.visits import handshake
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, Visit
from tests.factories import actor, make_staff, sign_in
from tests.visits import visiting

pytestmark = pytest.mark.django_db
WHY = {"why": "other", "words": "The customer calls from their door"}


def address(visit: Visit) -> str:
    return reverse("admin:home_visit:compare", args=[visit.case.reference])


@pytest.fixture
def visit() -> Visit:
    visit = visiting.at_the_door()
    visiting.asked_to_compare(visit)
    return visit


@pytest.fixture
def hanna(visit: Visit) -> Client:
    """A support agent who has opened the record for a reason."""
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))
    client.post(reverse("admin:desk_why", args=[visit.case.customer.public_id]), WHY)
    return client


def test_the_page_of_the_visit_leads_there_only_while_the_digits_are_shown(visit: Visit, hanna: Client) -> None:
    case_page = reverse("admin:desk_case", args=[visit.case.reference])
    assert address(visit) in hanna.get(case_page).content.decode()

    handshake.compare_for_caller(
        case_id=visit.case_id, typed=visiting.half_b(visit), by=actor(make_staff(role=Role.SUPPORT))
    )

    assert address(visit) not in hanna.get(case_page).content.decode()


def test_the_right_digits_say_what_to_tell_the_customer_and_show_no_other_half(visit: Visit, hanna: Client) -> None:
    page = hanna.post(address(visit), {"half": visiting.half_b(visit)}).content.decode()

    assert "The visitor is ours" in page
    assert handshake.stage(visit.case) is Stage.CUSTOMER_SAYS_A
    assert visiting.half_a(visit) not in page


def test_wrong_digits_count_and_the_third_time_nobody_is_let_in(visit: Visit, hanna: Client) -> None:
    wrong = visiting.wrong(visiting.half_b(visit))

    said = [hanna.post(address(visit), {"half": wrong}).content.decode() for _try in range(3)]

    assert "2 more tries are left" in said[0]
    assert "One more try is left" in said[1]
    assert "Do not let anybody in" in said[2]
    assert "The visit is called off" in said[2]
    assert visit_of(visit.case).found == Found.HALF_DIFFERENT
    assert visiting.alarms(visit.case) == ["half_different"]
    assert "Compare</button>" not in said[2]


def test_five_digits_are_a_slip_and_told_on_the_field(visit: Visit, hanna: Client) -> None:
    response = hanna.post(address(visit), {"half": "12345"})

    assert response.status_code == 400
    assert "It was not counted as a try" in response.content.decode()


def test_when_nobody_of_ours_is_there_it_says_so(hanna: Client, visit: Visit) -> None:
    Visit.objects.update(state="ended")

    response = hanna.post(address(visit), {"half": "123456"})

    assert response.status_code == 409
    assert "None of our visitors is at your door now" in response.content.decode()


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.APPROVER])
def test_a_role_that_does_not_talk_to_customers_is_refused(visit: Visit, role: Role) -> None:
    client = sign_in(Client(), make_staff(role=role))
    client.post(reverse("admin:desk_why", args=[visit.case.customer.public_id]), WHY)

    response = client.post(address(visit), {"half": visiting.half_b(visit)})

    assert response.status_code == 403
    assert handshake.stage(visit.case) is Stage.AGENT_SHOWS_B


def test_without_a_need_to_know_the_page_asks_why(visit: Visit) -> None:
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))

    response = client.post(address(visit), {"half": visiting.half_b(visit)})

    assert response.status_code == 403
    assert handshake.stage(visit.case) is Stage.AGENT_SHOWS_B
