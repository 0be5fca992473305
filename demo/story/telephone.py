"""The telephone: a caller without a code gets nothing, and the holder with one moves a contact; the old address can
stop that.

Nobody at the desk sees a name or a code: what Hanna's pages show is looked at, too.
"""

from __future__ import annotations

import re
from typing import Any

from .browser import Lost, Page
from .somebody import Somebody
from .world import World

NIP = "1234563218"
"""Tulip Trading's, as anybody finds it in the public register."""
SERVICE = "tulip.example"
OLD, NEW = "office@tulip.example", "office@tulip-trading.example"
FOR_WHAT = "Change my address or telephone number"
CONSOLE = "/desk/call/"
_SHOWN = re.compile(r"The code for this one thing (\w{4} \w{4})")
_IN_MAIL = re.compile(r"Your code: (\S+)")


def play_calls(world: World) -> None:
    """Plays both calls. It can be played again at once: the change that is asked for is stopped at the end."""
    hanna, eva = Somebody(world, "hanna"), Somebody(world, "tulip")
    hanna.sign_in()
    eva.sign_in()
    finish_interrupted(hanna, eva)
    refuse_a_caller(world, hanna)
    change = take_an_order(world, hanna, eva)
    move_the_contact(world, eva, change)
    stop(eva, change)


def finish_interrupted(hanna: Somebody, eva: Somebody) -> None:
    """What an interrupted story left open: a call that nobody wrapped up, and a change of the address."""
    page = hanna.browser.open(CONSOLE)
    if not page.has_form("known"):
        end_call(hanna, page.url, order="nobody")
    stop_what_is_open(eva, "A new e-mail address")


def refuse_a_caller(world: World, hanna: Somebody) -> None:
    """A caller knows a public number, and wants a domain to leave; the holder hears of it on every channel."""
    world.tell("Caller", f"knows a company's NIP, {NIP}, from the public register, and wants its domain moved away")
    call = find_record(hanna, NIP, "domain_transfer_out")
    hanna.does("finds a record by it, sees nothing of whose it is, and asks for the code that its portal shows")
    world.tell("Caller", "has no code; is in a hurry; names the director, the street and the last invoice")
    page = hanna.browser.send(until_form(hanna, call, "no_code").form("no_code"))
    page.expect("Do nothing for this caller", "Everything is in the portal")
    hanna.sees("her screen: Do nothing for this caller. Say nothing else, and end the call")
    end_call(hanna, call, order="nobody")
    hanna.does(f"writes down that nothing was ordered; call {reference_in(call)} is in the timeline for good")
    told = world.until("the holder is told on every channel", lambda: told_by_mail_and_text(world, call))
    world.tell("Tulip", f"gets a mail: {told['mail']['subject']}")
    text, _asks, _rest = line_of(told["sms"], "somebody talked").partition(" Not you?")
    world.see(f"and a text message: {text}")


def take_an_order(world: World, hanna: Somebody, eva: Somebody) -> str:
    """The holder calls, and reads out the code that the portal shows. Gives the reference of what was opened."""
    eva.does("calls, and wants another e-mail address for Tulip Trading")
    call = find_record(hanna, SERVICE, "contact_change")
    until_form(hanna, call, "code")
    page = eva.browser.open(f"/portal/cases/{reference_in(call)}/call/")
    page = eva.browser.send(page.form("answer", button="show me the code"), answer="shown")
    page = eva.browser.open(f"/portal/cases/{reference_in(call)}/call/").expect(FOR_WHAT)
    code = _SHOWN.search(page.text)
    if code is None:
        raise Lost(f"no code is shown on {page.url}: {page.text[:600]}")
    eva.does(f"signs in, and sees in large letters: {FOR_WHAT}")
    eva.sees(f"who asks for it, and the code, {code[1]}: good once, only for this, only when Hanna types it")
    page = hanna.browser.send(hanna.browser.open(call).form("code"), code=code[1])
    page = hanna.browser.send(page.form("kind", "value"), kind="mail", value=NEW)
    change = reference_in(page.expect("Opened for the caller").link("Change an address"))
    hanna.does(f"types it: it fits, and opens just that one thing, case {change}")
    end_call(hanna, call, order="holder")
    hanna.sees("and writes down: on the order of the customer; which login, which code")
    return change


