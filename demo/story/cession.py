"""Domains change hands, or do not: by two signed files, on paper, by two accounts, and not by a thief.

Everybody acts through the pages; what the registry has in the end is read from the registry itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from devstack.signers import MARIA, PIOTR

from . import identity_card, papers
from .browser import Lost, Page
from .somebody import Newcomer, Somebody
from .world import World

CODE = re.compile(r"\b(?:[2-9A-Z]{3}-){4}[2-9A-Z]{2}\b")
ENVELOPE = "2026/1129"
UPDATE = "domain:update"
"""The registry's name for a change of a domain."""
ANNOUNCED = "Your domain will get a new holder"
"""The subject of the mail with which the time to stop it begins."""
TO_MARIA = {
    "new_is": "person",
    "given_name": "Maria",
    "family_name": "Jansen",
    "mail": "maria.jansen@example.org",
    "number_kind": "BSN",
    "number": "111222333",
    "country": "NL",
    "line1": "Keizersgracht 412",
    "code": "1016 GC",
    "town": "Amsterdam",
}
TO_TULIP = {
    "new_is": "organisation",
    "given_name": "Eva",
    "family_name": "de Wit",
    "organisation_name": "Tulip Trading sp. z o.o.",
    "mail": "office@tulip.example",
    "number_kind": "NIP",
    "number": "1234563218",
    "country": "PL",
    "line1": "Długa 7",
    "code": "80-827",
    "town": "Gdańsk",
}


def play_cessions(world: World, domains: dict[str, str], old_phone: str) -> None:
    """Plays all of them; while one can still be stopped, another begins. `domains` are those that are given away, by
    the way in which it is signed; `old_phone` is the number that Maria had before the present one."""
    piotr, maria = Somebody(world, "piotr"), Somebody(world, "maria")
    piotr.sign_in()
    maria.sign_in()
    signed = by_signed_file(world, piotr, domains["signed"])
    before = lose_next_answer(world, domains["signed"])
    stopped_from_an_old_number(world, maria, old_phone)
    executed(maria, signed, domains["signed"])
    exactly_one_change(world, domains["signed"], before)
    both_told(world, signed, "maria.jansen@example.org", "piotr.nowak@example.org")
    lotte = Newcomer(world, "Lotte", "Vos")
    confirmed = by_two_accounts(world, maria, lotte, domains["electronic"])
    on_paper(world, piotr, domains["paper"], meanwhile=lambda: executed(lotte, confirmed, domains["electronic"]))


# --- a file that both sign --------------------------------------------------------------------------------------------


def by_signed_file(world: World, piotr: Somebody, domain: str) -> str:
    """A file that was changed after signing is refused; the true one counts. Gives the reference, while it can still be
    stopped."""
    reference = ask(piotr, domain, "signed_pdf", TO_MARIA)
    piotr.does(f"gives {domain} to Maria, by a file that both sign; case {reference}")
    confirm(piotr, reference)
    form = piotr.download(reference, "Form for the change of holder")
    true_one = papers.signed(form, world.data_dir, PIOTR, MARIA)
    world.tell("Both", "sign the form, each with their own tool and certificate")
    page = piotr.find(f"/portal/cases/{reference}/", "Send the form that you both signed")
    page = send_form(piotr, page, papers.with_changed_page(true_one))
    page.expect("Page 1 was changed after Maria Jansen signed")
    world.tell("Somebody", "has painted over a line of the first page after both had signed")
    piotr.sees("refused: Page 1 was changed after Maria Jansen signed.")
    send_form(piotr, page, true_one).expect("We have your answer")
    piotr.does("sends the file as both signed it: the signatures are in order")
    cool(piotr, reference)
    return reference


def lose_next_answer(world: World, domain: str) -> tuple[str, int]:
    """Gives who the domain's holder is at the registry, and how many changes of domains it has made so far."""
    before = world.registry(f"domains/{domain}")["registrant"], world.registry("state")["done"][UPDATE]
    world.registry("faults", {"kind": "drop", "on": UPDATE})
    world.tell("Registry", "will carry out the next change, and lose the line before it answers")
    return before


def exactly_one_change(world: World, domain: str, before: tuple[str, int]) -> None:
    """The change of the holder, which also takes our locks off."""
    registrant, changes = before
    kept, state = world.registry(f"domains/{domain}"), world.registry("state")
    if kept["registrant"] == registrant or state["done"][UPDATE] != changes + 1 or state["faults"]:
        raise Lost(f"the registry has {kept} after {state['done'][UPDATE] - changes} changes")
    world.tell("Registry", "had lost its answer, was asked what became of it, and has changed the holder exactly once")


def send_form(person: Somebody, page: Page, content: bytes) -> Page:
    """Adds a signed file to the step, and sends it. Gives the page that answers."""
    page = person.add_file(page, ("cession-signed.pdf", content, "application/pdf"))
    return person.browser.send(page.form("way"), way="signed")


# --- on paper ---------------------------------------------------------------------------------------------------------


