"""What the benchmark of the search counts and shows."""

from __future__ import annotations

from benchmarks import searching
from benchmarks.run import parsed
from benchmarks.search_driver import scanned


def test_rows_are_counted_where_they_are_read_with_those_that_were_dropped() -> None:
    inner = {"Node Type": "Index Only Scan", "Actual Rows": 2.0, "Actual Loops": 3, "Rows Removed by Filter": 1}
    bitmap = {
        "Node Type": "Bitmap Heap Scan", "Actual Rows": 5, "Actual Loops": 1,
        "Plans": [{"Node Type": "Bitmap Index Scan", "Actual Rows": 5, "Actual Loops": 1}],
    }  # fmt: skip
    plan = {"Node Type": "Limit", "Actual Rows": 7, "Actual Loops": 1, "Plans": [inner, bitmap]}

    assert scanned(plan) == 3 * 3 + 5


def test_both_sizes_stand_in_one_line_with_their_ratio() -> None:
    found = {"1000": {"p50 ms": 1.0, "p95 ms": 2.0, "rows": 3}, "1000000": {"p50 ms": 1.0, "p95 ms": 5.0, "rows": 40}}
    result = {size: {"searches": {"one letter": those}} for size, those in found.items()}

    title, line = searching.lines(result)

    assert "1000000 customers" in title
    assert line.split() == ["one", "letter", "2.0", "3", "5.0", "40", "2.50"]


def test_the_search_can_be_measured_alone() -> None:
    assert parsed(["--only", "search"]).only == "search"
    assert parsed([]).only is None
