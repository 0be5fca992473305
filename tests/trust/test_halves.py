from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.staff.models import User
from backoffice.trust import halves
from backoffice.trust.halves import Stage

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATE = NOW + timedelta(minutes=10)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def make_visitor() -> User:
    """Without a password, whose hashing is slow on purpose."""
    return User.objects.create(username=str(uuid4()), is_staff=True)


class Visit:
    """A visit at whose door both stand; its visitor has checked in."""

    def __init__(self) -> None:
        self.case_id: UUID = uuid4()
        self.visitor: User = make_visitor()
        halves.issue(case_id=self.case_id, target="visit 1", visitor=self.visitor, now=NOW)

    def b(self, now: datetime = NOW, visitor: User | None = None) -> str | None:
        return halves.show_b(case_id=self.case_id, target="visit 1", visitor=visitor or self.visitor, now=now)

    def a(self, now: datetime = NOW) -> str | None:
        return halves.show_a(case_id=self.case_id, target="visit 1", now=now)

    def compare(self, typed: str | None, now: datetime = NOW) -> halves.Verdict:
        return halves.compare_b(case_id=self.case_id, target="visit 1", typed=typed or "", now=now)

    def use(self, typed: str | None, now: datetime = NOW, visitor: User | None = None) -> halves.Verdict:
        who = visitor or self.visitor
        return halves.use_a(case_id=self.case_id, target="visit 1", visitor=who, typed=typed or "", now=now)

    def stage(self, now: datetime = NOW) -> Stage:
        return halves.stage(case_id=self.case_id, target="visit 1", now=now)


@pytest.mark.django_db
def test_the_company_proves_itself_first_and_then_the_customer() -> None:
    visit = Visit()
    half_b = visit.b()
    assert half_b == visit.b(), "the visitor's screen can be shown again"
    assert visit.a() is None, "half A is not shown before half B was compared"

    assert visit.compare(half_b).right
    half_a = visit.a()
    assert half_a == visit.a(), "the portal can be shown again"
    assert half_a != half_b
    assert visit.use(half_a).right

    assert visit.stage() == Stage.DONE


@pytest.mark.django_db
def test_neither_half_is_at_rest() -> None:
    visit = Visit()
    half_b = visit.b()
    visit.compare(half_b)
    half_a = visit.a()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(h)::text FROM trust_halves h")
        (row,) = cursor.fetchone()

    for half in (half_a, half_b):
        assert half is not None
        assert f'"{half.replace(" ", "")}"' not in row


@pytest.mark.django_db
def test_a_guessed_half_is_refused_with_a_warning_and_then_for_good() -> None:
    visit = Visit()
    half_b = visit.b()
    wrong = "000 000" if half_b != "000 000" else "111 111"

    verdicts = [visit.compare(wrong) for _try in range(3)]

    assert [verdict.tries_left for verdict in verdicts] == [2, 1, 0]
    assert "one more try" in verdicts[1].sentence
    assert "Do not let the visitor in" in verdicts[2].sentence
    assert not visit.compare(half_b).right
    assert visit.b() is None
    assert visit.a() is None


@pytest.mark.django_db
def test_three_wrong_half_as_end_the_handshake() -> None:
    visit = Visit()
    visit.compare(visit.b())
    half_a = visit.a()

    verdicts = [visit.use("0") for _try in range(3)]

    assert [verdict.right for verdict in verdicts] == [False] * 3
    assert not visit.use(half_a).right
    assert visit.stage() == Stage.NONE


@pytest.mark.django_db
def test_a_replayed_half_is_refused() -> None:
    visit = Visit()
    half_b = visit.b()
    visit.compare(half_b)
    half_a = visit.a()
    visit.use(half_a)

    assert not visit.compare(half_b).right
    assert not visit.use(half_a).right


@pytest.mark.django_db
def test_the_halves_of_an_earlier_check_in_are_refused() -> None:
    visit = Visit()
    old = visit.b()
    halves.issue(case_id=visit.case_id, target="visit 1", visitor=visit.visitor, now=NOW)

    assert visit.b() != old
    assert not visit.compare(old).right


@pytest.mark.django_db
def test_too_early_and_too_late_nothing_is_shown_and_nothing_is_right() -> None:
    visit = Visit()
    half_b = visit.b()
    early = NOW - timedelta(seconds=1)

    assert visit.b(early) is None
    assert visit.b(LATE) is None
    assert not visit.compare(half_b, early).right
    assert not visit.compare(half_b, LATE).right

    visit.compare(half_b)
    half_a = visit.a()
    assert visit.a(LATE) is None
    assert not visit.use(half_a, LATE).right


@pytest.mark.django_db
def test_another_visitor_sees_nothing_and_his_right_half_is_refused() -> None:
    visit, other = Visit(), make_visitor()
    assert visit.b(visitor=other) is None
    visit.compare(visit.b())

    assert not visit.use(visit.a(), visitor=other).right
    assert visit.use(visit.a()).right


@pytest.mark.django_db
def test_half_a_learned_before_half_b_was_compared_does_nothing() -> None:
    visit = Visit()
    visit.compare(visit.b())
    half_a = visit.a()
    second = Visit()

    assert not second.use(half_a).right


@pytest.mark.django_db
def test_the_halves_of_another_visit_are_refused_in_the_same_words_as_wrong_late_and_used_ones() -> None:
    wrong, late, used, foreign, nothing = Visit(), Visit(), Visit(), Visit(), Visit()
    used_b = used.b()
    used.compare(used_b)
    said = {
        wrong.compare("").sentence,
        late.compare(late.b(), LATE).sentence,
        used.compare(used_b).sentence,
        foreign.compare(nothing.b()).sentence,
        halves.compare_b(case_id=uuid4(), target="visit 1", typed="000000", now=NOW).sentence,
    }

    assert len(said) == 1


@SLOW
@given(st.text(max_size=12))
@pytest.mark.django_db
def test_only_the_six_figures_are_ever_right(typed: str) -> None:
    visit = Visit()
    figures = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())

    assert visit.compare(typed).right == (figures == str(visit.b()).replace(" ", ""))
