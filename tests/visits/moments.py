"""A visit under a card case at every moment of its story, by the rules and answers that the faces use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from backoffice.cases import answering, incidents
from backoffice.cases.freezing import freeze
from backoffice.cases.incidents import called_in
from backoffice.cases.models import Case, IncidentKind
from backoffice.cases.unit_of_work import changing
from backoffice.cases.windows import Window
from backoffice.cases.withdrawing import withdraw
from backoffice.refusals import TryRefused
from backoffice.staff.models import Role
from backoffice.visits import calling_off, handshake, moving, results
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit
from tests.factories import actor, make_staff
from tests.playing import advance, ask, close, customer_actor, system
from tests.portal.conftest import Person, make_person, open_blocked
from tests.visits import visiting
from tests.visits.field_door import let_the_halves_run_out
from workflows.base.contracts import Close, DoEffect, SendNotice


@dataclass(frozen=True)
class Moment:
    """The customer, the card case, and the visit under it."""

    person: Person
    parent: Case
    visit: Visit

    @property
    def case(self) -> Case:
        return self.visit.case


def reach(name: str) -> Moment:
    """The moment of this name, as the rows are then."""
    person = make_person()
    parent = open_blocked(person.card)
    case = ALL[name](visiting.visit_under(parent))
    parent.refresh_from_db()
    case = Case.objects.select_related("customer", "parent").get(pk=case.pk)
    return Moment(person, parent, visit_of(case))


def told(case: Case, *notices: str, stage: str = "", **said: object) -> Case:
    advance(case, stage=stage, notices=tuple(SendNotice(name) for name in notices), **said)
    return case


def proposed(case: Case) -> Case:
    told(case, "visit_propose")
    ask(case, "choose_visit")
    return case


def booked(case: Case, *, hours: float = 72) -> Case:
    """A time is chosen; nobody is assigned yet."""
    slot = visiting.free_slot(hours=hours)
    item = ask(case, "choose_visit")
    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=visiting.choice(case, slot))
    return told(case, "visit_confirmed", stage="confirmed")


def assigned(case: Case, *, hours: float = 72) -> Case:
    booked(case, hours=hours)
    return told(case, stage="assigned", effects=(DoEffect("assign"),))


def reminded(case: Case) -> Case:
    return told(assigned(case, hours=20), "visit_day_before", stage="day_before")


def sought(case: Case, *, hours: float = 72) -> Case:
    ask(booked(case, hours=hours), "assign_visitor")
    return case


def in_window(case: Case) -> Case:
    visiting.step(visit_of(assigned(case, hours=-0.25)), "check_in")
    return case


def overdue(case: Case) -> Case:
    in_window(case)
    _shift(case, hours=4)
    return case


def unfrozen_late(case: Case) -> Case:
    """The reminder comes after the window, because the case was frozen meanwhile."""
    assigned(case, hours=20)
    _shift(case, hours=30)
    return told(case, "visit_day_before", stage="day_before")


def _shift(case: Case, *, hours: float) -> None:
    visit = visit_of(case)
    Visit.objects.filter(case=case).update(
        starts=visit.starts - timedelta(hours=hours),  # type: ignore[operator]
        ends=visit.ends - timedelta(hours=hours),  # type: ignore[operator]
    )


def rings(case: Case) -> Case:
    visit = visit_of(assigned(case, hours=-0.25))
    visiting.does(visit, "check_in")
    visiting.step(visit, "meet_customer")
    return case


def rings_for_long(case: Case) -> Case:
    rings(case)
    Visit.objects.filter(case=case).update(checked_in_at=visiting.now() - timedelta(hours=2))
    return case


def showing(case: Case) -> Case:
    visit = visiting.at_the_door(visit_of(assigned(case, hours=-0.25)))
    visiting.asked_to_compare(visit)
    visiting.step(visit, "enter_half")
    return case


def b_wrong(case: Case, *, times: int) -> Case:
    """The customer types other digits than the visitor's."""
    visit = visit_of(showing(case))
    wrong = visiting.wrong(visiting.half_b(visit))
    for _try in range(times):
        with pytest.raises(TryRefused) if _try < 2 else changing(case.id):
            _answer(case, "compare_half", half=wrong)
    return alarm(case, "half_different", "visit_called_off") if times == 3 else case


def b_wrong_at_desk(case: Case) -> Case:
    """The desk types other digits, for a customer who calls."""
    wrong = visiting.wrong(visiting.half_b(visit_of(showing(case))))
    for _try in range(3):
        handshake.compare_for_caller(case_id=case.id, typed=wrong, by=actor(make_staff()))
    return case


