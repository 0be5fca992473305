"""Was it one of our calls? Whoever gets a stranger's call is protected also on the day after ours, and ours is never
called a stranger's."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from backoffice.actors import system
from backoffice.calls.back import wrapping_up
from backoffice.cases import alarms, answering, freezing, opening, timeline
from backoffice.cases.models import Alarm, Case, CaseState, Command, Event
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from backoffice.suspicions import calls, panels, telling_more, waiting
from backoffice.suspicions.calls import Came, When
from backoffice.suspicions.models import Match, Report
from backoffice.telephony import proving
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Contact, Direction, MutualCode
from backoffice.trust.quiet_hours import zone as zone_of
from tests.calls.call_backs import announced
from tests.factories import actor, make_customer, make_staff, now, sign_in
from tests.playing import advance, ask, customer_actor
from tests.suspicions.conftest import SMISH, reports, sensitive_case, strange
from tests.telephony.rows import write_call
from workflows.base.contracts import DoEffect

NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
"""A Wednesday, 12:00 in Amsterdam."""
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
REPORT = reverse("portal:suspicious_contact:report")


def called(customer: Customer, at: datetime, *, lasts: timedelta | None = MINUTE, **fields: Any) -> Call:
    """A call of ours that was dialled then, over unless it `lasts` None."""
    over: dict[str, Any] = {"state": CallState.NOT_ANSWERED, "ended_at": at + (lasts or MINUTE)}
    if lasts is None:
        over = {"state": CallState.ANSWERED, "answered_at": at, "ended_at": None}
    return write_call(customer, at=at, **{**over, "agent": make_staff(), **fields})


ON_NOW: list[tuple[str, dict[str, Any] | None, Match]] = [
    ("no call of ours", None, Match.NOT_OURS),
    ("we talk", {"seen_at": NOON}, Match.OURS),
    ("it rings", {"state": CallState.RINGING, "answered_at": None, "seen_at": NOON}, Match.OURS),
    ("the console was heard 15 s ago", {"seen_at": NOON - 15 * SECOND}, Match.OURS),
    ("the console is silent", {"seen_at": NOON - 16 * SECOND}, Match.CANNOT_TELL),
    ("the provider was heard, no console", {"times": {"answered": NOON.isoformat()}}, Match.OURS),
    ("it is announced and not dialled", {"state": CallState.ANNOUNCED, "dialled_at": None}, Match.NOT_OURS),
    ("it ended a minute ago", {"lasts": 9 * MINUTE}, Match.CANNOT_TELL),
    ("it ended before", {"lasts": 8 * MINUTE}, Match.NOT_OURS),
    ("they called us", {"direction": Direction.IN, "seen_at": NOON}, Match.NOT_OURS),
]


@pytest.mark.parametrize(("fields", "verdict"), [one[1:] for one in ON_NOW], ids=[one[0] for one in ON_NOW])
def test_who_is_on_the_line_is_ours_only_while_we_are_known_to_be(
    maria: Customer, fields: dict[str, Any] | None, verdict: Match
) -> None:
    called(make_customer(), NOON, lasts=None, seen_at=NOON)
    call = called(maria, NOON - 10 * MINUTE, **{"lasts": None, **fields}) if fields is not None else None

    found, contact = calls.going_on(maria, now=NOON)

    assert found is verdict
    assert contact == (call.contact if call and verdict is Match.OURS else None)


def test_a_call_whose_digits_were_wrong_three_times_is_not_ours(maria: Customer) -> None:
    call = called(maria, NOON, lasts=None, seen_at=NOON)
    proving.offer_half(call_id=call.pk, by=actor(_agent(call)), now=NOON)
    assert calls.going_on(maria, now=NOON)[0] is Match.OURS

    MutualCode.objects.filter(case_id=call.pk).update(b_failures=3)

    assert calls.going_on(maria, now=NOON) == (Match.NOT_OURS, None)


def _agent(call: Call) -> Any:
    assert call.agent is not None
    return call.agent


def test_three_wrong_halves_raise_one_alarm_and_are_reported_with_one_press(
    maria: Customer, hers: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Somebody is on the line with her in our name, while a call of ours is on."""
    card, proof = sensitive_case(maria), reverse("portal:calls_proof")
    call = called(maria, now(), lasts=None, seen_at=now(), case_id=card.id, case_reference=card.reference)
    proving.offer_half(call_id=call.pk, by=actor(_agent(call)), now=now())
    half = proving.half_b(call, agent=_agent(call), now=now())
    wrong = f"{(int(half.replace(' ', '')) + 1) % 10**6:06d}"

    for _try in range(2):
        hers.post(proof, {"half": wrong})
    assert not Alarm.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        told = [hers.post(proof, {"half": wrong}, follow=True).content.decode() for _press in range(2)]

    alarm = Alarm.objects.get()
    assert "heard wrong digits three times" in alarms.sentence(alarm)
    assert alarm.told["fields"] == {
        "call": [call.contact.reference],
        "case": [card.reference],
        "agent": [_agent(call).get_full_name()],
    }
    assert Event.objects.filter(case=card, kind="suspicious.digits_wrong").count() == 1
    assert timeline.verify(card.__class__.objects.get(pk=card.pk)) is None
    assert all('value="somebody_else"' in page and "This is not us: hang up" in page for page in told)

    page = hers.post(REPORT, {"now": "somebody_else", "key": str(uuid.uuid4())}, follow=True).content.decode()

    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    assert "This is not from us. Hang up, and do not answer." in page


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In Amsterdam, in November."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


