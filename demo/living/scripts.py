"""What happens in the cases of the played week: a script for each way a case can have gone.

A script begins with the case that was just opened, and ends where the case shall stand at present.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backoffice.cards.expiry import printed
from backoffice.cards.models import CardReissue, Reason, Shipping
from backoffice.cases import freezing, withdrawing
from backoffice.cases.models import Case
from backoffice.visits import calling_off
from demo.living import outside
from demo.living.people import People

CALM = {"contacted": "nobody", "asked_for_secrets": "no"}
DECEIVED = {
    "contacted": "call",
    "asked_for_secrets": "refused",
    "told_us": "Somebody who said they were from the bank asked me for a code. I hung up.",
}


MOVED = {
    "right_country": "SE",
    "right_line1": "Vasagatan 21",
    "right_code": "411 24",
    "right_town": "Göteborg",
}
"""Where the one customer lives now whose address is not right."""


def _survey(case: Case, *, deceived: bool = False, address_right: str = "yes") -> dict[str, Any]:
    """Answers that fit the reason."""
    reissue = CardReissue.objects.get(case=case)
    answers: dict[str, Any] = {"address_right": address_right, **(MOVED if address_right == "no" else {})}
    if reissue.reason in (Reason.LOST, Reason.STOLEN, Reason.FRAUD):
        where = {Reason.LOST: "lost", Reason.STOLEN: "stolen"}.get(Reason(reissue.reason), "with_me")
        answers |= {"card_where": where, **(DECEIVED if deceived else CALM)}
    for number, _payment in enumerate(reissue.payments or [], start=1):
        answers[f"payment_{number}"] = "no" if number == 1 else "yes"
    return answers


async def silent(people: People, case: Case) -> None:
    """The customer was told, and has not answered yet."""


async def proven(people: People, case: Case, *, hours: float = 3) -> None:
    """The customer has confirmed who they are; the survey waits."""
    await people.later(hours=hours)
    await people.answer(case, "prove_identity")


async def half_answered(people: People, case: Case) -> None:
    """The survey is begun, and saved."""
    await proven(people, case, hours=1)
    item = await people.item(case, "email_survey")
    await people.later(minutes=4)
    people.draft(case, item, payment_1="no", payment_2="yes", card_where="with_me")


async def ordered(people: People, case: Case, *, hours: float = 2) -> None:
    """No risk: the new card is ordered."""
    await proven(people, case, hours=hours)
    await people.later(minutes=9)
    await people.answer(case, "email_survey", **_survey(case))
    await people.stage(case, "ordered")


async def shipped(people: People, case: Case) -> None:
    await ordered(people, case)
    await people.letter(case, Shipping.SHIPPED)


async def delivered(people: People, case: Case) -> None:
    """The new card is in the letter box, and waits to be activated."""
    await shipped(people, case)
    await people.letter(case, Shipping.DELIVERED)
    await people.item(case, "activate_card")


async def done(people: People, case: Case) -> None:
    await delivered(people, case)
    await activated(people, case)


async def activated(people: People, case: Case) -> None:
    await people.later(hours=5)
    new = CardReissue.objects.get(case=case).new_card
    if new is None:
        raise ValueError("no card was ordered")
    await people.answer(case, "activate_card", last_four=new.last_four, expiry=printed(new))


async def came_back(people: People, case: Case) -> None:
    """The letter came back, and another one is on its way."""
    await shipped(people, case)
    await people.letter(case, Shipping.RETURNED)
    await people.stage(case, "shipped")
    await people.letter(case, Shipping.SHIPPED)


async def wrong_address(people: People, case: Case) -> None:
    """The customer says that the address is wrong; the desk is to correct it."""
    await proven(people, case)
    await people.later(minutes=6)
    await people.answer(case, "email_survey", **_survey(case, address_right="no"))
    await people.item(case, "correct_address")


async def stopped(people: People, case: Case) -> None:
    """The customer finds the card, and stops the case."""
    await people.item(case, "prove_identity")
    await people.later(hours=2)
    withdrawing.withdraw(case_id=case.id, by=people.customer(case.customer))
    await people.did(case)


async def never_answered(people: People, case: Case) -> None:
    """Two weeks of silence: we would like to call, and the customer may choose when."""
    await people.item(await people.below(case, "call_back"), "choose_window")


async def not_reached(people: People, case: Case) -> None:
    """The customer wants no call, and has not answered: the case has expired."""
    call = await people.below(case, "call_back")
    await people.item(call, "choose_window")
    await people.later(hours=8)
    await people.answer(call, "choose_window", how="no_call")


async def frozen(people: People, case: Case) -> None:
    """Somebody rang in the customer's name: the desk pauses the case."""
    await proven(people, case)
    await people.later(hours=4)
    reason = "A caller who knew the reference could not answer the customer's questions."
    freezing.freeze(case_id=case.id, by=people.staff("hanna"), reason=reason)
    await people.did(case)


