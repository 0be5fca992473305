"""What a machine reported and belongs to no case stands among what needs attention, until a supervisor has dealt with
it."""

from __future__ import annotations

import pytest

from backoffice.actors import Actor
from backoffice.cases import alarms
from backoffice.cases.models import Alarm
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import actor, make_staff, now

pytestmark = pytest.mark.django_db
SENTENCE = "A fraud signal came for a card that we do not know. Nothing was blocked."
REASON = "I ask the issuer which card it is"


@pytest.fixture
def alarm() -> Alarm:
    told = {"fields": {"data.score": ["We do not know this field."]}, "text": '{"card": "ic_<b>unknown"}'}
    for _ in range(2):
        alarms.sound(process="card_reissue", code="signal_of_unknown_card", key="signal:1", told=told, now=now())
    return Alarm.objects.get()


def test_it_is_listed_and_counted_among_what_needs_attention(at_desk: Desk, alarm: Alarm) -> None:
    page = at_desk(role=Role.SUPERVISOR).get("/desk/?tab=attention").content.decode()

    assert SENTENCE in page
    assert f"/desk/alarm/{alarm.pk}/" in page
    assert "Nothing needs attention" not in page
    assert 'is-attention">1</span>' in page


def test_who_may_not_read_it_sees_that_it_is_there_and_why_not(at_desk: Desk, alarm: Alarm) -> None:
    support = at_desk(role=Role.SUPPORT)
    page = support.get("/desk/?tab=attention").content.decode()

    assert SENTENCE in page
    assert f"/desk/alarm/{alarm.pk}/" not in page
    assert support.get(f"/desk/alarm/{alarm.pk}/").status_code == 403


def test_it_is_read_for_a_reason_that_is_noted(at_desk: Desk, alarm: Alarm) -> None:
    anna = make_staff(role=Role.SUPERVISOR)
    desk = at_desk(anna)

    before = desk.get(f"/desk/alarm/{alarm.pk}/").content.decode()
    refused = desk.post(f"/desk/alarm/{alarm.pk}/", {"reason": "because"})
    page = desk.post(f"/desk/alarm/{alarm.pk}/", {"reason": REASON}).content.decode()

    alarm.refresh_from_db()
    assert "ic_&lt;b&gt;unknown" in page
    assert "ic_" not in before
    assert (refused.status_code, "ic_" in refused.content.decode()) == (400, False)
    assert [(who, why) for who, _at, why in alarm.readings] == [(str(anna.public_id), REASON)]


def test_once_it_is_resolved_nothing_of_it_is_kept_and_it_does_not_come_back(at_desk: Desk, alarm: Alarm) -> None:
    anna = make_staff(role=Role.SUPERVISOR)

    answer = at_desk(anna).post(f"/desk/alarm/{alarm.pk}/", {"reason": REASON, "done": "1"})
    alarms.sound(process="card_reissue", code="signal_of_unknown_card", key="signal:1", told={}, now=now())

    alarm.refresh_from_db()
    assert answer.status_code == 302
    assert (alarm.told, alarm.resolved_by, alarm.reason) == (None, anna, REASON)
    assert not alarms.open_ones().exists()
    assert "Resolved by" in at_desk(anna).get(f"/desk/alarm/{alarm.pk}/").content.decode()


def do(what: str, alarm_id: int, by: Actor, reason: str = REASON) -> Alarm:
    user = make_staff(role=Role.SUPERVISOR)
    rule = alarms.resolve if what == "resolve" else alarms.read
    return rule(alarm_id=alarm_id, by=by, user=user, reason=reason, now=now())


@pytest.mark.parametrize("what", ["read", "resolve"])
def test_the_rules_refuse(alarm: Alarm, what: str) -> None:
    supervisor = actor(make_staff(role=Role.SUPERVISOR))

    with pytest.raises(Forbidden):
        do(what, alarm.pk, actor(make_staff(role=Role.APPROVER)))
    with pytest.raises(NotFound):
        do(what, alarm.pk + 1, supervisor)
    for reason in ("short", "x" * 201, "card 4111 1111 1111 1111"):
        with pytest.raises(Invalid):
            do(what, alarm.pk, supervisor, reason)
    assert Alarm.objects.get().readings == []


def test_it_is_resolved_once(alarm: Alarm) -> None:
    supervisor = actor(make_staff(role=Role.SUPERVISOR))
    do("resolve", alarm.pk, supervisor)

    with pytest.raises(Conflict):
        do("resolve", alarm.pk, supervisor)


def test_an_alarm_that_does_not_exist_is_a_page_that_says_so(at_desk: Desk) -> None:
    assert at_desk(role=Role.SUPERVISOR).get("/desk/alarm/7/").status_code == 404
