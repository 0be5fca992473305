"""How a domain is protected, in a real browser: its holder asks for less, and staff see a transfer during a freeze."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases import freezing
from backoffice.cases.models import Case
from backoffice.customers import reading
from backoffice.domains.models import Domain
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.staff.models import Role
from tests.domains.ceding import holder_of_a_domain
from tests.domains.leaving import leaving
from tests.factories import actor, make_staff, now
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.playing import advance, ask, system
from tests.portal.conftest import make_person
from workflows.base.contracts import SendNotice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_holder_asks_for_less_and_staff_see_what_a_freeze_does_not_stop(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"safeguard-{name}-{width}")
            fits(page)
        accessible(page)

    maria = make_person()
    domain = holder_of_a_domain("tulip.com", is_high_value=True, marked_by="holder")
    Domain.objects.filter(pk=domain.pk).update(customer=maria.customer)
    signed_in(page, maria, live_server.url)
    page.goto(live_server.url + reverse("portal:thing", args=["domains", domain.public_id]))
    look("domain")
    page.get_by_role("link", name="Change how my domain is protected").click()
    look("form")
    page.get_by_label("Decline the lock after a change of holder (after seven days)").check()
    page.get_by_role("button", name="Ask for it").click()
    case = Case.objects.get(process="domain_safeguard")
    ask(case, "confirm_safeguard", stage="confirmed")
    page.goto(live_server.url + reverse("portal:case", args=[case.reference]))
    expect(page.get_by_role("heading", name="tulip.com without the lock")).to_be_visible()
    look("to-confirm")
    until = (now() + timedelta(days=7)).isoformat()
    advance(case, stage="announced", notices=(SendNotice("safeguard_announced", {"until": until}),))

    sue = make_staff(role=Role.SUPERVISOR, first_name="Sue", last_name="de Wit")
    reason = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(sue), user=sue, now=now(), reason=reason)
    going, rose = leaving("rose.example", customer=maria.customer)
    TransferOut.objects.filter(case=going).update(
        registry_state="pending", asked_by="rival", decides_at=now() + timedelta(days=4), relocks=["x"]
    )
    ask(going, "refuse_transfer", stage="pending")
    freezing.freeze(case_id=going.id, by=system(), reason="odd")
    page.goto(live_server.url + reverse("portal:case", args=[going.reference]))
    look("frozen-for-the-holder")
    page.context.clear_cookies()
    sit(page, live_server, sue)
    page.goto(live_server.url + reverse("admin:desk_case", args=[going.reference]))
    look("frozen-at-the-desk")
    page.goto(
        live_server.url + reverse("admin:desk_record", args=[maria.customer.public_id, "domains", domain.public_id])
    )
    look("domain-at-the-desk")
    page.goto(page.url.replace(str(domain.public_id), str(rose.public_id)))
    page.get_by_role("link", name="Change the value mark of a domain").click()
    look("form-at-the-desk")
