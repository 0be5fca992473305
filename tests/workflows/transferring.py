"""How the rehearsals of the transfer-out open and play one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.workflows.rehearsal import Rehearsal, Rehearsed

HOUR, DAY = 3600, 86400
FORTHWITH = {"seconds_to_stop": 2 * HOUR, "unconditional": True}
GENERIC = {"seconds_to_stop": DAY}
TAKES_BACK = ["unset_transfer_code", "relock_domain"]


async def open_transfer(skipping: Rehearsal, assessed: Any = GENERIC, *, confirms: bool = True) -> Rehearsed:
    """A case of a domain that may leave, or as `assessed` says; a list for each time that it is looked at."""
    case = await skipping.open("domain_transfer_out", gives={"assess_transfer": assessed})
    if confirms:
        await case.answer("confirm_transfer_out", "confirmed")
    return case


async def reach_code(case: Rehearsed) -> datetime:
    """Plays on until the holder can look at the code; gives until when it is good."""
    await case.enters("announced")
    await code_is_good(case, days=20)
    await case.passes(days=1, minutes=1)
    item = await case.asks("take_transfer_code")
    return item.due_at


async def code_is_good(case: Rehearsed, *, days: float) -> datetime:
    until = await case.now() + timedelta(days=days)
    case.gives["set_transfer_code"] = [{"until": until.isoformat()}]
    return until


async def asked_for(case: Rehearsed, *, days: float = 5) -> datetime:
    """Another registrar asks for the domain; the registry decides after so many days."""
    until = await case.now() + timedelta(days=days)
    await case.happens("registry_transfer", state="pending", until=until.isoformat())
    await case.enters("pending")
    return until
