from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from backoffice.actors import Level
from backoffice.trust import assurance
from backoffice.trust.models import Grant
from tests.factories import make_user

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_grant_is_good_for_one_use() -> None:
    which: dict[str, Any] = {"user": make_user(), "session_key": "s1", "case_id": uuid4(), "action": "activate"}
    assurance.grant(**which, level=Level.CONFIRMED, method="totp", now=NOW)

    assert assurance.shown(**which, now=NOW) == (Level.CONFIRMED, "totp")
    assert assurance.spend(**which, level=Level.CONFIRMED, now=NOW)
    assert assurance.spend(**which, now=NOW) is None
    assert assurance.shown(**which, now=NOW) == (Level.REFERENCE, "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "value"),
    [("user", None), ("session_key", "s2"), ("session_key", ""), ("case_id", uuid4()), ("action", "x")],
)
def test_a_grant_is_of_one_user_session_case_and_action(changed: str, value: object) -> None:
    which: dict[str, Any] = {"user": make_user(), "session_key": "s1", "case_id": uuid4(), "action": "activate"}
    assurance.grant(**which, level=Level.CONFIRMED, method="totp", now=NOW)

    other = which | {changed: value or (make_user() if changed == "user" else "")}

    assert assurance.shown(**other, now=NOW) == (Level.REFERENCE, "")
    assert assurance.spend(**other, now=NOW) is None


@pytest.mark.django_db
def test_a_grant_ends_after_ten_minutes() -> None:
    which: dict[str, Any] = {"user": make_user(), "session_key": "s1", "case_id": uuid4(), "action": "activate"}
    assurance.grant(**which, level=Level.CONFIRMED, method="totp", now=NOW)

    assert assurance.shown(**which, now=NOW + timedelta(minutes=9, seconds=59))[0] == Level.CONFIRMED
    assert assurance.spend(**which, now=NOW + timedelta(minutes=10)) is None


@pytest.mark.django_db
def test_a_lower_grant_does_not_pay_for_a_higher_level() -> None:
    which: dict[str, Any] = {"user": make_user(), "session_key": "s1", "case_id": uuid4(), "action": "activate"}
    assurance.grant(**which, level=Level.CONFIRMED, method="totp", now=NOW)

    assert assurance.spend(**which, level=Level.SEEN, now=NOW) is None
    assert assurance.shown(**which, now=NOW)[0] == Level.CONFIRMED


@pytest.mark.django_db
def test_nobody_is_granted_anything_without_a_session() -> None:
    with pytest.raises(ValueError, match="session"):
        assurance.grant(user=make_user(), session_key="", case_id=uuid4(), action="x", level=2, method="totp", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_many_spenders_at_once_one_gets_the_grant() -> None:
    which: dict[str, Any] = {"user": make_user(), "session_key": "s1", "case_id": uuid4(), "action": "activate"}
    assurance.grant(**which, level=Level.CONFIRMED, method="totp", now=NOW)
    got: list[Grant | None] = []

    def spend() -> None:
        got.append(assurance.spend(**which, now=NOW))
        connection.close()

    threads = [threading.Thread(target=spend) for _thread in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([one for one in got if one]) == 1
