"""The telephones of the stories: real SIP phones in processes of their own, which the voice gateway rings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backoffice.customers.models import ContactKind
from demo.data import MARIAS_NUMBERS, STORY
from devstack import voice
from devstack.telephones.handsets import Handsets
from devstack.telephones.telephone import available

from .world import World

CUSTOMER, AGENT = "customer", "agent"
SHOP_NUMBERS = {"robin": "+13125550177", "sanne": "+13125550178"}
"""At which the agents of a merchant are rung, by their user names."""
NUMBERS = {
    CUSTOMER: [STORY["maria"]["contacts"][ContactKind.PHONE], *MARIAS_NUMBERS],
    AGENT: ["+13125550179"],
    **{name: [STORY[name]["contacts"][ContactKind.PHONE]] for name in ("nadia", "omar")},
    **{name: [number] for name, number in SHOP_NUMBERS.items()},
}
"""Which numbers are at each telephone. Maria's changes now and then."""


@contextmanager
def ringing(world: World) -> Iterator[None]:
    """The world has telephones meanwhile; where they cannot run, that is said. Raises PhoneFailed, Missing."""
    if reason := available():
        world.say(f"{reason} What needs a telephone is not played.")
        yield
        return
    lines = [voice.line(name, world.addresses) for name in NUMBERS]
    with Handsets(lines, prompts=voice.prompts(world.data_dir)) as world.phones:
        yield
    world.phones = None


def our_number(world: World) -> str:
    """Where our public number is reached by SIP."""
    return f"sip:{world.addresses['TELEPHONY_NUMBER']}@127.0.0.1:{world.addresses['VOICE_SIP_PORT']}"
