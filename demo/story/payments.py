"""After the reissue: the payments of the old card are moved one by one, and the customer looks before they talk.

The network moves three, one company wants to hear from Maria herself, and one takes no new numbers from anybody. She
asks to be called about these two. A fraudster is faster: her page says that it is not us (`strange.py`). Then Hanna
rings, and proves first who she is; a voice at our public number says of this case that it is us, and of another that it
is not. At night nobody of us rings: then Maria calls the number on her card.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .browser import Lost, Page
from .somebody import Somebody
from .telephone import CONSOLE, reference_in, sentence_of
from .voice_menu import ask_who_calls
from .world import World

COMPANIES = ("Example Phone", "Example Water")
"""Those of `demo.payments` that do not move by themselves."""
ANSWERS = {"EXMPL0004": "A", "EXMPL0002": "Q", "EXMPL0005": "N"}
"""What the network says: a new number of the gym, the telephone company asks for the cardholder, the waterworks do not
take part. The others have their usual answers."""
STILL = "I am still on this call"
"""What the script of the page says every five seconds; without it the customer soon reads that we cannot check."""
TWO_DAYS = 2 * 86_400
"""In seconds: so long the network takes."""
_HALF = re.compile(r"The digits that prove us ((?:\d ?){6})")
_CODE = re.compile(r"The code for this one call (\w{4} \w{4})")
Arrange = Callable[[str], Mapping[str, Any]]
"""Makes the time of a call about a case now: gives its `reference`, empty at night, and the `number` that is called."""


def prepare_network(world: World) -> int:
    """The second half of its answers is late, so that one can see what is still open. Gives how many batches it has."""
    world.updater("codes", ANSWERS)
    world.updater("faults", {"partly": {"times": 1}})
    return len(world.updater("state")["batches"])


def move_payments(world: World, maria: Somebody, reference: str, before: int) -> str:
    """Until only the two are left that Maria must see to herself. Gives the reference of the case of the payments. The
    network had `before` batches when its day began: its clock must not run ahead of ours."""
    update = reference_in(maria.find(f"/portal/cases/{reference}/", "To the list").url.removesuffix("payments/"))
    world.until("the network has our batch", lambda: len(world.updater("state")["batches"]) > before)
    world.updater("clock", {"advance": TWO_DAYS})
    world.tell("Network", "answers after two days, which the simulator's clock makes short, and only in part")
    page = _until_it_says(world, maria, update, "3 moved", "2 billers have not answered")
    maria.does(f"sees what becomes of the payments of her old card, one by one; it is case {update}")
    maria.sees(_counted(page))
    world.updater("release", {})
    world.tell("Network", "answers the rest: one company wants to hear from Maria, one takes no new numbers")
    maria.sees(_counted(_until_it_says(world, maria, update, "3 moved", "2 wait for you")))
    page = maria.browser.open(_list_of(update)).expect(*COMPANIES)
    maria.sees("at each stands what to do there; nobody asks her for a number that she cannot know")
    held = world.until("Example Phone has our message", lambda: world.updater("state")["hooks"])
    world.tell("Phone", f"the company has our signed message, {held[-1]['body']['type']}: please cut nothing off")
    return update


def call_about(world: World, maria: Somebody, update: str, arrange: Arrange, fraud: Callable[[], None]) -> None:
    """The call that she asked for. `fraud` is what comes in between."""
    told = arrange(update)
    if told["reference"]:
        maria.does("wants to be called about these two, and has chosen when; the call is in her portal")
    fraud()
    hanna = Somebody(world, "hanna")
    hanna.sign_in()
    line = _we_ring(world, maria, hanna, told) if told["reference"] else _she_rings(maria, hanna, update, told)
    if told["reference"]:
        _we_are_sure(world, maria, hanna, line)
    _she_is_sure(world, maria, hanna, line)
    calls = bool(told["reference"])
    ask_who_calls(world, told["reference"] or update, calling=calls, still=lambda: _still(hanna, line))
    _wrap_up(world, hanna, line, told)


def finish(maria: Somebody, update: str) -> None:
    """She ticks off both."""
    for company in COMPANIES:
        page = maria.browser.open(_list_of(update))
        maria.browser.send(page.form(button=company), press=company)
    maria.does(f"gives {' and '.join(COMPANIES)} the new card herself, and ticks them off")


def _we_ring(world: World, maria: Somebody, hanna: Somebody, told: Mapping[str, Any]) -> str:
    """From the worklist to the moment in which somebody answers. Gives the address of the call's screen."""
    page = world.until("the call can be made", lambda: _sheet(hanna, told["reference"]))
    line = page.url
    hanna.does("opens the sheet: who, why, what she may ask, what she must never ask; only then can she dial")
    hanna.browser.send(page.form(button="1 Dial"), press="1 Dial")
    page = _calls_now(world, maria, "We are calling you now", "Hanna")
    maria.does("hears the telephone, and looks before she talks")
    maria.sees(sentence_of(page, "We are calling you now"))
    world.until("the telephone rings and is answered", lambda: world.telephone(told["number"], "answer"))
    _still(hanna, line)
    page = _calls_now(world, maria, "is talking to you now")
    maria.sees(sentence_of(page, "Hanna of"))
    return line


