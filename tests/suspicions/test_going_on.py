"""What reports paused goes on, or stays paused: by whose word, with which reason; and what is kept of a report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.actors import system
from backoffice.cases import answering, freezing
from backoffice.cases.models import CaseState, Command, Event, IncidentKind
from backoffice.cases.timeline_view import Reader, lines
from backoffice.customers.models import Customer
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff.models import Role
from backoffice.suspicions import deciding, effects, keeping, pausing, telling_more
from backoffice.suspicions.models import GroupState, Match, Report
from backoffice.suspicions.steps import for_anybody, for_customer
from backoffice.suspicions.telling_more import Given
from backoffice.trust import register
from tests.factories import actor, make_card, make_staff, now
from tests.playing import advance, ask, customer_actor, incidents_of
from tests.suspicions.conftest import (
    SMISH,
    UNLIKE,
    analyst,
    held_by,
    reports,
    sensitive_case,
    strange,
)
from workflows.base.contracts import Close, DoEffect
from workflows.base.spec import Nothing
from workflows.suspicious_contact.spec import PERIODS


def test_what_reports_paused_goes_on_unless_another_one_is_looked_into(maria: Customer) -> None:
    card, first, second = sensitive_case(maria), reports(maria), reports(maria, strange(UNLIKE))
    assert first.case is not None
    assert second.case is not None

    advance(first.case, effects=(DoEffect("let_go_on", {}),))
    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    advance(first.case, stage="cleared")
    advance(second.case, effects=(DoEffect("let_go_on", {}),))

    card.refresh_from_db()
    assert card.state == CaseState.OPEN


def test_what_was_given_away_is_weighed_and_said_in_steps(maria: Customer) -> None:
    """That nothing was given away is heard, and lets nothing go on: anybody in the customer's session can say it."""
    sensitive_case(maria)
    make_card(customer=maria)
    report, by = reports(maria), customer_actor(maria)
    case = report.case
    assert case is not None
    told: dict[str, Any] = {"case": case, "args": Nothing(), "now": now()}
    assert effects.weigh(**told).gave == "unknown"

    telling_more.tell_what_was_given(case_id=case.id, gave=["nothing"], by=by, now=now())
    assert (effects.weigh(**told).gave, effects.weigh(**told).paused) == ("unknown", 1)
    telling_more.tell_what_was_given(case_id=case.id, gave=["card", "paid"], by=by, now=now())
    assert effects.weigh(**told).gave == "something"

    said = for_customer(telling_more.given_in(case), customer=maria, by=by)
    assert "Call us now" in said[0].says
    assert [one.url for one in said if one.link] == ["tel:+31205550100", "/portal/open/card_reissue/"]
    assert {what for what, _steps in for_anybody()} == {str(one.label) for one in Given if one != Given.NOTHING}


@pytest.mark.parametrize("gave", [[], ["gold"], ["nothing", "card"]])
def test_what_was_given_away_must_make_sense(maria: Customer, gave: list[str]) -> None:
    case = reports(maria).case
    assert case is not None
    with pytest.raises(Invalid):
        telling_more.tell_what_was_given(case_id=case.id, gave=gave, by=customer_actor(maria), now=now())


def test_who_tells_more_is_matched_again_and_paused_at_once(maria: Customer) -> None:
    card = sensitive_case(maria)
    report = reports(maria, strange("It was odd", channel="other"))
    assert report.case is not None
    item = ask(report.case, "say_more")

    with pytest.raises(Invalid):
        answering.answer(item_id=item.id, by=customer_actor(maria), data={"text": "", "sender": ""})
    answering.answer(item_id=item.id, by=customer_actor(maria), data={"text": SMISH, "sender": ""})

    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    sent = Command.objects.filter(case=report.case, signal="answered").latest("id").payload
    assert sent["facts"] == {"match": "not_ours", "paused": 1}
    assert Event.objects.filter(case=report.case, kind="suspicious.paused").count() == 1


def test_who_lets_it_go_on_stands_on_its_timeline_with_their_reason_and_their_call_in_the_register(
    maria: Customer,
) -> None:
    card, report, supervisor = sensitive_case(maria), reports(maria), make_staff(role=Role.SUPERVISOR)
    case, why = report.case, "Maria told them nothing, and her telephone is clean"
    assert case is not None
    item = ask(case, "make_safe")

    data = {"outcome": "go_on", "reason": why, "called_customer": "reached"}
    answering.answer(item_id=item.id, by=actor(supervisor), data=data)
    after = sensitive_case(maria)
    freezing.freeze(case_id=after.id, by=system(), reason=pausing.REPORTED)
    advance(case, effects=(DoEffect("let_go_on", {}),))

    unfrozen = Event.objects.get(case=card, kind="case.unfrozen")
    assert (unfrozen.actor_id, unfrozen.reason) == (str(supervisor.public_id), why)
    told = list(Event.objects.filter(case=case).order_by("number"))
    shown = [line.sentence for line in lines(told, [case], reader=Reader.CUSTOMER)]
    assert {"One of us made sure that all is safe.", "What we had paused goes on."} <= set(shown)
    assert why not in " ".join(shown)
    assert [one.kind for one in told].count("suspicious.let_go_on") == 1
    after.refresh_from_db()
    assert after.state == CaseState.FROZEN, "it was paused after their answer"
    call = register.of_customer(maria).get(case_id=case.id, channel="call", direction="out")
    assert (call.by, call.address_masked) == (supervisor, maria.contact_points.get(kind="phone").masked)


