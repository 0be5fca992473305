"""The ways to the steps of a card reissue, for the rehearsals."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.workflows.rehearsal import Rehearsal, Rehearsed

EXPECTED_IN = timedelta(days=14)
BEFORE_ORDER = (
    "prove_identity",
    "call_back",
    "email_survey",
    "correct_address",
    "home_visit",
    "identify_at_branch",
    "identify_remotely",
    "enter_posted_code",
    "approve_reissue",
)
"""Every step before the point of no return at which the process waits."""
_ALTERNATIVES = {"identify_at_branch": "branch", "identify_remotely": "remote", "enter_posted_code": "post"}


async def open_reissue(
    skipping: Rehearsal, *, reason: str = "fraud", risk: str = "low", abroad: bool = False, requester: str = ""
) -> Rehearsed:
    """Opens a case whose new card is expected fourteen days after it was ordered, each time."""
    case = await skipping.open(
        "card_reissue", requester=requester, gives={"assess_risk": {"risk": risk}}, reason=reason
    )
    await expects_letter(case, abroad=abroad)
    return case


async def expects_letter(case: Rehearsed, *, abroad: bool = False, after: timedelta = EXPECTED_IN) -> datetime:
    """The next letter is expected by fourteen days from now, or `after`; gives that time."""
    expected_by = await case.now() + after
    for effect in ("order_card", "reship_card", "send_to_branch"):
        case.gives[effect] = [{"expected_by": expected_by.isoformat(), "abroad": abroad}]
    case.gives["post_code"] = [{"until": (await case.now() + timedelta(days=21)).isoformat()}]
    return expected_by


async def reach(case: Rehearsed, step: str) -> None:
    """Plays a case of high risk until it waits at this step, one of `BEFORE_ORDER`."""
    if step == "call_back":
        await case.asks("prove_identity")
        await case.passes(days=14, minutes=1)
        await case.until(lambda: "call_back" in case.children, "call back")
    elif step != "prove_identity":
        await case.answer("prove_identity", "proven")
        if step == "correct_address":
            await case.answer("email_survey", "address_wrong")
        elif step != "email_survey":
            await case.answer("email_survey", "answered")
            await _after_survey(case, step)
    if step not in ("home_visit", "call_back"):
        await case.asks(step)


async def _after_survey(case: Rehearsed, step: str) -> None:
    if step == "home_visit":
        await case.until(lambda: "home_visit" in case.children, "a visit")
    elif step == "approve_reissue":
        await case.child_closes("home_visit", "done", result="passed")
    else:
        await case.child_closes("home_visit", "done", result="declined", alternative=_ALTERNATIVES[step])


async def order(case: Rehearsed) -> datetime:
    """Plays a case of low risk until the new card is ordered; gives until when its letter is expected."""
    await case.answer("prove_identity", "proven")
    await case.asks("email_survey")
    expected_by = await expects_letter(case, abroad=_abroad(case))
    await case.answer("email_survey", "answered")
    await does(case, "order_card")
    return expected_by


async def does(case: Rehearsed, effect: str, times: int = 1) -> None:
    await case.until(lambda: case.effects.count(effect) >= times, f"do {effect} {times} times")


async def deliver(case: Rehearsed, *, posting: int = 1) -> None:
    await case.happens("card_delivered", posting=posting)


async def activate(case: Rehearsed) -> str:
    await case.answer("activate_card", "activated")
    return await moved(case)


async def moved(case: Rehearsed) -> str:
    """Plays on to the end. Where the number is new, the case under it that moves the payments ends at once."""
    await case.until(lambda: bool(case.closes) or "autopay_update" in case.children, "the end, or its payments")
    if "autopay_update" in case.children and not case.closes:
        await case.child_closes("autopay_update")
    return await case.ends()


def _abroad(case: Rehearsed) -> bool:
    given = case.gives["order_card"][0]
    assert not callable(given)
    return bool(given["abroad"])
