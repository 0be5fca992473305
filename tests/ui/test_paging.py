"""Pages of a list by the last row of the one before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from backoffice.cases.models import Case, WorkItem
from backoffice.refusals import Invalid
from backoffice.ui import paging
from tests.factories import make_card, now
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
DUE_FIRST = ("due_at", "id")


@pytest.fixture
def items() -> QuerySet[WorkItem]:
    """Seven work items: two are due at the same time, two have no due time."""
    case, at = open_card_case(make_card()), now()
    hours = (3, 1, None, 2, 2, None, 4)
    WorkItem.objects.bulk_create(
        WorkItem(
            case=case,
            step=f"call-{number}",
            kind="call_customer",
            performer="role",
            opened_at=at,
            due_at=at + timedelta(hours=hour) if hour else None,
        )
        for number, hour in enumerate(hours)
    )
    return WorkItem.objects.filter(case=case)


def all_pages(rows: QuerySet[WorkItem], order: tuple[str, ...], size: int) -> list[list[WorkItem]]:
    pages, after = [], ""
    while True:
        page = paging.page_of(rows, order=order, after=after, size=size)
        pages.append(list(page.rows))
        if not page.after:
            return pages
        after = page.after


@pytest.mark.parametrize("order", [DUE_FIRST, ("-opened_at", "id"), ("-step",), ("-pk",)])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_pages_together_are_the_list_in_its_order(
    items: QuerySet[WorkItem], order: tuple[str, ...], size: int
) -> None:
    pages = all_pages(items, order, size)

    assert [item for page in pages for item in page] == list(items.order_by(*order))
    assert {len(page) for page in pages[:-1]} <= {size}


def test_what_has_no_due_time_comes_last(items: QuerySet[WorkItem]) -> None:
    last = all_pages(items, DUE_FIRST, 5)[-1]

    assert [item.due_at for item in last] == [None, None]


def test_a_page_says_whether_it_is_the_first_and_the_last(items: QuerySet[WorkItem]) -> None:
    first = paging.page_of(items, order=DUE_FIRST, size=5)
    second = paging.page_of(items, order=DUE_FIRST, after=first.after, size=5)

    assert (first.first, second.first) == (True, False)
    assert second.after == ""


@pytest.mark.parametrize(
    "cursor",
    [
        "yesterday",
        "2026-01-01_x",
        "2026-01-01T00:00:00_6b1e7a52-0000-4000-8000-000000000000",
        "0001-01-01T00:00:00+14:00_6b1e7a52-0000-4000-8000-000000000000",
        "_",
        "\0",
    ],
)
def test_a_cursor_that_is_none_is_told_with_the_way_on(items: QuerySet[WorkItem], cursor: str) -> None:
    with pytest.raises(Invalid, match="Start at its first page"):
        paging.page_of(items, order=DUE_FIRST, after=cursor)


@pytest.mark.parametrize("cursor", ["x", "9" * 40])
def test_a_number_that_no_row_can_have_is_no_cursor(cursor: str) -> None:
    with pytest.raises(Invalid):
        paging.page_of(Case.objects.all(), order=("-events",), after=cursor)


def test_a_long_list_is_counted_no_further_than_fifty(items: QuerySet[WorkItem]) -> None:
    case = Case.objects.get()
    fields = {"case": case, "kind": "call_customer", "performer": "role", "opened_at": now()}
    WorkItem.objects.bulk_create(WorkItem(step=f"more-{number}", **fields) for number in range(60))

    assert paging.bounded_count(items) == "50+"
    assert paging.bounded_count(Case.objects.all()) == "1"