def move_the_contact(world: World, eva: Somebody, change: str) -> None:
    """Confirmed by the holder and proven at the new address; the old one is told, and can stop it for 72 hours."""
    asked = mail_to(world, OLD, change, "asked us to change")
    world.tell("Tulip", f"is told at the old address: {asked['subject']}")
    page = eva.find(f"/portal/cases/{change}/", "Confirm the change")
    eva.give_code(page.expect(NEW))
    eva.does("confirms this very change with her authenticator: a call alone changes nothing")
    sent = _IN_MAIL.search(mail_to(world, NEW, change, "The code for your new address")["text"])
    if sent is None:
        raise Lost("the mail to the new address holds no code")
    page = eva.find(f"/portal/cases/{change}/", "Enter the code")
    eva.browser.send(page.form("code"), code=sent[1])
    eva.does("reads the mail at the new address, and types the code from it into the case")
    told = mail_to(world, OLD, change, "about to change")
    world.tell("Tulip", f"is told once more at the old address: {told['subject']}")
    world.see(line_of(told, "We change nothing before"))
    world.see(line_of(told, "You can stop it without signing in"))


def stop(eva: Somebody, change: str) -> None:
    """The 72 hours cannot be played, so the change is stopped here: then the story can be played again."""
    stop_case(eva, change)
    eva.does("stops it here, as nobody waits three days for a story; the old address stays in force")


def stop_what_is_open(somebody: Somebody, title: str) -> None:
    """Stops the customer's own cases with this title, which an interrupted story left open."""
    links = somebody.browser.open("/portal/").links
    for address in [address for words, address in links.items() if title in words]:
        if somebody.browser.open(f"{address.rstrip('/')}/stop/").has_form(button="Yes, stop it"):
            stop_case(somebody, reference_in(address))


def stop_case(somebody: Somebody, reference: str) -> None:
    """The customer stops their own case in the portal, and waits until it is stopped."""
    page = somebody.browser.open(f"/portal/cases/{reference}/stop/")
    somebody.browser.send(page.form(button="Yes, stop it"), press="Yes, stop it")
    somebody.world.until(
        "the case is stopped",
        lambda: "stopped" in somebody.browser.open(f"/portal/cases/{reference}/").text.lower(),
    )


def find_record(hanna: Somebody, named: str, wants: str) -> str:
    """Gives the address of the call's screen."""
    page = hanna.browser.open(CONSOLE)
    page = hanna.browser.send(page.form("known", "wants", "told"), known=named, wants=wants, told="on")
    if "tulip trading" in page.text.lower():
        raise Lost(f"the console shows whose record it is: {page.text[:600]}")
    return page.url


def until_form(hanna: Somebody, call: str, *names: str) -> Page:
    """The call's screen once it asks for these fields."""

    def look() -> Page | None:
        page = hanna.browser.open(call)
        return page if page.has_form(*names) else None

    return hanna.world.until(f"the call's screen asks for {names}", look)


def end_call(hanna: Somebody, call: str, *, order: str) -> None:
    """Wraps it up, after saying that the caller has no code where the screen still asks for one."""

    def look() -> Page | None:
        page = hanna.browser.open(call)
        if page.has_form("no_code"):
            page = hanna.browser.send(page.form("no_code"))
        return page if page.has_form("ordered_by") else None

    page = hanna.world.until("the call can be wrapped up", look)
    hanna.browser.send(page.form("ordered_by", "changed"), ordered_by=order).expect("is wrapped up")


def told_by_mail_and_text(world: World, call: str) -> dict[str, dict[str, Any]] | None:
    """The mail and the text message about a call, once both are there."""
    found = {one["kind"]: one for one in world.messages(reference_in(call))}
    return found if {"mail", "sms"} <= set(found) else None


def mail_to(world: World, address: str, reference: str, words: str) -> dict[str, Any]:
    """The mail about this case with these words in its subject, once it has arrived at the address."""

    def arrived() -> dict[str, Any] | None:
        mails = (one for one in world.messages(reference) if one["kind"] == "mail" and one["recipient"] == address)
        return next((one for one in mails if words.lower() in one["subject"].lower()), None)

    return world.until(f"a mail “{words}” arrives at {address}", arrived)


def line_of(message: dict[str, Any], words: str) -> str:
    """What a message says from these words on, to the end of their paragraph, in one line."""
    for paragraph in re.split(r"\n\s*\n", message["text"]):
        _before, found, rest = " ".join(paragraph.split()).partition(words)
        if found:
            return f"{found}{rest}"
    raise Lost(f"“{words}” is not in the message: {message['text'][:600]}")


def sentence_of(page: Page, words: str) -> str:
    """What the page says from these words to the next full stop."""
    found = re.search(rf"{re.escape(words)}[^.]*\.", page.text)
    if found is None:
        raise Lost(f"“{words}” is not on {page.url}: {page.text[:900]}")
    return found[0]


def reference_in(address: str) -> str:
    """The reference that an address ends with."""
    return address.rstrip("/").split("/")[-1]
