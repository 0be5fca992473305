"""A payment by telephone that its customer disputes: they have the money first, it is looked into afterwards, and it is
taken back only with notice and reasons: ten days, which the demonstration has in seconds (`DEMO_CLAIM_NOTICE`)."""

from __future__ import annotations

import re
from typing import Any

from .browser import Lost, Page
from .somebody import Somebody
from .telephone import reference_in, sentence_of
from .world import World

CREDITED = "You have the money on your balance for now"
NOT_DELIVERED = "I did not get what I paid for"
REASONS = (
    "The parcel was handed over at your door on the day after the payment, and you signed for it. What was read out to "
    "you before you paid is what was delivered."
)


def play_dispute(world: World, paid: str) -> None:
    """`paid` is the case of a payment of Nadia's."""
    nadia, sam = Somebody(world, "nadia"), Somebody(world, "sam")
    nadia.sign_in()
    sam.sign_in()
    claim = dispute(world, nadia, paid)
    decide(sam, claim)
    announced(world, nadia, claim)
    reversed_on_its_day(world, nadia, claim)


def announced(world: World, nadia: Somebody, claim: str) -> None:
    """Nothing is taken before the moment that they were told."""
    page = _until(nadia, claim, "We take the money back on")
    nadia.sees(sentence_of(page, "We think that the payment was right"))
    mail = world.until("the notice is in a mail, too", lambda: _mail(world, claim, "We will take the money back"))
    nadia.sees(f"a mail about it: {_sentence(mail, 'You can answer until')} For everybody else it is ten days.")
    page = nadia.browser.open(f"/portal/cases/{claim}/")
    if "We took the money back" in page.text:
        raise Lost(f"the credit of {claim} was taken back without the time that was told")


def reversed_on_its_day(world: World, nadia: Somebody, claim: str) -> None:
    """She does not answer."""
    page = _until(nadia, claim, "We took the money back")
    nadia.does("does not answer, and the time passes: the credit is taken back, as she was told")
    nadia.sees(sentence_of(page, "We looked into it"))
    mail = world.until("she is told", lambda: _mail(world, claim, "Our decision about the payment"))
    nadia.sees(f"a mail says so: {_sentence(mail, 'As we told you')}")


def dispute(world: World, nadia: Somebody, paid: str) -> str:
    """Two presses: what is wrong, and send. Gives the reference of the claim."""
    page = nadia.browser.open(f"/portal/cases/{paid}/")
    page = nadia.browser.open(page.link(NOT_DELIVERED))
    page = nadia.browser.send(page.form("payment", "why"))
    claim = reference_in(page.url)
    nadia.does(f"disputes the payment in two presses, and writes nothing: case {claim}")
    ada = Somebody(world, "ada")
    ada.sign_in()
    world.until("it is credited", lambda: _is_credited(nadia, claim) or _credit(ada, nadia, claim))
    page = _until(nadia, claim, CREDITED)
    nadia.sees(sentence_of(page, "You have the money"))
    world.until("it is confirmed in writing", lambda: _mail(world, claim, "You have the money for now"))
    return claim


def _is_credited(nadia: Somebody, claim: str) -> bool:
    return CREDITED in nadia.browser.open(f"/portal/cases/{claim}/").text


def _credit(ada: Somebody, nadia: Somebody, claim: str) -> bool:
    """Who has disputed a payment that was right, as Nadia has once the story was played, has no credit by itself any
    more: another person gives it. False while this waits for nobody."""
    address = ada.browser.open("/desk/?tab=roles").link_in_line("Decide on a credit", claim)
    if address is None:
        return False
    nadia.sees("an earlier claim of hers was wrong, so this time a person decides whether she has the money first")
    told = {"outcome": "approved", "reason": "The other payment says nothing of this one."}
    page = ada.give_code(ada.browser.send(ada.browser.open(address).form("outcome", "reason"), **told))
    if page.has_form("outcome", "reason"):
        ada.browser.send(page.form("outcome", "reason"), **told)
    ada.does("approves the credit: on a doubt the customer has the money first")
    return True


def decide(sam: Somebody, claim: str) -> None:
    """With what was read out and the proof of the silent telephone beside the decision."""
    page = sam.take_up("/desk/?tab=roles", "Look into a claim", claim)
    page.expect("What was read out", "clean")
    told = {"outcome": "wrong", "because": REASONS, "reason": "The carrier has the signature."}
    page = sam.give_code(sam.browser.send(page.form("outcome", "because", "reason"), **told))
    if page.has_form("outcome", "because"):
        sam.browser.send(page.form("outcome", "because", "reason"), **told)
    sam.does("looks into it, beside what was read out and the proof of the silent telephone: the payment was right")


def _until(nadia: Somebody, claim: str, words: str) -> Page:
    def look() -> Page | None:
        page = nadia.browser.open(f"/portal/cases/{claim}/")
        return page if words in page.text else None

    return nadia.world.until(f"the page says “{words}”", look)


def _mail(world: World, claim: str, subject: str) -> dict[str, Any] | None:
    return next((one for one in world.messages(claim) if one["subject"].startswith(subject)), None)


def _sentence(mail: dict[str, Any], begins: str) -> str:
    """The sentence of a mail that begins so."""
    text = " ".join(str(mail["text"]).split())
    found = re.search(rf"{re.escape(begins)}.*?[.](?= |$)", text)
    if found is None:
        raise Lost(f"no sentence of the mail begins with “{begins}”: {text[:300]}")
    return found[0]
