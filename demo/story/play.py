"""The story of a misused card, from the signal to the activated new one, played through the faces.

Everybody acts through the pages or the API that they would really use. A step that does not succeed raises `Lost`.
"""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime, timedelta

from . import payments, strange
from .browser import Lost, Page
from .somebody import Somebody
from .visit import play_visit
from .world import World

BLOCKED_WITHIN = 1.0
"""Seconds from the signal to the issuer's block."""


def play(world: World, card: dict[str, str], arrange: payments.Arrange) -> str:
    """Plays everything, with what follows from the new number; gives the case's reference."""
    maria = Somebody(world, "maria")
    batches = payments.prepare_network(world)
    reference, mail = signal(world, card)
    is_this_phishing(world, reference, mail)
    prove(maria, reference)
    survey(maria, reference)
    visit = play_visit(world, maria, reference)
    review_and_approve(world, visit, reference)
    new = ship(world, maria, card, reference)
    activate(maria, reference, new)
    update = payments.move_payments(world, maria, reference, batches)
    payments.call_about(world, maria, update, arrange, lambda: strange.play_fraud(world, maria, update))
    payments.finish(maria, update)
    close(world, maria, card, reference)
    return reference


def signal(world: World, card: dict[str, str]) -> tuple[str, str]:
    """The detector signals; the card is blocked; the customer gets a mail. Gives the reference and the mail."""
    earlier = datetime.now(UTC) - timedelta(minutes=4)
    payments = [
        {"id": "p1", "amount": "899.00", "currency": "EUR", "merchant": "Elektro Outlet", "at": earlier.isoformat()},
        {"id": "p2", "amount": "12.40", "currency": "EUR", "merchant": "Bakkerij De Molen", "at": earlier.isoformat()},
    ]
    world.tell("Detector", f"signals fraud on the card ending {card['last_four']}")
    began = time.monotonic()
    told = world.signal_fraud(card["token"], payments, f"story-{uuid.uuid4()}")
    reference = str(told["case"])
    world.until(
        "the issuer blocks the card",
        lambda: world.issuer("GET", f"/v1/issuing/cards/{card['token']}")["status"] == "inactive",
    )
    took = time.monotonic() - began
    world.tell("Issuer", f"has blocked the card, {took:.2f} s after the signal; case {reference} is open")
    if took > BLOCKED_WITHIN:
        world.see(f"slower than the second that we promise ({took:.2f} s): this machine is busy")
    mails = world.until("the mail arrives", lambda: [one for one in world.messages(reference) if one["kind"] == "mail"])
    mail = f"{mails[0]['subject']}\n\n{mails[0]['text']}"
    world.tell("Maria", f"gets a mail: {mails[0]['subject']}")
    world.see(mails[0]["text"].strip().splitlines()[0])
    return reference, mail


def is_this_phishing(world: World, reference: str, mail: str) -> None:
    """Maria calls the number on her card; the desk looks the mail up."""
    hanna = Somebody(world, "hanna")
    hanna.sign_in()
    hanna.does("answers the telephone: “is this phishing?”, and pastes the mail into “Is this ours?”")
    began = time.monotonic()
    page = hanna.browser.open("/desk/ours/")
    form = page.form("pasted")
    page = hanna.browser.send(form, pasted=mail).expect("Tell the customer", reference)
    words = _after(page, "Tell the customer", 160).removeprefix("Tell the customer ")
    hanna.sees(f"answered in {time.monotonic() - began:.2f} s: ours; tell her: {words}")
    stranger = world.browser()
    code = re.search(r"\b(?:[2-9A-Z]{3}-){4}[2-9A-Z]{2}\b", mail)
    if code is None:
        raise Lost("the mail carries no check code")
    checked = stranger.open("/check/")
    checked = stranger.send(next(form for form in checked.forms if form.method == "post"), **{_field(checked): code[0]})
    world.tell("Anybody", f"types the check code {code[0]} on the public page")
    world.see(_after(checked, "yes", 150))


def prove(maria: Somebody, reference: str) -> None:
    maria.sign_in()
    maria.does("signs in as she always does; the case is on the first page")
    page = maria.browser.open(f"/portal/cases/{reference}/").expect(reference, "Your turn")
    maria.sees(_after(page, "Where it stands", 110))
    page = maria.find(f"/portal/cases/{reference}/", "Confirm that it is you")
    maria.give_code(page)
    maria.does("confirms with her authenticator that it is her, for this step of this case")


