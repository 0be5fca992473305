"""A postal address in its parts, asked in a real browser at the desk and in the portal, with script and without."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from backoffice.customers import contact_points
from backoffice.customers.models import Customer
from backoffice.staff.models import Role
from tests.customers.test_admin import NEW, REASON, page_of
from tests.customers.test_split_by_guess import split
from tests.factories import make_customer, make_staff, old_address, sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.test_desk_pages import Check, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def supervisor(live_server: Any, new_page: NewPage) -> Any:
    """Opens a page of the desk as a supervisor, who has opened the customer's record."""

    def open_page(path: str, *, customer: Customer | None = None, **options: Any) -> Page:
        client = sign_in(Client(), make_staff(role=Role.SUPERVISOR))
        if customer:
            client.post(page_of(customer), REASON)
        page = new_page(**options)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    return open_page


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (360, False)])
def test_a_supervisor_changes_the_country_and_its_fields_appear(
    supervisor: Any, accessible: Check, width: int, javascript: bool
) -> None:
    customer = make_customer(country="US")
    old_address(customer, "1600 Holloway Avenue\nSan Francisco, CA 94132-1722")
    where = page_of(customer, "check-parts/")
    page = supervisor(where, customer=customer, width=width, javascript=javascript)
    page.get_by_label("Country of the address").select_option("NL")
    page.get_by_role("button", name="Show its fields").click()
    picture(page, f"postal-nl-{width}")
    if javascript:
        accessible(page)

    page.get_by_label("Country of the address").select_option("US")
    page.get_by_label("Street and number").fill("1600 Holloway Avenue")
    page.get_by_role("button", name="Show its fields").click()
    picture(page, f"postal-us-{width}")
    page.get_by_label("Town").fill("San Francisco")
    page.get_by_label("State").select_option("California")
    page.get_by_label("ZIP code").fill("1016 GC")
    page.get_by_role("button", name="These are the parts").click()
    picture(page, f"postal-us-wrong-{width}")
    expect(page.get_by_text("It reads like 95014").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") if javascript else True
    page.get_by_label("ZIP code").fill("941321722")
    page.get_by_role("button", name="These are the parts").click()

    expect(page.get_by_role("button", name="These are the parts")).to_have_count(0)
    address = contact_points.currents(customer=customer)["postal"].address
    assert address is not None
    assert (address.town, address.region, address.postal_code) == ("San Francisco", "CA", "94132-1722")


def test_a_supervisor_confirms_what_was_split_by_a_guess(supervisor: Any) -> None:
    customer = make_customer()
    old_address(customer, "Plein 1\n2511 AB Den Haag")
    split()
    page = supervisor(page_of(customer, "check-parts/"), customer=customer)
    picture(page, "postal-guess")
    expect(page.get_by_label("Town")).to_have_value("Den Haag")
    page.get_by_role("button", name="These are the parts").click()

    expect(page.get_by_role("button", name="These are the parts")).to_have_count(0)
    assert contact_points.unchecked(customer=customer) is None


@pytest.mark.parametrize("width", [1280, 360])
def test_a_new_customer_is_entered_with_an_address_in_parts(supervisor: Any, width: int) -> None:
    page = supervisor("/desk/customers/customer/add/", width=width)
    page.get_by_label("Country of the address").select_option("IE")
    page.get_by_role("button", name="Show its fields").click()
    picture(page, f"postal-new-customer-{width}")
    for name in ("given_name", "family_name", "mail"):
        page.locator(f"[name={name}]").fill(str(NEW[name]))
    page.get_by_label("Street and number").fill("The Old Rectory")
    page.locator("[name=postal_town]").fill("Dingle")
    page.get_by_label("County").select_option("Co. Kerry")
    page.locator("[name=_save]").click()

    expect(page.get_by_text("was added successfully")).to_be_visible()
    point = contact_points.currents(customer=Customer.objects.get(given_name="Jan"))["postal"]
    assert point.value == "The Old Rectory\nDingle\nCo. Kerry"
