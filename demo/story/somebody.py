"""The people of the story, each with a browser of their own, and what they can do with the pages."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from demo.people import BY_USERNAME, PASSWORD, Person

from .browser import Browser, Lost, Page
from .world import World

_PERIOD = 30


class Somebody:
    """One of the people, signed in with password and authenticator as anybody would be."""

    def __init__(self, world: World, username: str) -> None:
        self.world = world
        self.person: Person = BY_USERNAME[username]
        self.browser: Browser = world.browser()

    @property
    def name(self) -> str:
        return self.person.given_name

    def sign_in(self) -> Page:
        page = self.browser.open("/account/login/")
        page = self.browser.send(page.form("login", "password"), login=self.person.username, password=PASSWORD)
        return self.give_code(page)

    def give_code(self, page: Page) -> Page:
        """Types the authenticator's code where the page asks for one, and again after a moment if it is refused."""
        for _ in range(3):
            if not page.has_form("code"):
                return page
            page = self.browser.send(page.form("code"), code=self.fresh_code())
        raise Lost(f"{self.name}'s code is refused on {page.url}: {page.text[:300]}")

    def fresh_code(self) -> str:
        """A code that was not used yet in any of the stories: of this half minute, the next or the last one; it waits
        when none is left."""
        used = self.world.used_codes.setdefault(self.person.username, set())
        while True:
            now = int(time.time()) // _PERIOD
            for step in (now, now + 1, now - 1):
                if step not in used:
                    used.add(step)
                    return str(format_hotp_value(hotp_value(self.person.totp_secret, step)))
            time.sleep(1)

    def does(self, what: str) -> None:
        self.world.tell(self.name, what)

    def sees(self, what: str) -> None:
        self.world.see(what)

    def find(self, address: str, words: str) -> Page:
        """Opens a page again and again until it has a link with these words, and follows it."""

        def look() -> str | None:
            page = self.browser.open(address)
            return page.link(words) if any(words.lower() in text.lower() for text in page.links) else None

        return self.browser.open(self.world.until(f"{self.name} finds “{words}” on {address}", look))

    def take_up(self, address: str, words: str, reference: str) -> Page:
        """The same with a list on which other cases have the like: follows the link in the line of this case."""

        def look() -> str | None:
            return self.browser.open(address).link_in_line(words, reference)

        return self.browser.open(self.world.until(f"{self.name} finds “{words}” of {reference} on {address}", look))
