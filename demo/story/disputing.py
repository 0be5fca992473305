"""A payment by telephone that its customer disputes: they have the money first, it is looked into afterwards, and it is
taken back only with ten days' notice and reasons."""

from __future__ import annotations

from .browser import Page
from .somebody import Somebody
from .telephone import reference_in, sentence_of
from .world import World

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
    page = _until(nadia, claim, "We take the money back on")
    nadia.sees(sentence_of(page, "We think that the payment was right"))
    world.until("the notice is in a mail, too", lambda: _mail(world, claim, "We will take the money back"))
    nadia.sees("the mail about it has the reasons' place, the day, and how to answer; until then nothing is taken")


def dispute(world: World, nadia: Somebody, paid: str) -> str:
    """Two presses: what is wrong, and send. Gives the reference of the claim."""
    page = nadia.browser.open(f"/portal/cases/{paid}/")
    page = nadia.browser.open(page.link(NOT_DELIVERED))
    page = nadia.browser.send(page.form("payment", "why"))
    claim = reference_in(page.url)
    nadia.does(f"disputes the payment in two presses, and writes nothing: case {claim}")
    page = _until(nadia, claim, "You have the money on your balance for now")
    nadia.sees(sentence_of(page, "You have the money"))
    world.until("it is confirmed in writing", lambda: _mail(world, claim, "You have the money for now"))
    return claim


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


def _mail(world: World, claim: str, subject: str) -> bool:
    return any(one["subject"].startswith(subject) for one in world.messages(claim))
