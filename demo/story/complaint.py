"""A robot rang a customer at night. They complain, both see the clock, the evidence proves itself from the file alone,
and the answer comes with an apology and with money."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from demo.complaints import ANSWER_TO_ROBOCALL, ROBOCALL

from .browser import Lost, Page
from .somebody import Somebody
from .telephone import reference_in, sentence_of
from .world import World

Verify = Callable[[Path], str]
"""Runs `manage.py verify_timeline FILE`, and gives what it printed. Raises `Lost` where the file is not whole."""
OWNERS = ("sam", "carla", "hanna")
"""Who may own one; the rule of the process chooses."""


def play_complaint(world: World, verify: Verify) -> None:
    piotr = Somebody(world, "piotr")
    piotr.sign_in()
    complaint = complain(world, piotr)
    check_evidence(piotr, complaint, verify)
    answer(world, complaint)
    accept(world, piotr, complaint)


def complain(world: World, piotr: Somebody) -> str:
    """Gives the number of the complaint, which is on the page and in a mail at once."""
    page = piotr.browser.open("/portal/open/complaint/")
    form = page.form("topic", "text")
    page = piotr.browser.send(form, topic=ROBOCALL.topic, text=ROBOCALL.text, wish=ROBOCALL.wish)
    complaint = reference_in(page.url)
    piotr.does(f"complains of a robocall, in plain words, and has the number at once: {complaint}")
    page = world.until("the clock stands there", lambda: _page(piotr, complaint, "When you have our answer"))
    piotr.sees(f"the clock that both sides see: {sentence_of(page, 'By ')}")
    mail = world.until("it is confirmed in writing", lambda: world.messages(complaint))[0]
    piotr.sees(f"and has a mail: {mail['subject']}")
    return complaint


def check_evidence(piotr: Somebody, complaint: str, verify: Verify) -> None:
    """The file verifies without our database; with one digit changed it says where."""
    evidence = piotr.download(complaint, "to verify (JSON)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "evidence.json"
        file.write_bytes(evidence)
        piotr.does("downloads the evidence, which was made by itself, and has it verified from the file alone")
        piotr.sees(verify(file).splitlines()[-1])
        file.write_bytes(evidence.replace(b"case.opened", b"case.closed", 1))
        try:
            verify(file)
        except Lost as wrong:
            piotr.sees(f"with one word of it changed: {str(wrong).strip().splitlines()[-1]}")
        else:
            raise Lost("a changed file of evidence passes as whole")


def answer(world: World, complaint: str) -> None:
    """By whoever owns it, never by somebody whom it is about."""
    for username in OWNERS:
        owner = Somebody(world, username)
        owner.sign_in()
        address = owner.browser.open("/desk/?tab=mine").link_in_line("Answer", complaint)
        if address is not None:
            break
    else:
        raise Lost(f"nobody owns complaint {complaint}")
    page = owner.browser.open(address)
    form = page.form("outcome", "reasons", "amount", "apology")
    told = {"outcome": "upheld", "reasons": ANSWER_TO_ROBOCALL, "amount": "25.00", "apology": "on"}
    page = owner.give_code(owner.browser.send(form, **told))
    if page.has_form("outcome", "reasons"):
        owner.browser.send(page.form("outcome", "reasons", "amount"), **told)
    owner.does("owns it by the rule, looks at the evidence, and upholds it: an apology, and 25.00 EUR")


def accept(world: World, piotr: Somebody, complaint: str) -> None:
    page = world.until("the answer is there", lambda: _page(piotr, complaint, "You are right"))
    piotr.sees(f"the answer, with its reasons: {sentence_of(page, 'You are right')}")
    page = piotr.find(f"/portal/cases/{complaint}/", "answer")
    piotr.browser.send(page.form("decision"), decision="accepted")
    piotr.does("accepts it; who does not can have it looked at once more, or go to the ombudsman")


def _page(piotr: Somebody, complaint: str, words: str) -> Page | None:
    page = piotr.browser.open(f"/portal/cases/{complaint}/")
    return page if words in page.text else None
