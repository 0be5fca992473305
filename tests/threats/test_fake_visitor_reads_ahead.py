"""The visitor is named only in the agreed window: not a minute earlier, whatever else is in the calendars.

Every minute of three hours on both sides is tried, and every seventh of the day, which is each minute of an hour once.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.visits.arriving import TOLERANCE
from backoffice.visits.booking import visit_of
from backoffice.visits.visitor_card import card_for
from tests.portal.conftest import make_person, open_blocked
from tests.visits import visiting

pytestmark = pytest.mark.django_db


def test_nobody_is_named_at_any_minute_before_the_window_nor_after_it() -> None:
    visiting.free_slot(hours=-0.2)
    planned = visiting.agreed_under(open_blocked(make_person().card), hours=3)
    visit = visit_of(planned.case)
    assert visit.starts
    assert visit.ends
    away = [timedelta(minutes=minutes) for minutes in (*range(1, 3 * 60), *range(3 * 60, 24 * 60, 7))]
    before = [visit.starts - far for far in away]
    after = [visit.ends + TOLERANCE + far for far in away]

    shown = [moment for moment in (*before, *after) if card_for(planned.case, moment) is not None]

    assert visit.visitor == planned.visitor
    assert shown == []
    assert card_for(planned.case, visit.starts) is not None
    assert card_for(planned.case, visit.ends + TOLERANCE) is not None
