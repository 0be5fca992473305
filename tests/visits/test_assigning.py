"""Who makes a visit: certified, with no other part in the case, chosen by the calendar or by a supervisor."""

from __future__ import annotations

import pytest

from backoffice.actors import Channel
from backoffice.cases import answering
from backoffice.cases.models import Part
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.visits import assigning
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Slot
from tests.factories import actor, make_staff
from tests.playing import advance, ask, customer_actor
from tests.visits.visiting import agreed, by_visitor, choice, does, free_slot, in_the_window, open_visit, step
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db


def test_the_visit_goes_to_whose_calendar_was_chosen() -> None:
    slot = free_slot()

    visit = agreed(slot=slot)

    assert visit.visitor == slot.visitor


def test_a_visitor_who_lost_the_certificate_is_replaced_by_another_who_offers_the_same_window() -> None:
    slot, case = free_slot(), open_visit()
    item = ask(case, "choose_visit")
    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot))
    other = make_staff(role=Role.FIELD)
    Slot.objects.create(visitor=other, starts=slot.starts, ends=slot.ends)
    slot.visitor.staff_profile.certified_visitor = False
    slot.visitor.staff_profile.save()

    done = advance(case, effects=(DoEffect("assign"),))

    slot.refresh_from_db()
    assert done.facts == {"visitor": str(other.public_id)}
    assert (visit_of(case).visitor, slot.taken_by) == (other, None)
    assert Slot.objects.get(visitor=other).taken_by_id == case.id


def test_where_nobody_is_free_a_supervisor_sends_somebody_who_may_go() -> None:
    slot, case = free_slot(), open_visit()
    item = ask(case, "choose_visit")
    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot))
    slot.visitor.is_active = False
    slot.visitor.save()
    assert advance(case, effects=(DoEffect("assign"),)).facts == {}
    other, busy, plain = make_staff(role=Role.FIELD), make_staff(role=Role.FIELD), make_staff(role=Role.SUPPORT)
    elsewhere = Slot.objects.create(visitor=busy, starts=slot.starts, ends=slot.ends)
    agreed(slot=elsewhere)
    chief = make_staff(role=Role.SUPERVISOR)
    item = ask(case, "assign_visitor")

    for nobody in (busy, plain, slot.visitor):
        with pytest.raises(Invalid):
            answering.answer(item_id=item.id, by=actor(chief), data={"visitor": str(nobody.public_id)})
    done = answering.answer(item_id=item.id, by=actor(chief), data={"visitor": str(other.public_id)})

    assert done.outcome == "assigned"
    assert visit_of(case).visitor == other
    assert Slot.objects.get(taken_by=case.id).visitor == other


def test_who_asked_for_the_case_is_no_candidate() -> None:
    requester = make_staff(role=Role.FIELD)
    case = open_visit(requester=requester)
    slot = free_slot()
    item = ask(case, "choose_visit")
    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot))

    assert requester not in assigning.candidates(case)
    assert slot.visitor in assigning.candidates(case)


def test_only_the_assigned_visitor_sees_and_does_the_step() -> None:
    visit = in_the_window()
    item = step(visit, "check_in")
    other = make_staff(role=Role.FIELD)

    with pytest.raises(NotFound):
        answering.answer(item_id=item.id, by=actor(other, channel=Channel.FIELD), data={})


def test_a_visitor_who_asked_for_a_case_of_the_family_is_refused_even_with_the_item_in_hand() -> None:
    visit = in_the_window()
    assert visit.visitor is not None
    Part.objects.create(root_id=visit.case.root_id_or_own, user=visit.visitor, part="requester")
    item = step(visit, "check_in")

    with pytest.raises(Forbidden) as refused:
        answering.answer(item_id=item.id, by=by_visitor(visit), data={})

    assert refused.value.code == "four_eyes"


def test_the_visitor_does_not_review_a_visit_of_their_own() -> None:
    visit = in_the_window()
    does(visit, "check_in")
    visitor = visit.visitor
    assert visitor is not None
    from django.contrib.auth.models import Group

    visitor.groups.add(Group.objects.get(name=Role.SUPERVISOR.value))
    visitor = type(visitor).objects.get(pk=visitor.pk)
    item = ask(visit.case, "review_visit")

    with pytest.raises(Forbidden) as refused:
        answering.answer(item_id=item.id, by=actor(visitor), data={"outcome": "passed", "reason": "I was there"})
    assert refused.value.code == "four_eyes"
    other = make_staff(role=Role.SUPERVISOR)
    done = answering.answer(item_id=item.id, by=actor(other), data={"outcome": "passed", "reason": "all is there"})
    assert done.outcome == "passed"


def test_a_visitor_who_was_replaced_cannot_check_in() -> None:
    visit = in_the_window()
    item = step(visit, "check_in")
    before = by_visitor(visit)
    visit.visitor = make_staff(role=Role.FIELD)
    visit.save()

    with pytest.raises((NotFound, Conflict)):
        answering.answer(item_id=item.id, by=before, data={})
