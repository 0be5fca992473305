"""A call-back from the worklist to the wrap-up in a real browser: the agent by keys only.

`pytest -s` prints how many keys it takes the agent, besides the typed text.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from backoffice.calls.back.models import CallBack
from backoffice.telephony.models import Call
from tests.calls.telephoning import agreed_call_back, number_of
from tests.journeys.at_desk import sit
from tests.journeys.test_phone_call import NARROW, WIDE, Agent, examine
from tests.journeys.test_portal_pages import Looking, _fresh_limits, look

__all__ = ["_fresh_limits", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEYS = 9
"""From the worklist to the next call: g, p, the sheet, four states and one that rings, and the wrap-up."""


def test_a_call_back_takes_nine_keys_from_the_worklist_to_the_wrap_up(look: Looking, live_server: Any) -> None:
    agent, call_back = Agent(look, live_server.url), agreed_call_back(topic="other")
    sit(agent.page, live_server, agent.user)
    agent.page.goto(live_server.url + "/desk/")
    agent.press("g", "p")
    expect(agent.page.get_by_role("button", name="Open the sheet")).to_be_focused()
    examine(look, agent.page, "next-call")

    agent.press("Enter")
    agent.sees("Ready to dial")
    examine(look, agent.page, "call-back-sheet")
    agent.press("1")
    agent.sees("Dial this number")
    examine(look, agent.page, "call-back-dialling")
    agent.press("2")
    expect(agent.page.locator("#press-answered")).to_be_focused()
    agent.press("3")
    agent.sees("First prove who we are")
    examine(look, agent.page, "call-back-answered", NARROW)
    agent.press("4")
    agent.sees("Talk about this, and nothing else")
    agent.press("6")
    expect(agent.page.get_by_label("What was said, and what was agreed?")).to_be_focused()
    examine(look, agent.page, "call-back-wrap-up")
    agent.page.keyboard.type("The new card comes on Friday.")
    agent.press("Control+Enter")
    agent.sees("A call or a chat")
    examine(look, agent.page, "after-the-call", WIDE)

    somebody_calls(look, agent, call_back)
    call = Call.objects.get(direction="out")
    assert (call.outcome, call.wrap_up) == ("spoken", "The new card comes on Friday.")
    assert call.case_reference == call_back.case.reference
    print(f"a call-back: {agent.keys} keys from the worklist to the wrap-up, besides the typed text")
    assert agent.keys == KEYS


def somebody_calls(look: Looking, agent: Agent, call_back: CallBack) -> None:
    """Whose number it shows is found; who it is, only a code says."""
    page = agent.page
    page.get_by_label("Number on the display").fill(number_of(call_back.case.customer))
    page.get_by_role("button", name="Take the call").click()
    agent.sees("Who is it? A number proves nothing")
    examine(look, page, "call-to-us")
    page.get_by_role("button", name="Ended: we have spoken").click()
    agent.sees("Write down what came of it. Then comes the next call.")
    page.get_by_role("link", name="Worklist").click()
    page.get_by_role("link", name="Wrap up your call").click()
    page.get_by_label("What was said, and what was agreed?").fill("Only asked whether it was us.")
    page.get_by_role("button", name="Write it down, and end the call").click()
    agent.sees("A call or a chat")
