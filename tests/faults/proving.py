"""What must be true of every card case that was played through a fault."""

from __future__ import annotations

from tests.faults.inside import Inside

ONCE = {
    "case.opened", "card.blocked", "card.risk", "case.no_return", "card.ordered", "card.shipped", "card.delivered",
    "card.activated", "card.closed", "case.closed",
}  # fmt: skip
TOLD_ONCE = {
    "card_reissue.card_blocked by mail", "card_reissue.card_blocked by sms", "card_reissue.card_ordered by mail",
    "card_reissue.card_shipped by mail", "card_reissue.card_delivered_activate by mail",
    "card_reissue.card_active by mail", "card_reissue.reissue_done by mail",
}  # fmt: skip


def assert_ended_well(inside: Inside, case_id: str) -> None:
    """The case is done, nothing is lost or doubled, the chain is intact, and rows and engine agree."""
    found = inside.look(case_id=case_id)
    assert (found["state"], found["outcome"], found["incidents"]) == ("closed", "done", []), found
    assert found["items"].pop("activate_early", "withdrawn") == "withdrawn"
    assert set(found["items"].values()) == {"answered"}
    assert set(found["commands"]) == {"sent"}
    noted = inside.events(case_id=case_id)
    assert {kind: noted.get(kind) for kind in ONCE} == dict.fromkeys(ONCE, 1)
    assert noted["item.answered_by_customer"] == 3
    assert len(inside.new_cards(case_id=case_id)) == 1
    assert inside.statuses(case_id=case_id) == ["canceled", "active"]
    assert inside.templates(case_id=case_id) == dict.fromkeys(TOLD_ONCE, 1)
    arrived = inside.all_messages_arrive(case_id=case_id)
    assert arrived == dict.fromkeys(arrived, 1)
    assert inside.broken(case_id=case_id) == ""
    assert inside.reconciled() == []
