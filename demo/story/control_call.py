"""A call like those in which customers pay, except that nobody is cut off: what the agent's telephone hears then shows
that a call which is said to be clean was measured by something that would notice."""

from __future__ import annotations

import time
import uuid

from backoffice.telephony.adapters.voice_gateway import client
from backoffice.voice.contract import Dial, HangUp, Join, Role
from devstack.telephones.handsets import Handsets
from devstack.telephones.hearing import Heard

from .phones import AGENT, CUSTOMER, NUMBERS
from .world import World

_HUMS = 1000
"""Hertz: somebody who says nothing cannot be heard by anybody."""


def heard_without_cut(world: World, phones: Handsets, keys: str) -> Heard:
    """What the agent's telephone hears while the customer hums and presses these keys. Raises Missing, PhoneFailed, and
    what the gateway's client raises."""
    gateway = client(world.addresses["VOICE_CONTROL_URL"], world.keys["VOICE_CONTROL_SECRET"])
    conversation = f"control-{uuid.uuid4().hex}"
    for role, name in ((Role.CUSTOMER, CUSTOMER), (Role.AGENT, AGENT)):
        number = NUMBERS[name][0]
        gateway.ask(Dial(key=f"{conversation}:{role}", conversation=conversation, role=role, number=number))
        phones[name].answers()
    gateway.ask(Join(key=f"{conversation}:join", conversation=conversation))
    phones[CUSTOMER].hums(_HUMS)
    began = time.monotonic()
    phones[AGENT].hears_somebody()
    phones[CUSTOMER].keys(keys)
    heard = phones[AGENT].heard_between(began, time.monotonic())
    phones[CUSTOMER].hums(0)
    gateway.ask(HangUp(key=f"{conversation}:end", conversation=conversation))
    for name in (CUSTOMER, AGENT):
        phones[name].is_hung_up()
    return heard
