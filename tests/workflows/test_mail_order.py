"""Orders by mail, on a server that skips time: whatever the headers say, the customer decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.mail_order.facts import Verdict
from workflows.mail_order.spec import MAIL_ORDER

pytestmark = pytest.mark.anyio


async def opened(skipping: Rehearsal, verdict: Verdict = Verdict.AGREES) -> Rehearsed:
    return await skipping.open(MAIL_ORDER.name, requester="desk-1", asks="card_reissue", verdict=verdict.value)


async def test_whatever_the_headers_say_a_customer_who_wrote_it_starts_it_in_the_portal(skipping: Rehearsal) -> None:
    for verdict in (Verdict.AGREES, Verdict.FORGED):
        case = await opened(skipping, verdict)
        item = await case.asks("say_whose")
        assert case.kind(item).level == 2
        assert case.told == ["mail_received"]

        await case.answer("say_whose", "mine")

        assert await case.ends() == "done"
        assert case.stages == ["asked", "confirmed"]
        assert case.told == ["mail_received", "mail_confirmed"]
        assert case.effects == []


async def test_a_mail_that_was_not_theirs_raises_an_alarm_and_changes_nothing(skipping: Rehearsal) -> None:
    for found in ("forged", "mistaken"):
        case = await opened(skipping, Verdict.SUSPICIOUS)
        await case.answer("say_whose", "not_mine")
        item = await case.asks("look_into_forgery")
        assert (case.kind(item).role, case.kind(item).part) == ("compliance", "investigator")
        assert case.effects == ["raise_alarm"]

        await case.answer("look_into_forgery", found, by="compliance-1")

        assert await case.ends() == "rejected"
        assert case.closes[0].reason == found
        assert case.told == ["mail_received", "mail_not_yours"]


async def test_a_customer_who_stays_silent_is_reminded_and_nothing_happens(skipping: Rehearsal) -> None:
    case = await opened(skipping)

    assert await case.ends() == "expired"
    assert case.reminded == ["say_whose", "say_whose"]
    assert case.expired == ["say_whose"]
    assert case.at() - case.at(0) >= timedelta(days=7)
    assert case.told == ["mail_received", "case_expired"]
    assert case.effects == []


async def test_a_customer_can_stop_it_and_compliance_works_while_it_is_frozen(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("say_whose")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
    assert case.told == ["mail_received", "case_withdrawn"]

    frozen = await opened(skipping)
    await frozen.answer("say_whose", "not_mine")
    await frozen.asks("look_into_forgery")
    await frozen.is_frozen()
    await frozen.passes(hours=5)
    assert "look_into_forgery" not in frozen.escalated
    await frozen.answer("look_into_forgery", "forged", by="compliance-1")
    await frozen.is_unfrozen()
    assert await frozen.ends() == "rejected"
