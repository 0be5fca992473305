"""What was typed and not sent: sealed, for that user and form, for an hour, without secrets, and never too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from backoffice.staff.models import User
from backoffice.ui import tasks, typed
from backoffice.ui.models import KeptTyping
from backoffice.ui.typed import Origin
from tests.factories import make_staff
from tests.outages import cache_away

pytestmark = pytest.mark.django_db
PAGE, ACTION = "/desk/item/1/?tab=mine", "/desk/item/1/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def sent(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def keep(user: User, *, page: str = PAGE, action: str = ACTION, secret: tuple[str, ...] = (), **options: Any) -> bool:
    values = options.pop("values", {"reason": "They answer tonight"})
    now = options.pop("now", timezone.now())
    origin = Origin(user.pk, page, secret)
    return typed.keep(
        origin=origin,
        action=action,
        sent=typed.without_card_numbers(sent(**values)),
        now=now,
        **{"signed_in": False} | options,
    )


def values_of(user: User) -> list[dict[str, list[str]]]:
    found = typed.of_user(user, now=timezone.now())
    return [{name: list(values) for name, values in one.values.items()} for one in found]


def test_the_user_finds_what_they_typed() -> None:
    user = make_staff()

    assert keep(user)

    assert values_of(user) == [{"reason": ["They answer tonight"]}]


def test_nobody_else_finds_it() -> None:
    keep(make_staff())

    assert values_of(make_staff()) == []


def test_a_row_that_is_given_to_somebody_else_opens_for_nobody() -> None:
    keep(make_staff())
    thief = make_staff()
    KeptTyping.objects.update(user=thief)

    assert values_of(thief) == []


def test_it_is_sealed_at_rest() -> None:
    keep(make_staff(), values={"reason": "They answer tonight"})

    [row] = KeptTyping.objects.all()
    assert b"tonight" not in bytes(row.sealed)
    assert "/desk/" not in f"{row.page} {row.action}"


def test_after_an_hour_it_is_gone() -> None:
    user = make_staff()
    keep(user, now=timezone.now() - timedelta(minutes=61))

    assert values_of(user) == []
    tasks.delete_expired()
    assert not KeptTyping.objects.exists()


def test_what_is_kept_for_less_than_an_hour_outlives_the_cleaning() -> None:
    keep(make_staff(), now=timezone.now() - timedelta(minutes=59))

    tasks.delete_expired()

    assert KeptTyping.objects.count() == 1


def test_what_is_too_long_is_not_kept() -> None:
    user = make_staff()

    assert not keep(user, values={"reason": "a" * typed.LARGEST})
    assert values_of(user) == []


def test_the_same_form_has_one_row_and_a_user_has_few() -> None:
    user = make_staff()
    for number in range(typed.MOST + 3):
        keep(user, page=f"/desk/item/{number}/")
        keep(user, page=f"/desk/item/{number}/", values={"reason": f"again {number}"})

    kept = values_of(user)
    assert len(kept) == typed.MOST
    assert kept[0] == {"reason": [f"again {typed.MOST + 2}"]}


def test_nobody_can_send_without_end_for_somebody_who_is_signed_out() -> None:
    user = make_staff()

    results = [keep(user) for _try in range(typed.SIGNED_OUT.times + 1)]

    assert results[:-1] == [True] * typed.SIGNED_OUT.times
    assert not results[-1]
    assert keep(user, signed_in=True)


def test_nothing_is_kept_for_somebody_signed_out_while_nobody_can_count() -> None:
    with cache_away():
        assert not keep(make_staff())


@pytest.mark.parametrize("name", ["password", "credential", "pin", "cvc", "csrfmiddlewaretoken", "half"])
def test_secrets_are_left_out(name: str) -> None:
    user = make_staff()

    keep(user, secret=("half",), values={name: "123456", "reason": "The door"})

    assert values_of(user) == [{"reason": ["The door"]}]


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "4111111111111111", "5555-5555-5555-4444"])
def test_of_a_card_number_only_the_last_four_digits_are_kept(number: str) -> None:
    user = make_staff()

    keep(user, values={"reason": f"It is {number}, they say"})

    [values] = values_of(user)
    assert number not in values["reason"][0]
    assert values["reason"][0].endswith(f"····{number[-4:]}, they say")


def test_a_mark_names_its_page_for_a_day() -> None:
    origin = Origin(7, PAGE, ("half",))

    assert typed.origin_of(typed.mark(origin)) == origin


@pytest.mark.parametrize("forged", ["", "x", "WzcsICIvIl0:1v:abc", "\0", "é" * 500])
def test_a_forged_mark_names_nobody(forged: str) -> None:
    assert typed.origin_of(forged) is None


def test_a_mark_that_was_changed_names_nobody() -> None:
    mine, other = typed.mark(Origin(7, PAGE)), typed.mark(Origin(8, PAGE))

    assert typed.origin_of(other.split(":")[0] + ":" + mine.split(":", 1)[1]) is None


def test_a_mark_of_yesterday_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = typed.mark(Origin(7, PAGE))
    monkeypatch.setattr(typed, "MARK_LIVES", timedelta(seconds=-1))

    assert typed.origin_of(marked) is None


def test_a_form_that_was_sent_is_forgotten_wherever_it_stood() -> None:
    user = make_staff()
    keep(user, page="/desk/case/K7Q/")
    keep(user, page="/desk/item/1/")
    keep(user, page="/desk/item/1/", action="/desk/item/1/evidence/phone/")

    typed.forget(user, action=ACTION)

    assert [one.action for one in typed.of_user(user, now=timezone.now())] == ["/desk/item/1/evidence/phone/"]