def _still(hanna: Somebody, line: str) -> None:
    page = hanna.browser.open(line)
    if page.has_form(button=STILL):
        hanna.browser.send(page.form(button=STILL))


def _she_rings(maria: Somebody, hanna: Somebody, update: str, told: Mapping[str, Any]) -> str:
    """At night: we call nobody, so she calls the number on her card."""
    maria.does("it is night where she is, and we call nobody: she calls the number on her card")
    page = hanna.browser.open(CONSOLE)
    page = hanna.browser.send(page.form("number", button="Take the call"), number=told["number"])
    line = page.url
    hanna.does("takes the call; the number on the display proves nothing")
    hanna.browser.send(page.form("reference", button="It is about this case"), reference=update)
    return line


def _we_are_sure(world: World, maria: Somebody, hanna: Somebody, line: str) -> None:
    """The company proves itself first."""
    shown = world.until("Hanna has the digits", lambda: _HALF.search(hanna.browser.open(line).text))
    hanna.does("says her name and the case first, and the six digits on her screen")
    page = maria.browser.open("/portal/calls/proof/")
    maria.browser.send(page.form("half", button="Compare"), half=shown[1], press="Compare").expect("It is us")
    maria.does("types them into her page, which says: It is us")


def _she_is_sure(world: World, maria: Somebody, hanna: Somebody, line: str) -> None:
    """Then the customer, by a code that is good for this call alone."""
    page = maria.browser.open("/portal/calls/proof/")
    page = maria.browser.send(page.form(button="Show me a code"), press="Show me a code")
    code = _CODE.search(page.text)
    if code is None:
        raise Lost(f"no code is shown on {page.url}: {page.text[:600]}")
    page = hanna.browser.open(line)
    hanna.browser.send(page.form("code"), code=code[1])
    maria.does("reads out a code that her page shows: good once, in this call of Hanna's, and for nothing else")
    world.until("Hanna may tell now", lambda: not hanna.browser.open(line).has_form("code"))


def _wrap_up(world: World, hanna: Somebody, line: str, told: Mapping[str, Any]) -> None:
    if told["reference"]:
        world.telephone(told["number"], "hang_up")
    page = world.until("the call is over", lambda: _over(hanna, line))
    text = "Went through the list together. Both companies take a new card only from their customer."
    hanna.browser.send(page.form("text", "outcome"), outcome="spoken", text=text).expect("is wrapped up")
    hanna.does("writes down what came of it; without that there is no next call")


def _over(hanna: Somebody, line: str) -> Page | None:
    page = hanna.browser.open(line)
    if not page.has_form("text", "outcome") and page.has_form(button="Ended"):
        page = hanna.browser.send(page.form(button="Ended"), press="Ended")
    return page if page.has_form("text", "outcome") else None


def _sheet(hanna: Somebody, reference: str) -> Page | None:
    page = hanna.browser.open(f"/desk/call/next/{reference}/")
    if page.has_form(button="Open the sheet"):
        page = hanna.browser.send(page.form(button="Open the sheet"))
    return page if page.has_form(button="1 Dial") else None


def _calls_now(world: World, somebody: Somebody, *words: str) -> Page:
    def look() -> Page | None:
        page = somebody.browser.open("/portal/calls/now/")
        return page if all(one in page.text for one in words) else None

    return world.until(f"{somebody.name}'s page says {words}", look)


def _until_it_says(world: World, maria: Somebody, update: str, *words: str) -> Page:
    def look() -> Page | None:
        page = maria.browser.open(f"/portal/cases/{update}/")
        return page if all(one in page.text for one in words) else None

    return world.until(f"the case of the payments says {words}", look)


def _counted(page: Page) -> str:
    return sentence_of(page, "3 moved")


def _list_of(update: str) -> str:
    return f"/portal/cases/{update}/payments/"
