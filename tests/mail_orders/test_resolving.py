"""What asking the domain name system for one mail may cost."""

from __future__ import annotations

import pytest

from backoffice.mail_orders.resolving import PATIENCE, PATIENCE_IN_ALL, Evidence, NoAnswer


class Away:
    """Name servers of which none answers. `now` is the clock, in seconds."""

    def __init__(self) -> None:
        self.now, self.asked = 0.0, 0

    def records(self, name: str, kind: str) -> list[str]:
        self.now += PATIENCE
        self.asked += 1
        raise NoAnswer("away")


def test_name_servers_that_are_away_hold_a_mail_for_seconds_and_not_for_minutes() -> None:
    away = Away()
    evidence = Evidence(away, clock=lambda: away.now)

    for number in range(20):
        with pytest.raises(NoAnswer):
            evidence.records(f"host{number}.example", "TXT")

    assert away.now == PATIENCE_IN_ALL
    assert away.asked == PATIENCE_IN_ALL / PATIENCE
    assert set(evidence.answers.values()) == {None}
