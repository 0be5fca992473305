"""What the desk does in need, in a real browser: alarms, incidents, a customer who calls from the door, and a new
address of a customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.cases import alarms
from backoffice.cases.models import Alarm, Case, Incident, IncidentKind
from backoffice.cases.stage_duration import StageDuration
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.staff.models import Role, User
from tests.customers.test_split_by_guess import split
from tests.factories import actor, make_card, make_customer, make_staff, now, old_address
from tests.journeys.at_desk import sit
from tests.journeys.conftest import Scheme, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.playing import close, open_card_case, open_incident
from tests.portal.conftest import make_person, open_blocked
from tests.visits import visiting
from tests.visits.field_door import showing_half

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS: list[tuple[int, Scheme]] = [(1280, "light"), (360, "dark"), (320, "light")]
CUT_OFF = "[...document.querySelectorAll('h1')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
"""Words that end behind the edge of the window, which does not make it scroll."""
Look = Callable[[str], None]


@pytest.fixture
def window(page: Page) -> Page:
    return page


@pytest.fixture
def look(window: Page, accessible: Check, fits: Check) -> Look:
    """Checks what the window shows in each of the looks."""

    def check(name: str) -> None:
        for width, scheme in in_looks(window, *LOOKS):
            picture(window, f"panel-{name}-{width}-{scheme}")
            fits(window)
            assert window.evaluate(CUT_OFF) == [], name
            accessible(window)

    return check


@pytest.fixture
def sue(transactional_db: None) -> User:
    return make_staff(role=Role.SUPERVISOR, first_name="Sue", last_name="de Wit")


def opened(customer: Customer, user: User) -> None:
    reason = "The customer is on the phone or at the counter"
    reading.open_record(customer=customer, by=actor(user), user=user, now=now(), reason=reason)


def test_an_alarm_is_read_and_resolved(live_server: Any, window: Page, look: Look, sue: User) -> None:
    told = {
        "fields": {"payments.0.amount": ["This is no amount."], "data.device_fingerprint": ["We do not know this."]},
        "text": '{"data": {"card": "ic_1", "device_fingerprint": "' + "f00d" * 60 + '"}}',
    }
    alarms.sound(process="card_reissue", code="signal_of_unknown_card", key="signal:2", told=told, now=now())
    sit(window, live_server, sue)
    address = f"{live_server.url}/desk/alarm/{Alarm.objects.get().pk}/"

    window.goto(address)
    look("alarm")
    window.get_by_role("textbox").last.fill("I ask the issuer which card it is")
    window.get_by_role("button", name="Show what was told").click()
    expect(window.get_by_text("ic_1")).to_be_visible()
    look("alarm-told")
    window.get_by_role("textbox").last.fill("The issuer says that it is a test card")
    window.get_by_role("button", name="It is done").click()
    window.goto(address)
    look("alarm-done")


def test_an_incident_is_looked_into_and_closed(live_server: Any, window: Page, look: Look, sue: User) -> None:
    case = open_card_case(make_card())
    opened(case.customer, sue)
    open_incident(case, IncidentKind.OUTSIDE_AWAY, key="issuer", code="no_answer_in_time")
    open_incident(case, IncidentKind.STEP_FAILS, key="1")
    close(case, "failed")
    sit(window, live_server, sue)
    of_case = f"{live_server.url}/desk/case/{case.reference}/"
    incident = Incident.objects.filter(kind="ended_failed").get()

    window.goto(of_case)
    look("incidents")
    window.goto(f"{of_case}incident/{incident.pk}/")
    look("incident")
    window.get_by_role("button", name="I look into it").click()
    expect(window.get_by_text("Sue de Wit looks into it")).to_be_visible()
    look("incidents-looking")
    window.goto(f"{of_case}incident/{incident.pk}/")
    look("incident-looking")
    window.get_by_label("What came of it").fill("A new card was ordered by hand")
    window.get_by_role("button", name="Close it").click()
    look("incidents-closed")


def test_the_digits_that_a_caller_reads_are_compared(live_server: Any, window: Page, look: Look, sue: User) -> None:
    visit, _item = showing_half()
    opened(visit.case.customer, sue)
    sit(window, live_server, sue)
    of_case = f"{live_server.url}/desk/case/{visit.case.reference}/"

    window.goto(of_case)
    look("visit")
    window.goto(f"{of_case}visitor/compare/")
    look("compare")
    right = visiting.half_b(visit)
    field = window.locator("form[method=post] input[type=text]").last
    field.fill(visiting.wrong(right))
    window.get_by_role("button", name="Compare").click()
    look("compare-wrong")
    window.locator("form[method=post] input[type=text]").last.fill(right)
    window.get_by_role("button", name="Compare").click()
    look("compare-right")


def test_three_wrong_halves_are_no_visitor_of_ours(live_server: Any, window: Page, look: Look, sue: User) -> None:
    visit, _item = showing_half()
    opened(visit.case.customer, sue)
    sit(window, live_server, sue)
    window.goto(f"{live_server.url}/desk/case/{visit.case.reference}/visitor/compare/")

    for _ in range(3):
        window.locator("form[method=post] input[type=text]").last.fill(visiting.wrong(visiting.half_b(visit)))
        window.get_by_role("button", name="Compare").click()

    look("compare-not-ours")


def test_a_new_address_is_a_case_and_only_the_parts_of_an_old_one_are_put_right(
    live_server: Any, window: Page, look: Look, sue: User
) -> None:
    """Of somebody with a long name and without a sign-in, in a country whose list of regions is wide."""
    customer = make_customer(family_name="Wolfeschlegelsteinhausenbergerdorff", country="AE", sign_in=False)
    old_address(customer, "PO Box 1\nDubai")
    split()
    opened(customer, sue)
    sit(window, live_server, sue)
    of_customer = f"{live_server.url}/desk/customer/{customer.public_id}/"

    window.goto(of_customer)
    look("reached")
    window.get_by_role("link", name="Check the parts of the postal address").click()
    look("check-parts")
    window.get_by_label("Street and number").fill("PO Box 2")
    window.get_by_label("Emirate").select_option("Dubai")
    window.get_by_role("button", name="These are the parts").click()
    expect(window.get_by_text("These are not the words that we have").first).to_be_visible()
    look("check-parts-wrong")
    window.get_by_role("link", name="Open a contact change", exact=True).click()
    look("new-address")
    window.get_by_label("The telephone number").check()
    window.get_by_label("The new e-mail address or telephone number").fill("+1 202 555 0143")
    window.get_by_role("button", name="Open the case").click()
    expect(window.get_by_text("What is to be changed")).to_be_visible()
    look("new-address-open")


def test_the_customer_sees_how_long_steps_take(live_server: Any, window: Page, look: Look) -> None:
    maria = make_person()
    case: Case = open_blocked(maria.card)
    for number, stage in enumerate(("told", "survey", "checked", "ordered", "shipped", "delivered"), start=1):
        took = timedelta(minutes=7) * number**4
        StageDuration.objects.create(process="card_reissue", stage=stage, median=took, cases=40, measured_at=now())
    signed_in(window, maria, live_server.url)

    window.goto(f"{live_server.url}/portal/cases/{case.reference}/")

    expect(window.get_by_text("usually about").first).to_be_visible()
    look("usual")