def survey(maria: Somebody, reference: str) -> None:
    """Filled in half, saved, resumed, checked and sent."""
    page = maria.find(f"/portal/cases/{reference}/", "Answer a few questions")
    page = maria.browser.send(page.form("payment_1", "payment_2"), payment_1="no", payment_2="yes", press="continue")
    page = maria.browser.send(page.form("card_where"), card_where="with_me", press="stop here")
    maria.does("answers half of the survey: 899.00 EUR was not hers; then the tram comes, and she stops")
    page = maria.find(f"/portal/cases/{reference}/", "Answer a few questions")
    page.expect("saved") if "saved" in page.text.lower() else None
    answers = {"contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
    for _ in range(6):
        if page.url.endswith("/check/"):
            break
        form = page.form(button="continue")
        known = {name: value for name, value in answers.items() if name in form.names}
        page = maria.browser.send(form, press="continue", **known)
    page.expect("Elektro Outlet")
    maria.does("goes on where she stopped, and checks her answers")
    page = maria.browser.send(page.form(button="send"), press="send").expect("We have your answer", reference)
    maria.sees("the page says: We have your answer, with the reference and what happens next")


def review_and_approve(world: World, visit: str, reference: str) -> None:
    """`visit` and `reference` are the references of both cases: many others have a visit to review, or wait too."""
    approval = "approves: had no other part in the case, and only so may approve"
    for username, words, case, choice, what in (
        ("sam", "Review the visit", visit, "passed", "reviews the visit: passed"),
        ("ada", "Approve the reissue", reference, "approved", approval),
    ):
        person = Somebody(world, username)
        person.sign_in()
        page = person.take_up("/desk/?tab=roles", words, case)
        form = page.form("outcome", "reason")
        page = person.browser.send(
            form, outcome=choice, reason="Portrait and document fit; the new number is explained."
        )
        page = person.give_code(page)
        if page.has_form("outcome", "reason"):
            page = person.browser.send(
                page.form("outcome", "reason"), outcome=choice, reason="Seen again after confirming."
            )
        person.does(what)


def ship(world: World, maria: Somebody, card: dict[str, str], reference: str) -> dict[str, str]:
    """The issuer makes, ships and delivers the new card. Returns its token and last four digits."""

    def replacement() -> dict[str, str] | None:
        known = world.issuer("GET", "/v1/issuing/cards?limit=100")["data"]
        found = next((one for one in known if one.get("replacement_for") == card["token"]), None)
        return {"token": found["id"], "last_four": found["last4"]} if found else None

    new = world.until("the issuer makes a new card", replacement)
    world.tell("Issuer", f"makes a new card ending {new['last_four']}; from here on nobody can stop it")
    for what, words, shown in (
        ("ship", "the letter leaves", "New card by post, now"),
        ("deliver", "the letter is delivered", "You activate it, now"),
    ):
        world.issuer("POST", f"/v1/test_helpers/issuing/cards/{new['token']}/shipping/{what}")
        world.tell("Issuer", f"{words}; its webhook tells us")
        world.until(
            f"Maria's page says “{shown}”",
            lambda shown=shown: shown in maria.browser.open(f"/portal/cases/{reference}/").text,  # type: ignore[misc]
        )
        maria.sees(f"her page says: {shown}")
    return new


def activate(maria: Somebody, reference: str, new: dict[str, str]) -> None:
    page = maria.find(f"/portal/cases/{reference}/", "Activate your new card")
    page = maria.give_code(page)
    page = maria.browser.send(page.form("last_four"), last_four="0000" if new["last_four"] != "0000" else "1111")
    page.expect("not the last four")
    maria.does("mistypes the digits on the card, and is told so beside the field; nothing is lost")
    if page.has_form("code"):
        page = maria.give_code(page)
    page = maria.browser.send(page.form("last_four"), last_four=new["last_four"])
    maria.does(f"activates the new card ending {new['last_four']}, with her code and the card in her hand")


def close(world: World, maria: Somebody, card: dict[str, str], reference: str) -> None:
    """The case closes, the old card is closed at the issuer, and the last mail says so."""

    def closed() -> Page | None:
        page = maria.browser.open(f"/portal/cases/{reference}/")
        return page if "This is done" in page.text else None

    page = world.until("the case closes", closed)
    if world.issuer("GET", f"/v1/issuing/cards/{card['token']}")["status"] != "canceled":
        raise Lost("the old card is not closed at the issuer")
    maria.does(f"reads: {_after(page, 'This is done', 60)}")
    mails = world.until(
        "the summary arrives",
        lambda: [one for one in world.messages(reference) if one["subject"].startswith("Your case is finished")],
    )
    maria.sees(f"and has a last mail: {mails[0]['subject']}")


def _field(page: Page) -> str:
    form = next(form for form in page.forms if form.method == "post")
    return next(name for name in form.names if "csrf" not in name)


def _after(page: Page, words: str, length: int) -> str:
    """What the page says from these words on."""
    start = max(0, page.text.lower().find(words.lower()))
    return page.text[start : start + length].rsplit(" ", 1)[0] + " …"
