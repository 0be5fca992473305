"""The customer's list of payments on a telephone: read, ticked off line by line, and usable without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cards.autopay.models import WalletMove, Whose
from backoffice.customers import reading
from backoffice.staff.models import Role
from tests.cards.autopay.updating import (
    answer,
    make_biller,
    make_mandate,
    make_renewed,
    now,
    open_update,
    settle,
    states,
    update_of,
)
from tests.factories import actor, make_staff
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, NewPage, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.playing import ask
from tests.portal.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_list_is_read_and_ticked_off_on_a_telephone(
    live_server: Any, page: Page, new_page: NewPage, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"autopay-{name}-{width}")
            fits(page)
        accessible(page)

    page.route("**/live/stream*", lambda route: route.fulfill(content_type="text/event-stream", body=""))
    maria = make_person()
    card = make_renewed(maria.customer)
    how = "In “My contract”, under “How I pay”, choose “Another card”."
    make_mandate(card, make_biller("Example Energy", how_to_change=how), amounts=[4003, 4094, "eur"])
    make_mandate(card, make_biller("Example Gym with a very long name of a company in the city"))
    make_mandate(card, make_biller("Example Music"))
    make_mandate(card, make_biller("Example Water"), whose=Whose.HOUSEHOLD)
    case = open_update(card)
    answer(case, "CQA")
    settle(case)
    WalletMove.objects.create(
        update=update_of(case), token="t", wallet="apple_pay", device="watch", state="suspended", at=now()
    )
    item = ask(case, "move_the_rest", stage="rest")
    signed_in(page, maria, live_server.url)
    page.goto(live_server.url + reverse("portal:case", args=[case.reference]))
    expect(page.get_by_text("1 moved, 2 wait for you, 1 biller has not answered.", exact=True)).to_be_visible()
    look("case")
    page.get_by_role("link", name="To the list").click()
    look("list")
    page.goto(live_server.url + reverse("portal:item", args=[item.id]))
    look("item")
    page.goto(live_server.url + reverse("portal:autopay_update:payments"))
    look("payments")
    page.get_by_role("link", name="Add one that is missing").click()
    look("add")

    desk = new_page()
    sue = make_staff(role=Role.SUPERVISOR, first_name="Sue")
    reason = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(sue), user=sue, now=now(), reason=reason)
    sit(desk, live_server, sue)
    desk.goto(live_server.url + reverse("admin:desk_case", args=[case.reference]))
    expect(desk.get_by_role("cell", name="wants to hear from the customer")).to_be_visible()
    for width, _scheme in in_looks(desk, *BOTH_WIDTHS):
        picture(desk, f"autopay-desk-{width}")
        fits(desk)

    plain = new_page(width=360, javascript=False)
    signed_in(plain, maria, live_server.url)
    plain.goto(live_server.url + reverse("portal:autopay_update:list", args=[case.reference]))
    plain.get_by_role("button", name=re.compile("given them the new card.*Example Energy")).click()
    expect(plain.get_by_text("you told us so")).to_be_visible()
    assert states(case) == ["moved", "to_do", "moved", "to_do"]
