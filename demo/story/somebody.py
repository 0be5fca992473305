"""The people of the story, each with a browser of their own, and what they can do with the pages."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from stdnum.nl import bsn

from demo.people import BY_USERNAME, PASSWORD, Person

from .browser import Browser, File, Lost, Page
from .world import World

_PERIOD = 30


class Somebody:
    """One of the people, signed in with password and authenticator as anybody would be."""

    def __init__(self, world: World, username: str) -> None:
        self._begin(world, BY_USERNAME[username])
        self.secret = self.person.totp_secret

    def _begin(self, world: World, person: Person) -> None:
        self.world = world
        self.person = person
        self.browser: Browser = world.browsers.setdefault(person.username, world.browser())
        self.is_in = False

    @property
    def name(self) -> str:
        return self.person.given_name

    def sign_in(self) -> Page:
        """Unless they are signed in already."""
        page = self.browser.open("/account/login/")
        if not page.has_form("login", "password"):
            self.is_in = True
            return page
        page = self.browser.send(page.form("login", "password"), login=self.person.username, password=PASSWORD)
        self.is_in = True
        return self.give_code(page)

    def give_code(self, page: Page) -> Page:
        """Types the authenticator's code where the page asks for one, and again after a moment if it is refused. The
        code of an address is another field of the same name."""
        for left in reversed(range(4)):
            form = next((form for form in page.forms if "code" in form.names and "line1" not in form.names), None)
            if form is None:
                return page
            if left:
                page = self.browser.send(form, code=self.fresh_code())
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
                    return str(format_hotp_value(hotp_value(self.secret, step)))
            time.sleep(1)

    def does(self, what: str) -> None:
        self.world.tell(self.name, what)

    def sees(self, what: str) -> None:
        self.world.see(what)

    def download(self, reference: str, words: str) -> bytes:
        """The file behind the link with these words on the page of the case, as soon as there is one."""
        address = f"/portal/cases/{reference}/"

        def look() -> str | None:
            page = self.browser.open(address)
            return page.link(words) if any(words.lower() in text.lower() for text in page.links) else None

        return self.browser.download(self.world.until(f"{self.name} finds “{words}” on {address}", look))

    def add_file(self, page: Page, file: File, **values: str) -> Page:
        """Adds a file to the step whose page this is, and gives that page again."""
        page = self.browser.send(page.form(button="a file"), press="a file")
        page = self.browser.send_file(page.form("file", *values), "file", file, **values)
        if page.status >= 400:
            raise Lost(f"the file is refused: {page.text[:600]}")
        return self.browser.follow("Go on")

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


class Newcomer(Somebody):
    """Somebody whom we do not know yet: a new person each time the story is played."""

    def __init__(self, world: World, given_name: str, family_name: str) -> None:
        key = f"{given_name.lower()}.{secrets.token_hex(3)}"
        self._begin(world, Person(key, given_name, family_name, None, "", ""))
        self.mail = f"{key}@example.org"
        self.number = next(number for number in _numbers() if bsn.is_valid(number))

    def join(self, reference: str, code: str) -> None:
        """Opens the account that the invitation is for, and sets up an authenticator, as any app would."""
        page = self.browser.open("/join/")
        known = {"reference": reference, "mail": self.mail, "code": code, "username": self.person.username}
        page = self.browser.send(page.form("reference", "code"), password=PASSWORD, **known)
        page.expect("Your account is open", reference)
        page = self.browser.open("/account/2fa/totp/activate/")
        if page.has_form("password"):
            page = self.browser.send(page.form("password"), password=PASSWORD)
        shown = re.search(r'class="secret">\s*([A-Z2-7]+)', page.html)
        if shown is None:
            raise Lost(f"no secret of an authenticator on {page.url}: {page.text[:300]}")
        self.secret, self.is_in = shown[1], True
        self.give_code(page)


def _numbers() -> Iterator[str]:
    """Numbers of nine digits from a random place on."""
    first = 700_000_000 + secrets.randbelow(200_000_000)
    return (str(first + step) for step in range(1000))
