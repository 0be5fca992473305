"""How risky a change is, who could stop it, and that it is in force by proofs only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from backoffice.actors import Level, system
from backoffice.cases import answering, freezing, withdrawing
from backoffice.cases.models import Case, CaseOutcome, Event
from backoffice.contact_changes import proving, words
from backoffice.contact_changes.models import ContactChange
from backoffice.customers import contact_points
from backoffice.customers.models import Customer
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from backoffice.trust.reporting import PURPOSE
from tests.contact_changes.changing import NEW_HOME, apply, assess, finish, in_force, open_change
from tests.factories import actor, make_card, make_customer, make_staff, new_phone_number, now, phone_number
from tests.playing import advance as step
from tests.playing import ask, close, open_card_case
from workflows.base.contracts import DoEffect, SendNotice

pytestmark = pytest.mark.django_db


def risk(case: Case) -> tuple[str, str]:
    assess(case)
    change = ContactChange.objects.get(case=case)
    return change.risk, change.risk_why


def supersede(customer: Customer, kind: str, value: str, *, days_ago: int = 2) -> None:
    at = now() - timedelta(days=days_ago)
    contact_points.supersede(customer=customer, kind=kind, value=value, how="branch", by=system(), now=at)


def test_a_customer_of_long_standing_is_no_risk_and_has_a_witness(maria: Customer) -> None:
    case = open_change(maria)

    assert assess(case).facts == {"risk": "low", "witnessed": True}
    assert risk(case) == ("low", "")


def test_another_change_within_thirty_days_is_a_risk(maria: Customer) -> None:
    supersede(maria, "phone", new_phone_number())

    assert risk(open_change(maria)) == ("high", "phone")


def test_a_change_thirty_one_days_ago_is_none(maria: Customer) -> None:
    supersede(maria, "phone", new_phone_number(), days_ago=31)

    assert risk(open_change(maria))[0] == "low"


def test_a_sim_swap_in_mid_case_counts_at_its_end(maria: Customer) -> None:
    case = open_change(maria)
    assert risk(case)[0] == "low"
    contact_points.mark_sim_swapped(point=in_force(maria, "phone"), by=system(), now=now())

    assert risk(case) == ("high", "phone")


def test_what_staff_opened_is_a_risk(maria: Customer) -> None:
    assert risk(open_change(maria, by=actor(make_staff()))) == ("high", "by_staff")


def test_an_address_of_another_customer_is_a_risk(maria: Customer) -> None:
    theirs = {"kind": "mail", "value": in_force(make_customer(), "mail").value}

    assert risk(open_change(maria, theirs)) == ("high", "known_elsewhere")


def test_suspicions_about_the_customer_are_a_risk_as_long_as_they_are_open(maria: Customer) -> None:
    case = open_change(maria)
    signalled = open_card_case(make_card(customer=maria))
    assert risk(case) == ("high", "signalled")
    close(signalled, "rejected")
    assert risk(case)[0] == "low"

    other = open_change(maria, NEW_HOME)
    freezing.freeze(case_id=other.id, by=system(), reason="x")
    assert risk(case) == ("high", "paused_case")
    freezing.unfreeze(case_id=other.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="x")
    assert risk(case)[0] == "low"

    reported = Contact.objects.create(customer=maria, direction="in", channel="sms", purpose=PURPOSE, at=now())
    assert risk(case) == ("high", "reported")
    Contact.objects.filter(pk=reported.pk).update(at=now() - timedelta(days=31))
    assert risk(case)[0] == "low"


def witnessed(case: Case) -> bool:
    return bool(assess(case).facts.get("witnessed"))


def test_who_has_only_the_old_channel_has_no_witness() -> None:
    only_mail = make_customer(contacts={"mail": "anna@example.org"})
    only_home = make_customer(contacts={"postal": in_force(make_customer(), "postal").address})

    assert not witnessed(open_change(only_mail))
    assert witnessed(open_change(only_mail, {"kind": "phone", "value": phone_number(999)}))
    assert not witnessed(open_change(only_home))
    assert assess(open_change(only_home, {"kind": "phone", "value": phone_number(998)})).facts["by_letter"]


def test_a_channel_that_is_young_unproven_or_swapped_is_no_witness(maria: Customer) -> None:
    young, unproven = make_customer(days=20), make_customer(verified_how="")
    contact_points.mark_sim_swapped(point=in_force(maria, "phone"), by=system(), now=now())

    assert [witnessed(open_change(one)) for one in (young, unproven, maria)] == [False, False, False]


def test_an_address_that_was_replaced_within_thirty_days_still_is_one(maria: Customer) -> None:
    supersede(maria, "phone", new_phone_number())

    assert witnessed(open_change(maria))


@pytest.mark.parametrize(
    "data", [{"kind": "mail", "value": "new@example.net"}, {"kind": "phone", "value": new_phone_number()}, NEW_HOME]
)
def test_it_is_put_in_force_as_proven_by_its_code(maria: Customer, data: dict[str, str]) -> None:
    case = open_change(maria, data)
    old = in_force(maria, data["kind"])

    assert apply(case).facts == {"applied": True}

    new = in_force(maria, data["kind"])
    old.refresh_from_db()
    assert (new.verified_how, new.recorded_through, old.superseded_by) == ("code", "process", new)
    assert new.value_index == ContactChange.objects.get(case=case).value_index
    assert case.past_no_return
    assert data["kind"] in contact_points.changed_within(customer=maria, now=now())
    with pytest.raises(Conflict):
        withdrawing.withdraw(case_id=case.id, by=system())


def test_the_old_and_the_new_address_are_told_and_the_old_one_witnesses_for_thirty_days(maria: Customer) -> None:
    case = open_change(maria)
    old = in_force(maria, "mail")
    apply(case)
    finish(case)

    told = Message.objects.filter(template="contact_change.change_applied")
    assert case.outcome == CaseOutcome.DONE
    assert {message.destination.masked for message in told} == {
        old.masked,
        in_force(maria, "mail").masked,
        in_force(maria, "phone").masked,
    }
    for days, reached in ((29, True), (31, False)):
        since = now() + timedelta(days=days - 30)
        assert bool(contact_points.reach_of(customer=maria, since=since).earlier) is reached


def test_every_old_channel_is_told_before_also_the_letter(maria: Customer) -> None:
    case = open_change(maria, NEW_HOME)
    notices = (SendNotice("change_announced", {}), SendNotice("change_announced_letter", {}))
    step(case, stage="announced", notices=notices)

    told = {message.contact.channel for message in Message.objects.select_related("contact")}
    assert told == {"mail", "sms", "letter"}
    assert case.stage == "announced"


def test_an_address_that_was_replaced_in_another_way_is_left_alone(maria: Customer) -> None:
    case = open_change(maria)
    supersede(maria, "mail", "from.the.branch@example.org", days_ago=0)

    assert assess(case).facts["overtaken"]
    assert apply(case).facts == {"applied": False}
    assert in_force(maria, "mail").value == "from.the.branch@example.org"
    assert not case.past_no_return
    assert Event.objects.filter(case=case, kind="contact_change.overtaken").exists()


def test_an_overtaken_change_can_only_be_rejected(maria: Customer) -> None:
    case = open_change(maria)
    item = ask(case, "approve_change")
    supersede(maria, "mail", "from.the.branch@example.org", days_ago=0)
    by = actor(make_staff(role=Role.APPROVER))

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=by, data={"outcome": "approved", "reason": "looks right"})
    assert "only be rejected" in str(refused.value.errors["outcome"])
    assert answering.answer(item_id=item.id, by=by, data={"outcome": "rejected", "reason": "x"}).outcome == "rejected"


def test_requester_identifier_and_approver_are_three_people(maria: Customer) -> None:
    insider = make_staff(role=Role.SUPERVISOR)
    case = open_change(maria, by=actor(insider))
    helper = make_staff(role=Role.SUPPORT)
    document = {"outcome": "matched", "document": "passport", "document_last": "12AB", "reason": "compared"}
    at_branch = ask(case, "identify_at_branch")
    answering.answer(item_id=at_branch.id, by=actor(helper), data=document)
    approval = ask(case, "approve_change")

    for user in (insider, helper):
        user.groups.add(Group.objects.get(name=Role.APPROVER.value))
        by = actor(User.objects.get(pk=user.pk))
        with pytest.raises(Forbidden) as refused:
            answering.answer(item_id=approval.id, by=by, data={"outcome": "approved", "reason": "they called"})
        assert refused.value.code == "four_eyes"
    by = actor(make_staff(role=Role.APPROVER), level=Level.SIGNED_IN)
    assert answering.answer(item_id=approval.id, by=by, data={"outcome": "approved", "reason": "ok"})


def test_who_identifies_says_which_document_was_seen(maria: Customer) -> None:
    item = ask(open_change(maria), "identify_remotely")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=actor(make_staff()), data={"outcome": "matched", "reason": "x"})
    assert set(refused.value.errors) == {"document", "document_last"}


def open_with_costly_number(customer: Customer) -> Case:
    """A change that is open since before such numbers were refused."""
    case = open_change(customer, {"kind": "phone", "value": new_phone_number()})
    ContactChange.objects.filter(case=case).update(value="+881612345678")
    return case


def test_a_number_that_costs_extra_is_refused_before_a_code_goes_there(maria: Customer) -> None:
    case = open_with_costly_number(maria)

    assert step(case, effects=(DoEffect("look_at_number"),)).facts == {"refused": True}
    assert "costs extra" in proving.why_not_again(case, now=now())
    assert not Message.objects.filter(template=proving.LETTER).exists()


def test_a_number_that_has_come_to_cost_extra_is_never_put_in_force(maria: Customer) -> None:
    case, before = open_with_costly_number(maria), in_force(maria, "phone").value

    assert assess(case).facts["refused"]
    assert apply(case).facts == {"applied": False, "refused": True}
    assert in_force(maria, "phone").value == before
    assert not case.past_no_return
    assert Event.objects.filter(case=case, kind="contact_change.refused").count() == 2
    told = words.SENTENCES["contact_change.refused"]
    assert "costs extra" in str(told.staff)
    assert "Give us one of another kind" in str(told.customer)


def test_a_number_of_the_usual_kind_passes(maria: Customer) -> None:
    case = open_change(maria, {"kind": "phone", "value": new_phone_number()})

    assert step(case, effects=(DoEffect("look_at_number"),)).facts == {}
    assert apply(case).facts == {"applied": True}