OVER: list[tuple[str, str, time | None, Match]] = [
    ("no time", "", None, Match.CANNOT_TELL),
    ("within the last hour", When.LAST_HOUR, None, Match.NOT_OURS),
    ("earlier today", When.TODAY, None, Match.CANNOT_TELL),
    ("today at nine", When.TODAY, time(9), Match.CANNOT_TELL),
    ("today at half past nine", When.TODAY, time(9, 30), Match.CANNOT_TELL),
    ("today, as far from it as clocks differ", When.TODAY, time(9, 38), Match.CANNOT_TELL),
    ("today at a quarter to ten", When.TODAY, time(9, 45), Match.NOT_OURS),
    ("yesterday", When.YESTERDAY, None, Match.NOT_OURS),
    ("yesterday at nine", When.YESTERDAY, time(9), Match.NOT_OURS),
    ("before", When.BEFORE, None, Match.NOT_OURS),
]


@pytest.mark.parametrize(("when", "about", "verdict"), [one[1:] for one in OVER], ids=[one[0] for one in OVER])
def test_a_call_that_is_over_is_not_ours_at_another_time(
    maria: Customer, when: str, about: time | None, verdict: Match
) -> None:
    """Ours was today at nine, five minutes long."""
    assert calls.past(maria, calls.came(when, about, customer=maria, now=NOON), now=NOON) is Match.NOT_OURS
    called(maria, at(25, 9), lasts=5 * MINUTE)

    assert calls.past(maria, calls.came(when, about, customer=maria, now=NOON), now=NOON) is verdict


def test_a_real_call_of_ours_is_never_called_a_strangers_when_its_time_is_told_to_half_an_hour(maria: Customer) -> None:
    """By any clock, of any length, told in any way that is true; nor is one that is over ever said to be ours."""
    for zone, (day, hour) in ((one, two) for one in ZONES for two in ((25, 9), (24, 23), (24, 1), (23, 12))):
        maria.time_zone = zone
        call = called(maria, at(day, hour), lasts=3 * MINUTE)
        local = at(day, hour).astimezone(zone_of(zone))
        days = (NOON.astimezone(zone_of(zone)).date() - local.date()).days
        when = {0: When.TODAY, 1: When.YESTERDAY}.get(days, When.BEFORE)
        for slip in (-29, 0, 29):
            told = (local + slip * MINUTE).time() if (local + slip * MINUTE).date() == local.date() else None
            came = calls.came(when, told, customer=maria, now=NOON)
            assert calls.past(maria, came, now=NOON) is Match.CANNOT_TELL, (zone, day, hour, slip)
        call.delete()


