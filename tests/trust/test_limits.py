from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.trust.checking import Answer, check
from backoffice.trust.limits import CannotCount, Limit, allowed, is_used_up
from tests.outages import cache_away

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
TWICE = Limit("a-test", times=2, per=timedelta(hours=1))


def test_a_limit_counts_each_key_by_itself_until_its_window_ends() -> None:
    tried = [allowed(TWICE, "one", now=NOW) for _ in range(3)]

    assert tried == [True, True, False]
    assert allowed(TWICE, "another", now=NOW)
    assert allowed(TWICE, "one", now=NOW + timedelta(hours=1))


def test_whether_a_limit_is_used_up_is_asked_without_a_try() -> None:
    asked = []
    for _try in range(TWICE.times):
        asked.append(is_used_up(TWICE, "a third", now=NOW))
        allowed(TWICE, "a third", now=NOW)

    assert [*asked, is_used_up(TWICE, "a third", now=NOW)] == [False, False, True]
    assert not is_used_up(TWICE, "a third", now=NOW + timedelta(hours=1))
    with cache_away(), pytest.raises(CannotCount):
        is_used_up(TWICE, "a third", now=NOW)


def test_while_tries_cannot_be_counted_nobody_passes_and_nobody_is_said_to_have_tried_too_often() -> None:
    with cache_away(), pytest.raises(CannotCount) as refused:
        allowed(TWICE, "one", now=NOW)

    assert (refused.value.code, refused.value.status) == ("cannot_count", 503)
    assert "Try again in a few minutes" in refused.value.sentence


@pytest.mark.django_db
def test_the_check_page_cannot_tell_while_tries_cannot_be_counted() -> None:
    with cache_away():
        answer = check(typed="K7Q-4MX-2", last_three="123", address="192.0.2.1", now=NOW, padded=False)

    assert answer.answer is Answer.CANNOT_TELL
    assert "Try again in a few minutes" in answer.asks
    assert "do nothing that the message asks" in answer.now_do
