from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.refusals import Invalid
from backoffice.staff.models import User
from backoffice.trust import mutual_codes
from backoffice.trust.mutual_codes import Stage

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATE = NOW + timedelta(minutes=10)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def make_agent() -> User:
    """Without a password, because hashing one is slow on purpose."""
    return User.objects.create(username=str(uuid4()), is_staff=True)


class Meeting:
    """Both stand at the door, and the code is issued for this agent."""

    def __init__(self) -> None:
        self.case_id: UUID = uuid4()
        self.agent: User = make_agent()
        mutual_codes.issue(case_id=self.case_id, target="meeting 1", agent=self.agent, now=NOW)

    def b(self, now: datetime = NOW, agent: User | None = None) -> str | None:
        return mutual_codes.show_b(case_id=self.case_id, target="meeting 1", agent=agent or self.agent, now=now)

    def a(self, now: datetime = NOW) -> str | None:
        return mutual_codes.show_a(case_id=self.case_id, target="meeting 1", now=now)

    def compare(self, typed: str | None, now: datetime = NOW) -> mutual_codes.Verdict:
        return mutual_codes.compare_b(case_id=self.case_id, target="meeting 1", typed=typed or "", now=now)

    def use(self, typed: str | None, now: datetime = NOW, agent: User | None = None) -> mutual_codes.Verdict:
        who = agent or self.agent
        return mutual_codes.use_a(case_id=self.case_id, target="meeting 1", agent=who, typed=typed or "", now=now)

    def stage(self, now: datetime = NOW) -> Stage:
        return mutual_codes.stage(case_id=self.case_id, target="meeting 1", now=now)


@pytest.mark.django_db
def test_the_company_proves_itself_first_and_then_the_customer() -> None:
    meeting = Meeting()
    half_b = meeting.b()
    assert half_b == meeting.b(), "the agent's screen can be shown again"
    assert meeting.a() is None, "half A is not shown before half B was compared"

    assert meeting.compare(half_b).right
    half_a = meeting.a()
    assert half_a == meeting.a(), "the portal can be shown again"
    assert half_a != half_b
    assert meeting.use(half_a).right

    assert meeting.stage() == Stage.DONE


@pytest.mark.django_db
def test_neither_half_is_at_rest() -> None:
    meeting = Meeting()
    half_b = meeting.b()
    meeting.compare(half_b)
    half_a = meeting.a()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(h)::text FROM trust_mutualcode h")
        (row,) = cursor.fetchone()

    for half in (half_a, half_b):
        assert half is not None
        assert f'"{half.replace(" ", "")}"' not in row


@pytest.mark.django_db
def test_a_guessed_half_is_refused_with_a_warning_and_then_for_good() -> None:
    meeting = Meeting()
    half_b = meeting.b()
    wrong = "000 000" if half_b != "000 000" else "111 111"

    verdicts = [meeting.compare(wrong) for _try in range(3)]

    assert [verdict.tries_left for verdict in verdicts] == [2, 1, 0]
    assert "one more try" in verdicts[1].sentence
    assert "Do not let anybody in" in verdicts[2].sentence
    assert not meeting.compare(half_b).right
    assert meeting.b() is None
    assert meeting.a() is None


@pytest.mark.django_db
@pytest.mark.parametrize("slip", ["", "12345", "1234567", "123 45", "12345O", "half", "12\u00b3456", "9" * 500])
def test_what_is_not_six_digits_is_no_try(slip: str) -> None:
    meeting = Meeting()
    half_b = meeting.b()

    for _again in range(4):
        with pytest.raises(Invalid) as refused:
            meeting.compare(slip)
        assert list(refused.value.errors) == ["half"]

    assert meeting.compare(half_b).tries_left == mutual_codes.TRIES


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["{0} {1}", "{0}-{1}", " {0}\u2013{1}.", "\u202a{0}{1}\u202c"])
def test_six_digits_are_read_however_they_are_parted(written: str) -> None:
    meeting = Meeting()
    half_b = meeting.b() or ""

    assert meeting.compare(written.format(*half_b.split())).right


@pytest.mark.django_db
def test_three_wrong_half_as_end_the_handshake() -> None:
    meeting = Meeting()
    meeting.compare(meeting.b())
    half_a = meeting.a()

    wrong = "000000" if half_a != "000 000" else "111111"

    verdicts = [meeting.use(wrong) for _try in range(3)]

    assert [verdict.right for verdict in verdicts] == [False] * 3
    assert not meeting.use(half_a).right
    assert meeting.stage() == Stage.NONE


@pytest.mark.django_db
def test_a_replayed_half_is_refused() -> None:
    meeting = Meeting()
    half_b = meeting.b()
    meeting.compare(half_b)
    half_a = meeting.a()
    meeting.use(half_a)

    assert not meeting.compare(half_b).right
    assert not meeting.use(half_a).right


@pytest.mark.django_db
def test_the_halves_of_an_earlier_check_in_are_refused() -> None:
    meeting = Meeting()
    old = meeting.b()
    mutual_codes.issue(case_id=meeting.case_id, target="meeting 1", agent=meeting.agent, now=NOW)

    assert meeting.b() != old
    assert not meeting.compare(old).right


@pytest.mark.django_db
def test_too_early_and_too_late_nothing_is_shown_and_nothing_is_right() -> None:
    meeting = Meeting()
    half_b = meeting.b()
    early = NOW - timedelta(seconds=1)

    assert meeting.b(early) is None
    assert meeting.b(LATE) is None
    assert not meeting.compare(half_b, early).right
    assert not meeting.compare(half_b, LATE).right

    meeting.compare(half_b)
    half_a = meeting.a()
    assert meeting.a(LATE) is None
    assert not meeting.use(half_a, LATE).right


@pytest.mark.django_db
def test_another_agent_sees_nothing_and_their_right_half_is_refused() -> None:
    meeting, other = Meeting(), make_agent()
    assert meeting.b(agent=other) is None
    meeting.compare(meeting.b())

    assert not meeting.use(meeting.a(), agent=other).right
    assert meeting.use(meeting.a()).right


@pytest.mark.django_db
def test_half_a_learned_before_half_b_was_compared_does_nothing() -> None:
    meeting = Meeting()
    meeting.compare(meeting.b())
    half_a = meeting.a()
    second = Meeting()

    assert not second.use(half_a).right


@pytest.mark.django_db
def test_the_halves_of_another_meeting_are_refused_in_the_same_words_as_wrong_late_and_used_ones() -> None:
    wrong, late, used, foreign, nothing = Meeting(), Meeting(), Meeting(), Meeting(), Meeting()
    used_b = used.b()
    used.compare(used_b)
    said = {
        wrong.compare("000000" if wrong.b() != "000 000" else "111111").sentence,
        late.compare(late.b(), LATE).sentence,
        used.compare(used_b).sentence,
        foreign.compare(nothing.b()).sentence,
        mutual_codes.compare_b(case_id=uuid4(), target="meeting 1", typed="000000", now=NOW).sentence,
    }

    assert len(said) == 1


@SLOW
@given(st.integers(min_value=0, max_value=999_999))
@pytest.mark.django_db
def test_only_the_six_digits_are_ever_right(guess: int) -> None:
    meeting = Meeting()
    typed = f"{guess:06d}"

    assert meeting.compare(typed).right == (typed == str(meeting.b()).replace(" ", ""))
