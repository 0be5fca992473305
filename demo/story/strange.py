"""A fraudster rings: the page says that it is not us, one press pauses what is open, an analyst decides for everybody
who was rung from there, a supervisor talks with the customer and lets it go on, and the public page warns of it."""

from __future__ import annotations

import re

from .browser import Page
from .somebody import Somebody
from .telephone import reference_in, sentence_of
from .world import World

NUMBER = "+31 6 5555 0199"
SAID = f"They rang from {NUMBER}: my card is about to be cut off, and I must read them the code that I get."
WARNING = "Callers say that your card is about to be cut off, and want the code that you get. We never ask for one."
PAUSED = "What is due waits too; nothing waits for you here."
REPORT, GROUPS = "/portal/report/", "/desk/strange/"


def play_fraud(world: World, maria: Somebody, open_case: str) -> None:
    """`open_case` is what Maria has open: it is paused, and goes on."""
    world.tell("Stranger", "rings Maria at the same time: her card is about to be cut off, and a code is wanted")
    page = world.until("her page says that it is not us", lambda: _not_us(maria))
    maria.does("opens her page while they talk, and presses: Somebody has called me now")
    maria.sees(sentence_of(page, "This is not us: hang up"))
    report = report_call(maria)
    world.until("what is open is paused", lambda: PAUSED in _case(maria, open_case))
    maria.sees("what she has open is paused in the same moment: nobody can change anything now")
    page = maria.browser.open(f"/portal/cases/{report}/").expect("What to do now")
    maria.browser.send(page.form("gave"), gave="nothing")
    maria.does("says that she gave nothing away, and reads what to do")
    decide(world)
    let_go_on(world, report)
    world.until("it goes on", lambda: PAUSED not in _case(maria, open_case))
    maria.browser.open(f"/portal/cases/{report}/").expect("One of us made sure that all is safe.")
    maria.sees("on her page: One of us made sure that all is safe. What we had paused goes on")
    warn(world)


def report_call(maria: Somebody) -> str:
    """Gives the reference of her report's case."""
    page = maria.browser.open(REPORT)
    page = maria.browser.send(page.form("text", "sender", "how"), text=SAID, sender=NUMBER, how="call")
    report = reference_in(page.url)
    maria.does(f"hangs up, and reports it from there: case {report}")
    return report


def decide(world: World) -> None:
    """An analyst decides for all who were rung from there, and warns everybody."""
    carla = Somebody(world, "carla")
    carla.sign_in()
    page = world.until("the report waits for an analyst", lambda: _report(carla))
    form = page.form("verdict", "reason", "words", "number")
    told = {"verdict": "warn", "reason": "The caller wanted a code.", "words": WARNING}
    carla.browser.send(form, **told, number=NUMBER).expect("Decided")
    carla.does("reads it, and decides for everybody who was rung from there: fraud, with a warning")


def let_go_on(world: World, report: str) -> None:
    """It is fraud, so what is paused goes on by a supervisor's word alone, whatever was typed in Maria's session."""
    sam = Somebody(world, "sam")
    sam.sign_in()
    page = sam.take_up("/desk/?tab=roles", "Make sure that the account is safe", report)
    reason = "Maria told them nothing, and her telephone is clean."
    sam.browser.send(page.form("outcome", "reason"), called_customer="reached", outcome="go_on", reason=reason)
    sam.does("calls Maria on the number on file, hears that all is safe, and lets go on what is paused")


def warn(world: World) -> None:
    page = world.until("the public page warns", lambda: _warned(world))
    world.tell("Anybody", "reads on the public page what is going round")
    world.see(sentence_of(page, WARNING[:20]))


def _not_us(maria: Somebody) -> Page | None:
    page = maria.browser.open("/portal/calls/now/?somebody")
    return page if "This is not us: hang up" in page.text else None


def _case(maria: Somebody, reference: str) -> str:
    return maria.browser.open(f"/portal/cases/{reference}/").text


def _report(carla: Somebody) -> Page | None:
    """The page of the group in which the call was reported, taken by her; others she gives back."""
    for address in carla.browser.open(GROUPS).links.values():
        page = carla.browser.open(address) if re.search(rf"{GROUPS}[^#]+", address) else None
        if page is not None:
            if page.has_form(button="Take and read"):
                page = carla.browser.send(page.form(button="Take and read"), press="Take and read")
            if SAID in page.text:
                return page
            carla.browser.send(page.form(button="Give it back"), press="Give it back")
    return None


def _warned(world: World) -> Page | None:
    page = world.browser().open("/check/")
    return page if WARNING[:20] in page.text else None
