from __future__ import annotations

import pytest
from django.test import Client

from backoffice.customers import reading
from backoffice.domains.models import DomainState
from backoffice.staff.models import Role
from tests.factories import actor, make_domain, make_staff, now, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["żółw", "żółw.example", "ŻÓŁW.example", "xn--w-uga1v8h.ex"])
def test_a_domain_is_found_in_any_script(client: Client, text: str) -> None:
    make_domain(name="żółw.example")
    make_domain(name="tulip.example")
    sign_in(client, make_staff())

    page = client.get("/desk/domains/domain/", {"q": text}).content.decode()

    assert "żółw.example</a>" in page
    assert "tulip.example</a>" not in page


def test_no_form_changes_a_domain(client: Client) -> None:
    domain, sam = make_domain(), make_staff(role=Role.SUPERVISOR)
    sign_in(client, sam)

    assert client.get(f"/desk/domains/domain/{domain.pk}/change/").status_code == 403
    reading.open_record(customer=domain.customer, by=actor(sam), user=sam, now=now(), reason="They called about it")
    assert client.get(f"/desk/domains/domain/{domain.pk}/change/").status_code == 200
    client.post(f"/desk/domains/domain/{domain.pk}/change/", {"state": "gone"})

    domain.refresh_from_db()
    assert domain.state == DomainState.REGISTERED