async def told_a_code(people: People, case: Case) -> None:
    """The customer told a caller a code: the case is paused, and the desk is to call."""
    await proven(people, case, hours=0.3)
    await people.later(minutes=12)
    told = {"contacted": "call", "asked_for_secrets": "told", "told_what": ["code", "card"]}
    await people.answer(case, "email_survey", **_survey(case) | told)
    await people.item(case, "call_about_secret")
    await people.did(case)


async def refused_by_the_issuer(people: People, case: Case) -> None:
    """The issuer refuses the order for good: a person decides."""
    await proven(people, case)
    await people.later(minutes=9)
    outside.refuse_next_order()
    await people.answer(case, "email_survey", **_survey(case))
    await people.item(case, "resolve_failure")


# --- with a visit -----------------------------------------------------------------------------------------------------


async def risky(people: People, case: Case) -> Case:
    """Somebody asked the customer for a code, so a visitor comes. Gives the visit, for which no time is chosen yet."""
    await proven(people, case, hours=1)
    await people.later(minutes=12)
    await people.answer(case, "email_survey", **_survey(case, deceived=True))
    return await people.visit(case)


async def offered(people: People, case: Case) -> None:
    await people.item(await risky(people, case), "choose_visit")


async def agreed(people: People, case: Case, *, visitor: str, starts: datetime, hours: float = 2) -> Case:
    """A time is agreed."""
    visit = await risky(people, case)
    await people.later(minutes=30)
    await people.book(visit, visitor, starts, hours=hours)
    return visit


async def visited(people: People, case: Case, *, visitor: str, starts: datetime, remarks: str = "") -> Case:
    """The visit fits; it is to be reviewed."""
    visit = await agreed(people, case, visitor=visitor, starts=starts)
    await people.meet(visit, visitor, starts)
    await people.check_identity(visit, visitor, remarks=remarks)
    await people.item(visit, "review_visit")
    return visit


async def to_approve(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    visit = await visited(people, case, visitor=visitor, starts=starts)
    await people.later(minutes=50)
    await people.answer(visit, "review_visit", "sam", outcome="passed", reason="Portrait and document fit.")
    await people.item(case, "approve_reissue")


async def approved(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    await to_approve(people, case, visitor=visitor, starts=starts)
    await people.later(hours=2)
    await people.answer(case, "approve_reissue", "ada", outcome="approved", reason="Visited, and known since 2024.")
    await people.stage(case, "ordered")


async def not_approved(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    await to_approve(people, case, visitor=visitor, starts=starts)
    await people.later(hours=3)
    await people.answer(
        case, "approve_reissue", "ada", outcome="rejected", reason="The customer wants to come to a branch instead."
    )


async def expects_nobody(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    """Half an hour before the visit somebody else is at the door: the customer says so, and a supervisor is alarmed."""
    visit = await agreed(people, case, visitor=visitor, starts=starts)
    await people.when(starts - timedelta(minutes=20))
    calling_off.nobody_expected(case_id=visit.id, by=people.customer(case.customer))
    await people.did(visit)
    await people.item(visit, "look_into_alarm")


async def mismatch(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    """The document is not the customer's: the family of cases is paused, and compliance looks into it."""
    visit = await agreed(people, case, visitor=visitor, starts=starts)
    await people.meet(visit, visitor, starts)
    await people.check_identity(visit, visitor, outcome="mismatch", remarks="The picture shows somebody older.")


async def nobody_home(people: People, case: Case, *, visitor: str, starts: datetime) -> None:
    """The visitor rang, and nobody opened; the customer is to choose another time."""
    visit = await agreed(people, case, visitor=visitor, starts=starts)
    await people.when(starts + timedelta(minutes=20))
    await people.answer(visit, "check_in", visitor)
    await people.later(minutes=6)
    await people.answer(visit, "meet_customer", visitor, outcome="not_home")
    await people.item(visit, "choose_visit")


async def identified_otherwise(people: People, case: Case, *, how: str) -> None:
    """The customer wants no visit, but a branch, a video call, or a letter with a code."""
    visit = await risky(people, case)
    await people.later(hours=1)
    await people.answer(visit, "choose_visit", how=how)
    kind = {"branch": "identify_at_branch", "remote": "identify_remotely", "post": "enter_posted_code"}[how]
    await people.item(case, kind)