def test_an_analysts_word_stands_on_every_timeline_and_names_no_customer(maria: Customer) -> None:
    card, report, decider = sensitive_case(maria), reports(maria), analyst()
    assert report.case is not None
    assert report.group is not None
    told = held_by(decider, report.group)
    with pytest.raises(Invalid, match="names a customer"):
        deciding.clear(**told, reason="It was a joke of Mr Jansen's")

    deciding.clear(**told, reason="It was a test of ours")
    advance(report.case, effects=(DoEffect("let_go_on", {}),))

    who = Event.objects.filter(actor_id=str(decider.public_id)).exclude(reason="").values_list("case", "reason")
    assert set(who) == {(report.case.id, "It was a test of ours"), (card.id, "It was a test of ours")}


def test_what_was_once_given_away_is_not_taken_back_in_the_same_session(maria: Customer) -> None:
    """Whoever called may sit in the customer's session, and say that nothing was told."""
    sensitive_case(maria)
    case, by = reports(maria).case, customer_actor(maria)
    assert case is not None
    for gave in (["code"], ["nothing"]):
        telling_more.tell_what_was_given(case_id=case.id, gave=gave, by=by, now=now())

    assert effects.weigh(case=case, args=Nothing(), now=now()).gave == "something"


def test_what_a_supervisor_leaves_paused_no_other_report_lets_go_on(maria: Customer) -> None:
    """Else a second, harmless report would undo what was decided on the first."""
    card, first = sensitive_case(maria), reports(maria)
    supervisor = actor(make_staff(role=Role.SUPERVISOR))
    assert first.case is not None
    item = ask(first.case, "make_safe")
    data = {"outcome": "stay", "reason": "They gave a code away", "called_customer": ""}
    answering.answer(item_id=item.id, by=supervisor, data=data)
    advance(first.case, stage="made_safe")
    first.case.state = CaseState.CLOSED
    first.case.save(update_fields=["state"])

    second = reports(maria, strange(UNLIKE)).case
    assert second is not None
    advance(second, effects=(DoEffect("let_go_on", {}),))

    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    assert freezing.causes_of(card) == {"contact_reported", "left_paused"}
    said = lines(Event.objects.filter(case=first.case), [first.case], reader=Reader.CUSTOMER)
    assert any("It stays paused for now" in line.sentence for line in said)
    freezing.unfreeze(case_id=card.id, by=supervisor, reason="The card is blocked now")


def test_texts_are_deleted_after_the_decision_and_of_what_was_ours_without_one(maria: Customer) -> None:
    decided, ours, waits = reports(maria), reports(maria, strange(UNLIKE)), reports(maria, strange("A parcel?"))
    assert decided.group is not None
    deciding.clear(**held_by(analyst(), decided.group), reason="It was a test of ours")
    Report.objects.filter(pk=ours.pk).update(match=Match.OURS, paused=0)
    told: dict[str, Any] = {
        "by": system(),
        "now": now() + PERIODS.text_is_kept_after_the_decision + timedelta(minutes=1),
    }

    assert keeping.delete_texts(by=system(), now=now()) == 0
    assert keeping.delete_texts(**told) == 2

    left = {one.pk: bool(one.text) for one in Report.objects.all()}
    assert left == {decided.pk: False, ours.pk: False, waits.pk: True}
    assert keeping.delete_texts(**told) == 0


def test_what_a_stopped_case_had_paused_stays_paused(maria: Customer) -> None:
    card, case = sensitive_case(maria), reports(maria).case
    assert case is not None
    advance(case, close=Close(result="withdrawn", reason="by_staff"))

    second = reports(maria, strange(UNLIKE)).case
    assert second is not None
    advance(second, effects=(DoEffect("let_go_on", {}),))

    card.refresh_from_db()
    assert card.state == CaseState.FROZEN


def test_who_took_it_long_ago_still_decides_as_long_as_nobody_else_has_taken_it(maria: Customer) -> None:
    group, one, other = reports(maria).group, analyst(), analyst()
    assert group is not None
    late = {**held_by(one, group), "now": now() + timedelta(minutes=31)}
    deciding.take(group=group, by=actor(other), user=other, now=late["now"])
    with pytest.raises(Forbidden, match="Somebody else has taken"):
        deciding.clear(**late, reason="Because")
    deciding.give_back(group=group, by=actor(other), user=other, now=late["now"])

    held_by(one, group)
    deciding.clear(**late, reason="Because")

    group.refresh_from_db()
    assert group.state == GroupState.CLEARED


def test_an_undecided_one_needs_attention_until_it_is_decided(maria: Customer) -> None:
    case = reports(maria).case
    assert case is not None
    advance(case, effects=(DoEffect("raise_undecided", {}),))
    assert incidents_of(case) == [(IncidentKind.ALARM, effects.UNDECIDED)]

    advance(case, effects=(DoEffect("settle_undecided", {}),))

    assert incidents_of(case) == []
