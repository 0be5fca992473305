"""The home visit within the story: a time chosen, two halves exchanged, a document looked at."""

from __future__ import annotations

import re

from demo.people import BY_USERNAME

from .browser import Lost, Page
from .somebody import Somebody
from .world import World

VISITORS = ("viktor", "vera")
_HALF = re.compile(r"(?<!\d)(\d{3}) (\d{3})(?!\d)")


def play_visit(world: World, maria: Somebody, reference: str) -> str:
    """Gives the reference of the visit."""
    choose(maria)
    visitor = who_comes(world, maria, reference)
    visitor.sign_in()
    visitor.does("checks in at the door, on the phone, without sharing the place")
    visit = visit_reference(maria)
    screen = Screen(visitor, visit)
    screen.submit("latitude", "longitude")
    screen.submit("outcome", outcome="opened")
    half_b = screen.digits()
    visitor.does("shows half of the code on the screen; Maria's door is still closed")
    page = maria.find("/portal/", "Compare what the visitor shows you")
    maria.browser.send(page.form("half"), half=half_b)
    maria.does("types what she sees, and the portal says that this visitor is ours")
    half_a = digits_of(world, maria, reference)
    maria.does("now sees her own half, and reads it out")
    screen.submit("half", half=half_a)
    visitor.does("types her half: now each knows who the other is")
    page = screen.submit("found", found="match")
    document = {"portrait": "yes", "document": "passport", "valid_until": "2031-05-17", "last_signs": "7K2P"}
    page = visitor.browser.send(page.form(*document), **document)
    if page.status >= 400:
        raise Lost(f"the visitor's result is refused: {page.text[:400]}")
    visitor.does("looks at the passport, sends “match”; no picture and no copy is taken")
    return visit


def choose(maria: Somebody) -> None:
    page = maria.find("/portal/", "Choose when we visit you")
    page = maria.browser.send(page.form("how"), how="visit", press="continue")
    days = page.form("day")
    page = maria.browser.send(days, day=days.choices["day"][0], press="continue")
    times = page.form("window", "place")
    first, here = times.choices["window"][0], times.choices["place"][0]
    page = maria.browser.send(times, window=first, place=here, press="continue")
    maria.browser.send(page.form(button="confirm"), press="confirm").expect("We have your answer")
    maria.does("is told that her new telephone number needs a second look; she picks a visit")


def who_comes(world: World, maria: Somebody, reference: str) -> Somebody:
    """The visitor whose name and badge appear in her portal, now that the window is open."""

    def named() -> str | None:
        page = visit_page(maria, reference)
        known = (username for username in VISITORS if page and BY_USERNAME[username].family_name in page.text)
        return next(known, None)

    person = Somebody(world, world.until("the visitor's card appears in the portal", named))
    maria.does(f"sees who comes: {person.person.name}, with name and badge, and only now that the window is open")
    return person


def visit_page(maria: Somebody, reference: str) -> Page | None:
    """Her page of the visit, from the link on her case; None while it has none."""
    page = maria.browser.open(f"/portal/cases/{reference}/")
    address = next((address for address in page.links.values() if address.endswith("/visit/")), None)
    return maria.browser.open(address) if address else None


def visit_reference(maria: Somebody) -> str:
    """The reference of the visit whose page she has open."""
    return maria.browser.here.url.rstrip("/").split("/")[-2]


def digits_of(world: World, maria: Somebody, reference: str) -> str:
    """Half A, as the portal shows it."""

    def shown() -> str | None:
        page = visit_page(maria, reference)
        found = _HALF.search(page.text) if page else None
        return " ".join(found.groups()) if found else None

    return world.until("half A appears in the portal", shown)


class Screen:
    """The visitor's phone, at the one visit that is on."""

    def __init__(self, visitor: Somebody, reference: str) -> None:
        self.visitor = visitor
        self.address = visitor.browser.open("/field/").link(f"/field/visits/{reference}/")

    def until(self, *names: str) -> Page:
        """The screen that asks for these fields."""

        def look() -> Page | None:
            page = self.visitor.browser.open(self.address)
            return page if page.has_form(*names) else None

        return self.visitor.world.until(f"the visitor's screen asks for {names}", look)

    def submit(self, *names: str, **values: str) -> Page:
        page = self.until(*(names or tuple(values)))
        form = page.form(*(names or tuple(values)))
        page = self.visitor.browser.send(form, **values)
        if page.status >= 400:
            raise Lost(f"the visitor's form is refused: {page.text[:400]}")
        return page

    def digits(self) -> str:
        """Half B, once the screen shows it."""

        def shown() -> str | None:
            page = self.visitor.browser.open(self.address)
            found = _HALF.search(page.text) if "to the customer" in page.text else None
            return " ".join(found.groups()) if found else None

        return self.visitor.world.until("the visitor's half is on the screen", shown)