@pytest.mark.parametrize(
    ("since", "until", "verdict"),
    [(-80, -70, Match.NOT_OURS), (-64, -20, Match.CANNOT_TELL), (3, 9, Match.CANNOT_TELL), (6, 9, Match.NOT_OURS)],
)
def test_a_call_that_was_dialled_by_hand_is_no_strangers_either(
    maria: Customer, since: int, until: int, verdict: Match
) -> None:
    """It was noted within an hour after it; its minutes count from the note."""
    noted = at(25, 9)
    Contact.objects.create(customer=maria, channel="call", purpose=calls.DIALLED_BY_HAND, at=noted)

    assert calls.past(maria, Came(noted + since * MINUTE, noted + until * MINUTE), now=NOON) is verdict
    assert calls.past(maria, None, now=NOON) is Match.CANNOT_TELL
    assert calls.past(maria, None, now=NOON + calls.LATELY) is Match.NOT_OURS


ZONES = ("Europe/Amsterdam", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "Atlantic/Azores")


def test_in_the_night_that_has_an_hour_twice_both_hours_count(maria: Customer) -> None:
    """25 October 2026: the clocks of Amsterdam show 02:30 twice."""
    came = calls.came(When.TODAY, time(2, 30), customer=maria, now=datetime(2026, 10, 25, 12, tzinfo=UTC))

    assert came == Came(datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))


def test_a_time_to_come_is_refused_on_its_field(maria: Customer) -> None:
    with pytest.raises(ValueError, match="to come"):
        calls.came(When.TODAY, time(13), customer=maria, now=NOON)
    assert calls.came(When.YESTERDAY, time(13), customer=maria, now=NOON)


def test_a_strangers_call_on_the_day_after_ours_is_told_and_paused_at_once(maria: Customer) -> None:
    card = sensitive_case(maria)
    called(maria, now() - 26 * HOUR)
    came = Came(now() - HOUR, now())

    report = reports(maria, strange("They wanted my password", channel="call", came=came))

    card.refresh_from_db()
    assert (report.match, report.paused, card.state) == (Match.NOT_OURS, 1, CaseState.FROZEN)


def test_a_sign_of_fraud_counts_more_than_a_call_of_ours_that_is_on(maria: Customer) -> None:
    called(maria, now(), lasts=None, seen_at=now())

    assert reports(maria, strange(SMISH, channel="call", is_on_now=True)).match == Match.NOT_OURS
    assert reports(maria, strange("", channel="call", is_on_now=True)).match == Match.OURS
    assert reports(maria, strange("", channel="call", is_on_now=True, is_another=True)).match == Match.NOT_OURS


def test_an_agent_whose_call_is_reported_while_it_is_on_still_ends_it_and_writes_it_down(db: None) -> None:
    """Else they could call nobody any more until the case goes on."""
    agreed = announced()
    agreed.dial()
    agreed.press(CallState.ANSWERED)
    freezing.freeze(case_id=agreed.case.id, by=system(), reason="contact_reported")

    agreed.press(CallState.ENDED)
    wrapping_up.wrap_up(
        case_id=agreed.case.id,
        by=actor(agreed.agent),
        data={"outcome": "broken_off", "text": "They hung up, as their page told them."},
        now=agreed.starts,
    )

    assert Call.objects.get().wrapped_at is not None
    with pytest.raises(Conflict):
        agreed.prepare()


# --- telling more -----------------------------------------------------------------------------------------------------


def asked(maria: Customer) -> tuple[Case, Case, Call, Any]:
    """A paused case, the case of a report of a call that nobody can tell, the call of ours, and the work item."""
    card, call = sensitive_case(maria), called(maria, now() - HOUR)
    case = reports(maria, strange("They were friendly", channel="call")).case
    assert case is not None
    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    return card, case, call, ask(case, "say_more")


def says(maria: Customer, item: Any, **told: str) -> dict[str, Any]:
    answering.answer(item_id=item.id, by=customer_actor(maria), data={"text": "", "sender": "", **told})
    facts: dict[str, Any] = Command.objects.filter(signal="answered").latest("number").payload["facts"]
    return facts


