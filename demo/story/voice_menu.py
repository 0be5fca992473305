"""Whoever is called and has no page at hand rings our public number, and a voice says whether the caller is ours.

Two telephones ring at the same time: Maria's second one, with the reference that her page shows for the call, and
somebody else's, with one about which nobody calls. What the phones heard is recognised by its sound.
"""

from __future__ import annotations

from collections.abc import Callable

from backoffice.telephony import menu
from backoffice.telephony.menu import Found
from backoffice.telephony.menu_branches import CHECK_DIGIT

from .phones import AGENT, CUSTOMER, our_number
from .world import World


def ask_who_calls(world: World, reference: str, *, calling: bool, still: Callable[[], None]) -> None:
    """`calling` says whether one of us is on the telephone about this case; `still` has them press that they are."""
    if world.phones is None:
        return
    maria, other = world.phones[CUSTOMER], world.phones[AGENT]
    digits = menu.keyed(reference)
    another = digits[:-1] + ("3" if digits[-1] == "2" else "2")
    answers = {maria: _words(reference, calling=calling), other: _words(reference, calling=False)}
    world.tell("Maria", "picks up her second telephone, and rings our public number; so does somebody else")
    for phone in answers:
        phone.calls(our_number(world))
    for phone in answers:
        phone.hears_somebody()
        phone.keys(CHECK_DIGIT)
    for phone in answers:
        phone.hears(menu.greeting(), menu.language())
    world.see(f"a voice offers the check, and after 1 says: {_beginning(menu.greeting())}")
    still()
    maria.keys(digits)
    other.keys(another)
    for phone, keyed in ((maria, digits), (other, another)):
        phone.hears(answers[phone], menu.language())
        world.tell("Telephone", f"after the keys {keyed} it says: {_beginning(answers[phone])}")
        phone.hang_up()


def _words(reference: str, *, calling: bool) -> str:
    return menu.words_of(Found.CALLING if calling else Found.NOBODY, reference)


def _beginning(text: str) -> str:
    return text[:100].rsplit(" ", 1)[0] + " …"
