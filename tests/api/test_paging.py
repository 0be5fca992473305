"""Lists come in pages, each behind the last row of the one before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.cases.models import Case, PerformerKind, WorkItem
from backoffice.staff.models import Role
from tests.api.conftest import Api, said
from tests.factories import make_card, make_customer, now
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]
LISTS = ("cases", "items")


@pytest.fixture
def cases() -> list[Case]:
    """Fifty-two cases of one customer, the newest first."""
    customer, at = make_customer(), now()
    return Case.objects.bulk_create(
        Case(
            process="card_reissue",
            customer=customer,
            opened_at=at - timedelta(minutes=age),
            opening_key=f"paging-{age}",
        )
        for age in range(52)
    )


def make_items(*, due_in: list[int | None]) -> list[WorkItem]:
    """An item of support agents for each number of hours in which it is due; None for one that has no time."""
    case, at = open_card_case(make_card()), now()
    return WorkItem.objects.bulk_create(
        WorkItem(
            case=case,
            step=f"call-{number}",
            kind="call_customer",
            performer=PerformerKind.ROLE,
            role=Role.SUPPORT.value,
            opened_at=at,
            due_at=at + timedelta(hours=hours) if hours is not None else None,
        )
        for number, hours in enumerate(due_in)
    )


def following(api: Api, page: dict[str, Any]) -> dict[str, Any]:
    return said(api.client.get(page["next"], headers=api.headers))  # type: ignore[arg-type]


def test_the_first_page_has_fifty_rows_and_the_address_of_the_next(api: Api, cases: list[Case]) -> None:
    first = said(api.get("cases"))

    assert [one["reference"] for one in first["results"]] == [case.reference for case in cases[:50]]
    assert first["next"].startswith("http://testserver/api/v1/cases?after=")


def test_the_last_page_has_the_rest_and_says_that_none_follows(api: Api, cases: list[Case]) -> None:
    last = following(api, said(api.get("cases")))

    assert [one["reference"] for one in last["results"]] == [case.reference for case in cases[50:]]
    assert last["next"] is None


def test_a_list_of_one_page_has_no_next(api: Api) -> None:
    assert said(api.get("cases")) == {"next": None, "results": []}


def test_the_next_page_is_narrowed_as_the_first_was(api: Api, cases: list[Case]) -> None:
    Case.objects.filter(pk=cases[-1].pk).update(state="closed", outcome="done")

    last = following(api, said(api.get("cases", state="open")))

    assert [one["reference"] for one in last["results"]] == [cases[50].reference]


def test_what_is_opened_between_two_pages_moves_nothing(api: Api, cases: list[Case]) -> None:
    first = said(api.get("cases"))
    open_card_case(make_card())

    last = following(api, first)

    assert [one["reference"] for one in last["results"]] == [case.reference for case in cases[50:]]


def test_items_that_are_due_at_once_or_never_stand_on_exactly_one_page(api: Api) -> None:
    items = make_items(due_in=[1] * 60 + [None] * 60)
    page = said(api.get("items"))
    shown = page["results"]
    while page["next"]:
        page = following(api, page)
        shown += page["results"]

    assert [one["id"] for one in shown] == [
        *sorted(str(item.id) for item in items[:60]),
        *sorted(str(item.id) for item in items[60:]),
    ]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["nonsense", "cD1ub25zZW5zZQ==", "2026-11-28T10:00:00_x", "_", "é"])
def test_a_cursor_that_is_none_is_400_and_says_what_to_do(api: Api, path: str, cursor: str) -> None:
    response = api.get(path, after=cursor)

    assert response.status_code == 400
    assert said(response)["errors"] == {"after": ["This page of the list cannot be read. Start at its first page."]}


def test_no_page_counts_the_rows(api: Api) -> None:
    make_items(due_in=[1] * 60)

    with CaptureQueriesContext(connection) as statements:
        following(api, said(api.get("items")))

    assert not [one["sql"] for one in statements if "COUNT(" in one["sql"].upper()]


@pytest.mark.parametrize("path", LISTS)
def test_the_schema_says_what_a_page_is(path: str, tmp_path: Path) -> None:
    written = tmp_path / "schema.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(written))
    schema = json.loads(written.read_text())

    listed = schema["paths"][f"/api/v1/{path}"]["get"]

    answer = listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert schema["components"]["schemas"][answer]["required"] == ["next", "results"]
    assert "after" in [parameter["name"] for parameter in listed["parameters"]]