def test_who_recognises_our_call_is_told_who_it_was_and_an_analyst_lets_it_go_on(maria: Customer) -> None:
    """Nothing goes on by the word of whoever sits in the session: they may be the one who called."""
    card, case, call, item = asked(maria)

    facts = says(maria, item, which=str(call.pk))

    report = Report.objects.get(case=case)
    assert facts == {"match": "ours", "paused": 1}
    assert (report.match, report.ours) == (Match.OURS, call.contact)
    shown = panels.for_customer(case, customer_actor(maria))
    assert shown is not None
    assert (shown[1]["caller"].agent, shown[1]["paused"]) == ("Hanna", 1)
    assert list(waiting.waiting()) == [report.group]
    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    advance(case, stage="cleared", effects=(DoEffect("let_go_on", {}),))
    card.refresh_from_db()
    assert card.state == CaseState.OPEN


def test_who_recognises_none_of_our_calls_was_called_by_a_stranger(maria: Customer) -> None:
    _card, case, _call, item = asked(maria)

    assert says(maria, item, which="another") == {"match": "not_ours", "paused": 1}
    assert Report.objects.get(case=case).match == Match.NOT_OURS


def test_only_their_own_calls_are_offered_and_taken(maria: Customer) -> None:
    _card, case, call, item = asked(maria)
    others = called(make_customer(), now() - HOUR)
    later = called(maria, now() + HOUR)

    for wrong in (others, later):
        with pytest.raises(Invalid):
            says(maria, item, which=str(wrong.pk))
    offered = telling_more.our_calls(case)
    assert [one for one, _words in offered] == [str(call.pk)]
    assert "Hanna of our customer service" in offered[0][1]


def test_our_call_and_signs_of_fraud_are_not_ours(maria: Customer) -> None:
    _card, _case, call, item = asked(maria)

    assert says(maria, item, which=str(call.pk), text=SMISH)["match"] == "not_ours"


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hers(maria: Customer, client: Client) -> Client:
    assert maria.user is not None
    return sign_in(client, maria.user)


def test_the_form_asks_for_the_time_only_where_we_called_lately(maria: Customer, hers: Client) -> None:
    assert "when was it?" not in hers.get(REPORT).content.decode()
    called(maria, now() - 26 * HOUR)
    assert "when was it?" in hers.get(REPORT).content.decode()
    assert "when was it?" not in Client().get(reverse("portal:suspicious_contact:public")).content.decode()
    told = {"how": "call", "text": "", "sender": "", "key": str(uuid.uuid4())}

    future = (now() + 2 * HOUR).astimezone(zone_of(maria.time_zone))
    if future.date() == now().astimezone(zone_of(maria.time_zone)).date():
        wrong = hers.post(REPORT, {**told, "when": "today", "about": f"{future:%H:%M}"}, follow=True)
        assert "This time is still to come" in wrong.content.decode()
    page = hers.post(REPORT, {**told, "when": "hour"}, follow=True).content.decode()

    assert "This is not from us. Hang up, and do not answer." in page


def test_the_desk_asks_for_the_time_too(maria: Customer) -> None:
    called(maria, now() - 26 * HOUR)
    told = {"how": "call", "text": "Odd", "sender": "", "when": "hour", "about": "14:30"}
    by = actor(make_staff(role=Role.SUPPORT))

    opening.open_by_form(process="suspicious_contact", customer=maria, by=by, key="k", data=told)

    assert Report.objects.get().match == Match.NOT_OURS


def test_while_our_call_is_on_the_page_names_who_it_is_and_one_press_says_that_it_is_somebody_else(
    maria: Customer, hers: Client
) -> None:
    card = sensitive_case(maria)
    called(maria, now(), lasts=None, seen_at=now(), case_reference="K7Q-4MX-2")

    page = hers.post(REPORT, {"now": "yes", "key": str(uuid.uuid4())}, follow=True).content.decode()
    card.refresh_from_db()
    assert card.state == CaseState.OPEN
    assert "Is it Hanna of our customer service?" in page
    assert "If anything differs from what stands here, it is not us" in page
    assert "Yes, this is from us" not in page

    page = hers.post(REPORT, {"now": "somebody_else", "key": str(uuid.uuid4())}, follow=True).content.decode()
    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    assert "This is not from us. Hang up, and do not answer." in page