def on_paper(world: World, piotr: Somebody, domain: str, *, meanwhile: Callable[[], None]) -> str:
    """Two people check the letter, and Piotr is called back. `meanwhile` is done while it can still be stopped."""
    reference = ask(piotr, domain, "paper", TO_TULIP)
    piotr.does(f"gives {domain} to Tulip Trading, on paper; case {reference}")
    confirm(piotr, reference)
    form = piotr.download(reference, "Form for the change of holder")
    scan = papers.signed_by_hand_and_scanned(form)
    world.tell("Both", "print the form, sign it by hand, and post it")
    hanna, ada, sam = (Somebody(world, name) for name in ("hanna", "ada", "sam"))
    for person in (hanna, ada, sam):
        person.sign_in()
    page = hanna.take_up("/desk/?tab=roles", "Scan the signed form when its letter comes", reference)
    page = hanna.add_file(page, ("form.jpg", scan, "image/jpeg"), kind="form")
    page = hanna.add_file(page, ("identity-card.jpg", identity_card.picture(), "image/jpeg"), kind="identity")
    sent = hanna.browser.send(page.form("envelope", "mark"), envelope=ENVELOPE)
    if sent.status >= 400:
        raise Lost(f"the scan is refused: {sent.text[:600]}")
    hanna.does("scans the letter: the mark on the form is read from the picture, and names the case")
    check_form(hanna, redact(hanna, reference))
    check_form(ada, ada.take_up("/desk/?tab=roles", "Check the signed form, as the second person", reference))
    ada.does("checks the same list, and sees nothing of what Hanna found")
    hanna.browser.open(f"/desk/case/{reference}/").expect("The original was deleted", "after both checks")
    world.see("the copy of Piotr's card is gone; what stays shows the names and a date, and is black elsewhere")
    page = sam.take_up("/desk/?tab=roles", "Call the holder back on an old number", reference)
    page = sam.browser.send(page.form("outcome", "reason"), outcome="confirmed", reason="Named both without help.")
    sam.does("calls Piotr back on a number that is years old; who checked the form may not, however sure they are")
    cool(piotr, reference)
    meanwhile()
    executed(Somebody(world, "tulip"), reference, domain)
    return reference


def redact(hanna: Somebody, reference: str) -> Page:
    """The copy of Piotr's identity card lies in the envelope too: only who has claimed the check sees it in clear.
    Gives the page of the check."""
    page = hanna.take_up("/desk/?tab=roles", "Check the signed form", reference)
    page.expect("Claim this first")
    page = hanna.browser.send(page.form(button="Claim"))
    page = hanna.browser.send(page.form("names"), press="Redact it")
    page = hanna.browser.send(page.form(*identity_card.OPENED), **identity_card.OPENED)
    page.expect("It is redacted", "What others see")
    hanna.does("redacts the copy of Piotr's identity card: everybody else sees the names and how long it is valid")
    return page


def check_form(person: Somebody, page: Page) -> None:
    form = page.form("names", "addresses", "signatures")
    asked = [name for name in ("names", "addresses", "signatures", "register_extract") if name in form.names]
    answers = {"power_of_attorney": "not_needed"} | dict.fromkeys(asked, "yes")
    page = person.give_code(person.browser.send(form, **answers))
    if page.has_form("names"):
        raise Lost(f"{person.name}'s check is not taken: {page.text[:600]}")
    if person.person.username == "hanna":
        person.does("compares names, addresses and signatures with what is on file")


# --- by two accounts --------------------------------------------------------------------------------------------------


def by_two_accounts(world: World, maria: Somebody, lotte: Newcomer, domain: str) -> str:
    """The new holder has no account yet. Gives the reference, while it can still be stopped."""
    whom = {"new_is": "person", "given_name": "Lotte", "family_name": "Vos", "mail": lotte.mail}
    reference = ask(maria, domain, "electronic", whom)
    maria.does(f"gives {domain} to Lotte Vos, whom we do not know; case {reference}")
    confirm(maria, reference)
    invited = world.until("the invitation arrives", lambda: world.messages(f"{reference} {lotte.mail}"))
    code = re.search(r"(?:[2-9A-Z]{3,4}-)+[2-9A-Z]{2,4}(?=\s)", invited[-1]["text"].replace(reference, ""))
    if code is None:
        raise Lost(f"the invitation holds no code: {invited[-1]['text']}")
    lotte.join(reference, code[0])
    lotte.does("opens an account with the code from our mail, and sets up an authenticator")
    page = maria.find(f"/portal/cases/{reference}/", "Sign that you give your domain away")
    page = maria.give_code(page)
    maria.browser.send(page.form("decision"), decision="agreed").expect("We have your answer")
    page = lotte.find(f"/portal/cases/{reference}/", "Take over a domain")
    page = lotte.give_code(page)
    given = {"number_kind": "BSN", "number": lotte.number, "line1": "Singel 8", "code": "1012 AB", "town": "Amsterdam"}
    lotte.browser.send(page.form("decision", "number"), decision="agreed", **given).expect("We have your answer")
    world.tell("Both", "sign the same words, each in their own account and with their own authenticator")
    approve(Somebody(world, "ada"), reference)
    cool(maria, reference)
    return reference


