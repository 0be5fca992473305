"""The calls of `rule_calls` for the rules of telephone calls, call-backs and phone authorisations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from backoffice.actors import Actor, system
from backoffice.calls import codes, incoming, ordering
from backoffice.calls import opening as calls
from backoffice.calls.back import asking, dialling, figures, preparing, ringing_back, staffing, talking
from backoffice.calls.back import calling_off as off
from backoffice.calls.back import moving as back_moving
from backoffice.calls.back import wrapping_up as back_wrapping_up
from backoffice.staff.models import Role, User
from backoffice.telephony import announcing, gateway_health, menu_calls, proving, reporting, states, taking
from backoffice.telephony.models import CallState
from backoffice.telephony.ports import Line, Reported
from tests.factories import now
from tests.threats.people import World, key


def telephoned(world: World, user: User) -> UUID:
    """A call to the customer, announced for this person."""
    case, at = world.cases["own"], now().replace(hour=12)
    return announcing.announce(**_telephone(world, user), case_id=case.id, by=system(), now=at).pk


def _telephone(world: World, user: User) -> dict[str, Any]:
    told = {"customer": world.customer(), "point": world.phone(), "purpose": "call_back", "matter": "test"}
    return {**told, "case_reference": "", "agent": user, "asked_by_customer": True, "key": key()}


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "calls.back.asking.ask": lambda w, by, user: asking.ask(
        reference=w.cases["own"].reference, last_three="000", by=by, now=now()
    ),
    "calls.back.asking.check": lambda w, by, user: asking.check(reference=key(), network=key(), by=by, now=now()),
    "calls.back.calling_off.call_off": lambda w, by, user: off.call_off(
        case_id=w.cases["own"].id, for_good=True, by=by
    ),
    "calls.back.dialling.dial": lambda w, by, user: dialling.dial(case_id=w.cases["own"].id, by=by),
    "calls.back.figures.weeks": lambda w, by, user: figures.weeks(by=by, now=now()),
    "calls.back.moving.move": lambda w, by, user: back_moving.move(case_id=w.cases["own"].id, window="x", by=by),
    "calls.back.preparing.open_sheet": lambda w, by, user: preparing.open_sheet(case_id=w.cases["own"].id, by=by),
    "calls.back.preparing.put_back": lambda w, by, user: preparing.put_back(case_id=w.cases["own"].id, by=by),
    "calls.back.ringing_back.take": lambda w, by, user: ringing_back.take(
        case_id=w.cases["own"].id, call_id=uuid4(), by=by
    ),
    "calls.back.staffing.enter": lambda w, by, user: staffing.enter(
        staffed=staffing.Staffed(Role.SUPPORT, now(), now(), 1), by=by, now=now()
    ),
    "calls.back.talking.press": lambda w, by, user: talking.press(case_id=w.cases["own"].id, to=CallState.ENDED, by=by),
    "calls.back.wrapping_up.wrap_up": lambda w, by, user: back_wrapping_up.wrap_up(
        case_id=w.cases["own"].id, by=by, data={}
    ),
    "calls.codes.deny": lambda w, by, user: codes.deny(case_id=w.cases["own"].id, by=by),
    "calls.codes.show_another": lambda w, by, user: codes.show_another(case_id=w.cases["own"].id, by=by),
    "calls.incoming.is_about": lambda w, by, user: incoming.is_about(
        call_id=telephoned(w, user), case_id=w.cases["own"].id, by=by
    ),
    "calls.incoming.proven_by_code": lambda w, by, user: incoming.proven_by_code(case_id=w.cases["own"].id, by=by),
    "calls.opening.open_call": lambda w, by, user: calls.open_call(by=by, data={}, key=key()),
    "calls.ordering.order": lambda w, by, user: ordering.order(case_id=w.cases["own"].id, by=by, data={}),
    "telephony.announcing.announce": lambda w, by, user: announcing.announce(
        **_telephone(w, user), case_id=None, by=by, now=now().replace(hour=12)
    ),
    "telephony.menu_calls.note": lambda w, by, user: menu_calls.note(conversation="in-1", caller="", by=by, now=now()),
    "telephony.gateway_health.look": lambda w, by, user: gateway_health.look(by=by),
    "telephony.proving.compare": lambda w, by, user: proving.compare(
        call_id=telephoned(w, user), typed="123456", by=by, now=now()
    ),
    "telephony.proving.offer_half": lambda w, by, user: proving.offer_half(
        call_id=telephoned(w, user), by=by, now=now()
    ),
    "telephony.proving.show_code": lambda w, by, user: proving.show_code(call_id=telephoned(w, user), by=by, now=now()),
    "telephony.proving.type_code": lambda w, by, user: proving.type_code(
        call_id=telephoned(w, user), typed="7KQ4MX2R", by=by, now=now()
    ),
    "telephony.reporting.report": lambda w, by, user: reporting.report(
        line=Line("CA1", Reported.RINGING), key="", by=by, now=now()
    ),
    "telephony.states.move": lambda w, by, user: states.move(
        call_id=telephoned(w, user), to=CallState.ENDED, by=by, now=now()
    ),
    "telephony.states.open_sheet": lambda w, by, user: states.open_sheet(call_id=telephoned(w, user), by=by, now=now()),
    "telephony.states.still_on": lambda w, by, user: states.still_on(call_id=telephoned(w, user), by=by, now=now()),
    "telephony.states.wrap_up": lambda w, by, user: states.wrap_up(
        call_id=telephoned(w, user), text="x", by=by, now=now()
    ),
    "telephony.taking.say_about": lambda w, by, user: taking.say_about(
        call_id=telephoned(w, user), customer=w.customer(), case_id=None, case_reference="", by=by, now=now()
    ),
    "telephony.taking.take_in": lambda w, by, user: taking.take_in(number="", agent=user, by=by, now=now(), key=key()),
}
