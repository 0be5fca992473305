"""A call from the first question to the wrap-up in real browsers: the agent by keys only, the customer on a telephone.

`pytest -s` prints how long the simple case takes the agent and how many keys, besides the typed texts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.calls.models import Call
from backoffice.cases.models import Case
from tests.calls.calling import SERVICE, make_agent
from tests.factories import make_domain
from tests.journeys.at_desk import sit
from tests.journeys.test_portal_pages import Looking, _fresh_limits, look, of_case
from tests.playing import ask
from tests.portal.conftest import make_person

__all__ = ["_fresh_limits", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = 1280, 360
MOST_KEYS, MOST_SECONDS = 12, 60


class Agent:
    """Somebody at the desk who never touches the mouse. `keys` and `seconds` are what the call took them."""

    def __init__(self, look: Looking, address: str) -> None:
        self.look, self.address = look, address
        context = look.browser.new_context(viewport={"width": WIDE, "height": 900})
        look.contexts.append(context)
        self.page = context.new_page()
        self.user = make_agent()
        self.keys, self.seconds = 0, 0.0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    @contextmanager
    def at_work(self) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds += time.monotonic() - begun

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_text(heading, exact=True).first).to_be_visible()


def examine(look: Looking, page: Page, name: str, *widths: int) -> None:
    """At both widths, unless told at which."""
    before = page.viewport_size
    for width in widths or (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        look.examine(page, name, width)
    if before:
        page.set_viewport_size(before)


def test_the_simple_case_takes_twelve_keys_and_less_than_a_minute(look: Looking, live_server: Any) -> None:
    maria, agent = make_person(), Agent(look, live_server.url)
    make_domain(customer=maria.customer, name=SERVICE)
    sit(agent.page, live_server, agent.user)
    agent.page.goto(live_server.url + "/desk/")
    agent.page.keyboard.press("g")
    agent.page.keyboard.press("p")
    agent.sees("A call or a chat")
    examine(look, agent.page, "call-console")

    with agent.at_work():
        agent.page.keyboard.type(SERVICE)
        agent.press("Tab", "Space", "Tab", "Space", "Enter")
        agent.sees("There is a record. One moment")
    case = Case.objects.get()
    ask(case, "give_code", stage="asked")
    ask(case, "type_code", holder=str(agent.user.public_id))
    agent.sees("There is a record. Ask for the code")
    examine(look, agent.page, "call-code")

    phone = look.at(maria, of_case(case), "call-case", NARROW)
    phone.get_by_role("link", name="To the page of the code").click()
    expect(phone.get_by_role("heading", name="Report that something is wrong with my card")).to_be_visible()
    examine(look, phone, "call-asked")
    phone.get_by_role("button", name="Yes: show me the code").click()
    expect(phone.get_by_role("heading", name="Read this to Hanna, if you called us")).to_be_visible()
    examine(look, phone, "call-shown")
    code = " ".join(phone.locator(".big-code__digits").inner_text().split())
    fails_closed(look, phone)

    agent.sees("The portal shows the code now")
    with agent.at_work():
        agent.page.keyboard.type(code)
        agent.press("Enter")
        expect(agent.page.get_by_role("button", name="Open it on the order of the caller")).to_be_visible()
    examine(look, agent.page, "call-order", NARROW)
    with agent.at_work():
        agent.press("Tab", "Space", "Enter")
        agent.sees("The code fits: it is the customer")
    ask(case, "wrap_up", stage="proven", holder=str(agent.user.public_id))
    expect(agent.page.get_by_label("of the customer", exact=True)).to_be_focused()
    examine(look, agent.page, "call-wrap-up")
    with agent.at_work():
        agent.press("Space", "Enter")
        agent.sees("A call or a chat")

    expect(phone.get_by_text("The code was right")).to_be_visible()
    examine(look, phone, "call-proven", NARROW)
    call = Call.objects.get()
    assert (call.state, call.opened is not None, call.wrapped_at is not None) == ("proven", True, True)
    print(f"the call console: {agent.keys} keys besides the typed texts, {agent.seconds:.1f} s")
    assert agent.keys <= MOST_KEYS
    assert agent.seconds < MOST_SECONDS
    who_is_not_talking_to_us(look, agent, maria)


def fails_closed(look: Looking, phone: Page) -> None:
    """Without an answer for so long, the page hides the code and says that it cannot check."""
    warning = phone.get_by_text("We cannot check now: do not talk", exact=True)
    expect(warning).to_be_hidden()
    phone.locator("[data-fresh-for]").evaluate("live => { live.dataset.freshFor = '-1'; }")
    expect(warning).to_be_visible()
    expect(phone.locator(".big-code")).to_be_hidden()
    examine(look, phone, "call-stale", NARROW)
    phone.reload()
    expect(warning).to_be_hidden()


def who_is_not_talking_to_us(look: Looking, agent: Agent, maria: Any) -> None:
    """Somebody else calls in Maria's name; she says so, and the agent's screen says so at once."""
    agent.page.keyboard.type(SERVICE)
    agent.press("Tab", "Space", "Tab", "Space", "Enter")
    agent.sees("There is a record. One moment")
    case = Case.objects.filter(process="phone_authorisation").latest("opened_at")
    ask(case, "give_code", stage="asked")
    ask(case, "type_code", holder=str(agent.user.public_id))
    phone = look.at(maria, reverse("portal:phone_authorisation:code", args=[case.reference]), "call-other", NARROW)
    phone.get_by_role("link", name="No, I am not talking to you").click()
    examine(look, phone, "call-not-me", NARROW)
    phone.get_by_role("button", name="It is not me: stop it").click()
    expect(phone.get_by_text("We do nothing for this caller")).to_be_visible()
    examine(look, phone, "call-denied", NARROW)
    agent.sees("The customer is not talking to us")
    examine(look, agent.page, "call-refused", WIDE)