def compared(case: Case) -> Case:
    visit = visit_of(showing(case))
    _answer(case, "compare_half", half=visiting.half_b(visit))
    return case


def compared_at_desk(case: Case) -> Case:
    half = visiting.half_b(visit_of(showing(case)))
    handshake.compare_for_caller(case_id=case.id, typed=half, by=actor(make_staff()))
    return case


def a_wrong(case: Case, *, times: int) -> Case:
    """The visitor types other digits than the customer's."""
    visit = visit_of(compared(case))
    wrong = visiting.wrong(visiting.half_a(visit))
    for _try in range(times):
        with pytest.raises(TryRefused) if _try < 2 else changing(case.id):
            _answer(case, "enter_half", half=wrong)
    return alarm(case, "not_proven") if times == 3 else case


def ran_out(case: Case, *, pairs: int = 1) -> Case:
    let_the_halves_run_out(visit_of(showing(case)))
    Visit.objects.filter(case=case).update(handshakes=pairs)
    return case


def checking(case: Case) -> Case:
    visit = visit_of(compared(case))
    _answer(case, "enter_half", half=visiting.half_a(visit))
    visiting.step(visit_of(case), "id_check")
    return told(case, stage="id_check")


def found(case: Case, outcome: str) -> Case:
    data = {"portrait": "yes", "document": "passport", "valid_until": "2040-01-01", "last_signs": "12AB"}
    _answer(checking(case), "id_check", outcome=outcome, **(data if outcome == "match" else {}))
    return case


def reviewing(case: Case) -> Case:
    ask(found(case, "match"), "review_visit", stage="review")
    return case


def passed(case: Case) -> Case:
    told(reviewing(case), stage="passed")
    close(case)
    return case


def suspected(case: Case) -> Case:
    return told(found(case, "mismatch"), stage="suspicion", effects=(DoEffect("freeze"),))


def rejected(case: Case) -> Case:
    told(found(case, "mismatch"), stage="suspicion")
    advance(case, close=Close("rejected", "identity_mismatch"), compensating=True)
    return case


def refused(case: Case) -> Case:
    close(found(case, "refused"))
    return case


def not_home(case: Case, *, times: int = 1) -> Case:
    for _time in range(times):
        visit = visit_of(assigned(case, hours=-0.25))
        visiting.does(visit, "check_in")
        visiting.does(visit, "meet_customer", outcome="not_home")
    if times == 2:
        return other_way(case)
    told(case, "visit_nobody_home", stage="proposed")
    ask(case, "choose_visit")
    return case


def other_way(case: Case) -> Case:
    told(case, "alternative_offered", stage="alternative")
    ask(case, "choose_alternative")
    return case


def alarm(case: Case, why: str, *notices: str) -> Case:
    told(case, *notices, stage="alarm", effects=(DoEffect("alarm", {"why": why}),))
    ask(case, "look_into_alarm")
    return case


def unsafe(case: Case) -> Case:
    visit = visit_of(showing(case))
    visitor = visiting.visitor_of(visit)
    calling_off.feels_unsafe(case_id=case.id, by=visiting.by_visitor(visit), user=visitor)
    return alarm(case, "visitor_unsafe")


def no_result(case: Case) -> Case:
    return alarm(rings_for_long(case), "no_result")


def nobody_expected(case: Case, before: Callable[[Case], Case]) -> Case:
    before(case)
    was_ahead = visit_of(case).is_ahead
    calling_off.nobody_expected(case_id=case.id, by=customer_actor(case.customer))
    return alarm(case, "nobody_expected", "visit_called_off") if was_ahead else case


def looked_into(case: Case, then: Callable[[Case], Case]) -> Case:
    """A supervisor has looked into the alarm of a visit that was not expected."""
    nobody_expected(case, assigned)
    with changing(case.id) as locked:
        results.looked_into(
            locked, by=actor(make_staff(role=Role.SUPERVISOR)), now=visiting.now(), called=called_in({}), reason="Fine"
        )
    case.refresh_from_db()
    told(case, withdraws=("look_into_alarm",))
    if then is proposed:
        told(case, stage="proposed")
    return then(case)


def missed(case: Case, before: Callable[[Case], Case]) -> Case:
    before(case)
    told(case, "visit_missed_by_us", effects=(DoEffect("missed"),))
    told(case, stage="proposed")
    ask(case, "choose_visit")
    return case