def approve(ada: Somebody, reference: str) -> None:
    ada.sign_in()
    page = ada.take_up("/desk/?tab=roles", "Approve the change of holder", reference)
    reason = "The number is new by Maria's own wish; Maria named the new holder on the telephone."
    ada.give_code(ada.browser.send(page.form("outcome", "reason"), outcome="approved", reason=reason))
    ada.does("approves it: Maria's number is new and Lotte is new here, so another person looks at it")


# --- a thief ----------------------------------------------------------------------------------------------------------


def stopped_from_an_old_number(world: World, maria: Somebody, old_phone: str) -> str:
    """Who has the session and the mailbox still does not have the telephone that was on file before."""
    domain = "jansen-bloemen.example"
    before = world.registry(f"domains/{domain}")
    thief = Somebody(world, "maria")
    thief.browser = world.browser()
    thief.browser.session.cookies.update(maria.browser.session.cookies)
    whom = {"new_is": "person", "given_name": "Max", "family_name": "Roest", "mail": "max.roest@example.net"}
    reference = ask(thief, domain, "electronic", whom)
    world.tell("Thief", f"with Maria's session and mailbox wants {domain}; case {reference}")
    texts = world.until(
        "the old number gets a text message",
        lambda: [one for one in world.messages(reference) if one["recipient"] == old_phone],
    )
    code = CODE.search(texts[0]["text"])
    if code is None:
        raise Lost("the text message holds no code")
    world.tell("Maria", "reads on an old telephone, whose number was replaced lately: somebody gives the domain away")
    stranger = world.browser()
    page = stranger.open("/stop/")
    page = stranger.send(page.form("code", "last_three"), code=code[0], last_three=old_phone[-3:])
    page.expect("This is what you stop", reference, "Nothing is stopped yet")
    page = stranger.send(page.form("code", button="Stop it now"), press="Stop it now")
    page.expect("It is stopped: nothing is changed")
    maria.does("stops it on our public page, with that code and the last digits of that number; nobody signs in")
    if world.registry(f"domains/{domain}") != before:
        raise Lost("the registry's record of the domain is not as before")
    world.until("the case is closed", lambda: "Stopped" in maria.browser.open(f"/portal/cases/{reference}/").text)
    maria.browser.open("/portal/mine/").expect(domain)
    sam = Somebody(world, "sam")
    sam.sign_in()
    sam.browser.open("/desk/?tab=attention").expect(reference)
    sam.does("finds the alarm among what needs attention; at the registry and in our record nothing changed")
    return reference


# --- what they share --------------------------------------------------------------------------------------------------


def ask(holder: Somebody, domain: str, route: str, whom: dict[str, str]) -> str:
    """The holder opens the case from the page of their domain. Gives its reference."""
    holder.browser.open("/portal/mine/")
    holder.browser.follow(domain)
    page = holder.browser.follow("/portal/open/domain_cession/")
    page = holder.browser.send(page.form("domain", "route"), route=route, **whom)
    found = re.search(r"/portal/cases/([^/]+)/", page.url)
    if found is None:
        raise Lost(f"the cession is refused: {page.text[:900]}")
    return found[1]


def confirm(holder: Somebody, reference: str) -> None:
    """With the authenticator, for this step of this case."""
    page = holder.find(f"/portal/cases/{reference}/", "Confirm that you give your domain away")
    page = holder.give_code(page)
    if page.has_form(button="Yes, I want this"):
        page = holder.browser.send(page.form(button="Yes, I want this"), press="Yes, I want this")
    page.expect("We have your answer")
    holder.sees("confirmed with the authenticator; every address hears of it, and can stop it")


def cool(holder: Somebody, reference: str) -> None:
    """Until the time has begun in which everybody can still stop it."""
    holder.world.until("the time to stop it begins", lambda: holder.world.messages(f"{reference} {ANNOUNCED}"))
    holder.sees("now every old address can stop it, for some seconds; for other domains it is days")


def executed(new: Somebody, reference: str, domain: str) -> None:
    """Until the domain is the new holder's, at the registry as in our record."""
    if not new.is_in:
        new.sign_in()
    address = f"/portal/cases/{reference}/"
    new.world.until("it is done", lambda: "This is done" in new.browser.open(address).text)
    kept: dict[str, Any] = new.world.registry(f"domains/{domain}")
    holder = new.world.registry(f"contacts/{kept['registrant']}")["postal"]
    if not any(new.person.family_name in str(one) for one in holder.values()):
        raise Lost(f"the registry has another holder of {domain}: {holder}")
    new.browser.open("/portal/mine/").expect(domain)
    new.does(f"holds {domain} now, at the registry as in our record")


def both_told(world: World, reference: str, *addresses: str) -> None:
    """A mail to each, and to nobody with an address that is not theirs."""
    for address in addresses:
        world.until(f"{address} is told", lambda address=address: world.messages(f"{reference} {address} holder"))  # type: ignore[misc]
    world.see("both have a mail that says so")
