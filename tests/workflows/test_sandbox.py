"""Production excludes the processes from the sandbox, because that is cheaper. Here they run in the whole sandbox."""

from __future__ import annotations

import pkgutil
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

import workflows
from backoffice.engine.codec import data_converter
from backoffice.engine.sandbox import runner
from tests.workflows import reissue, visiting
from tests.workflows.conftest import TEST_SERVER
from tests.workflows.rehearsal import Rehearsal, with_search_attributes

pytestmark = pytest.mark.anyio
DATA = ("spec", "facts", "contracts", "vocabulary")
"""Modules of declarations and structs: msgspec needs the true types of the fields."""


FIRST_STEPS: dict[str, tuple[dict[str, Any], str]] = {
    "domain_cession": ({"route": "electronic"}, "request"),
    "domain_transfer_out": ({}, "confirm_transfer_out"),
    "contact_change": ({"what": "mail"}, "confirm_change"),
    "phone_authorisation": ({"agent": "agent-1"}, "give_code"),
    "domain_safeguard": ({"change": "unprotect"}, "confirm_safeguard"),
    "call_back": ({}, "choose_window"),
    "complaint": (
        {"rule": "others"} | dict.fromkeys(("summary_by", "final_by", "hard_stop"), "2300-01-01T00:00:00+00:00"),
        "answer_complaint",
    ),
    "mail_order": ({"asks": "card_reissue", "verdict": "agrees"}, "say_whose"),
    "suspicious_contact": ({"match": "cannot_tell"}, "say_more"),
    "merchant_admission": ({}, "send_papers"),
    "voice_payment": ({"gives": {"assess_payment": {"identity": True}}}, "confirm_order"),
    "payment_claim": (
        {"credit": "by_itself"} | dict.fromkeys(("credit_by", "decide_by", "latest_by"), "2300-01-01T00:00:00+00:00"),
        "investigate",
    ),
    "claim_answer": (dict.fromkeys(("evidence_by", "wait_until"), "2300-01-01T00:00:00+00:00"), "send_evidence"),
    "refund_return": ({"refund": "re_1"}, "pay_otherwise"),
    "bill_dispute": ({"answer_by": "2300-01-01T00:00:00+00:00"}, "answer_bank"),
}
"""The facts of an opening, and what the process asks first. That each plays on is shown outside the sandbox, in its own
tests; what the sandbox refuses is refused as soon as the story begins."""


async def test_every_process_plays_in_the_whole_sandbox(anyio_backend: str, golden_keys: None) -> None:
    names = [module.name for module in pkgutil.walk_packages(workflows.__path__, "workflows.")]
    data = [name for name in names if name.rpartition(".")[2] in DATA]
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        played = Rehearsal(await with_search_attributes(env), branch="in the sandbox")
        async with played.worker(sandbox=runner(*data)):
            case = await reissue.open_reissue(played, reason="lost")
            await reissue.order(case)
            await reissue.deliver(case)
            assert await reissue.activate(case) == "done"
            visit = await visiting.open_visit(played)
            await visiting.reach(visit, "review_visit")
            await visit.answer("review_visit", "passed", by="supervisor-1")
            assert await visit.ends() == "done"

            for process, (facts, step) in FIRST_STEPS.items():
                await (await played.open(process, **facts)).asks(step)
            assert await (await played.open("duplicate_invoice")).ends() == "done"
            paid = await played.open("bill_payment", page="p", gives={"book_payment": {"booked": True}})
            assert await paid.ends() == "done"
            taken: dict[str, Any] = {"look_at_return": {"due": True}, "take_payout_back": {"taken": True}}
            assert await (await played.open("payout_return", gives=taken)).ends() == "done"
            await (await played.open("top_up")).enters("call")
            assert (
                await (await played.open("autopay_update", gives={"take_inventory": {}, "sum_up": {}})).ends() == "done"
            )

    without_items = {"duplicate_invoice", "bill_payment", "top_up", "autopay_update", "payout_return"}
    shown = {case.spec.name, visit.spec.name, *without_items, *FIRST_STEPS}
    assert {story.spec.name for story in played.processes} == shown