def moved(case: Case) -> Case:
    assigned(case)
    later = visiting.free_slot(hours=96)
    window = Window(later.starts, later.ends).key
    moving.move(case_id=case.id, window=window, by=customer_actor(case.customer))
    case.refresh_from_db()
    return told(case, "visit_confirmed", stage="confirmed")


def cancelled(case: Case) -> Case:
    calling_off.cancel(case_id=assigned(case).id, alternative="branch", by=customer_actor(case.customer))
    close(case)
    return case


def declined(case: Case) -> Case:
    _answer(proposed(case), "choose_visit", how="branch")
    close(case)
    return case


def silent(case: Case) -> Case:
    """The time to choose ran out."""
    told(proposed(case), expires=("choose_visit",))
    close(case)
    return case


def frozen(case: Case, before: Callable[[Case], Case]) -> Case:
    freeze(case_id=before(case).id, by=system(), reason="suspicion")
    return case


def stopping(case: Case, before: Callable[[Case], Case]) -> Case:
    assert case.parent_id
    withdraw(case_id=before(case).parent_id, by=customer_actor(case.customer))  # type: ignore[arg-type]
    return case


def withdrawn(case: Case) -> Case:
    stopping(case, assigned)
    advance(case, effects=(DoEffect("release"),), compensating=True)
    close(case, "withdrawn")
    return case


def failed(case: Case) -> Case:
    close(assigned(case), "failed")
    return case


def gone_wrong(case: Case) -> Case:
    """A step of its process fails while a time is agreed."""
    with changing(assigned(case).id) as locked:
        incidents.open(locked, IncidentKind.STEP_FAILS, by=system(), key="7")
    return case


def _answer(case: Case, kind: str, **data: str) -> None:
    item = case.items.get(kind=kind, state="open")
    by = customer_actor(case.customer) if item.performer == "customer" else visiting.by_visitor(visit_of(case))
    answering.answer(item_id=item.id, by=by, data=data)


ALL: Mapping[str, Callable[[Case], Case]] = {
    "proposed": proposed,
    "declined for another way": declined,
    "not chosen in time": silent,
    "confirmed, nobody free yet": sought,
    "assigned": assigned,
    "day before": reminded,
    "reminder after a freeze, too late": unfrozen_late,
    "moved": moved,
    "cancelled": cancelled,
    "window open": in_window,
    "window open, nobody found": partial(sought, hours=-0.25),
    "window passed, nobody came yet": overdue,
    "missed": partial(missed, before=overdue),
    "missed ahead, nobody can go": partial(missed, before=sought),
    "at the door": rings,
    "at the door for two hours": rings_for_long,
    "handshake": showing,
    "visitor's half wrong once": partial(b_wrong, times=1),
    "visitor's half wrong twice": partial(b_wrong, times=2),
    "visitor's half wrong three times": partial(b_wrong, times=3),
    "visitor's half wrong three times at the desk": b_wrong_at_desk,
    "visitor proven": compared,
    "visitor proven at the desk": compared_at_desk,
    "customer's half wrong once": partial(a_wrong, times=1),
    "customer's half wrong twice": partial(a_wrong, times=2),
    "customer's half wrong three times": partial(a_wrong, times=3),
    "halves ran out": ran_out,
    "halves ran out for good": partial(ran_out, pairs=3),
    "identity check": checking,
    "match, in review": reviewing,
    "passed": passed,
    "mismatch, frozen": suspected,
    "mismatch, rejected": rejected,
    "refused": refused,
    "not home": not_home,
    "not home twice": partial(not_home, times=2),
    "unsafe": unsafe,
    "no result": no_result,
    "nobody expected, agreed": partial(nobody_expected, before=assigned),
    "nobody expected, at the door": partial(nobody_expected, before=rings),
    "nobody expected, none agreed": partial(nobody_expected, before=proposed),
    "alarm looked into, new visit": partial(looked_into, then=proposed),
    "alarm looked into, another way": partial(looked_into, then=other_way),
    "frozen before a choice": partial(frozen, before=proposed),
    "frozen, agreed": partial(frozen, before=assigned),
    "frozen at the door": partial(frozen, before=showing),
    "being stopped, agreed": partial(stopping, before=assigned),
    "being stopped at the door": partial(stopping, before=showing),
    "withdrawn": withdrawn,
    "failed": failed,
    "a step fails": gone_wrong,
}
"""By name; each is a function that brings a visit, just proposed, to that moment."""
