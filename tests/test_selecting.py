from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiling import share
from tests.selecting import MARKS, group_of, may_hold

HERE = Path(__file__).parent
PLAIN, STACK, BOTH = "import pytest", "pytestmark = pytest.mark.stack", "@pytest.mark.stack\n@pytest.mark.browser"


@pytest.mark.parametrize(
    ("wanted", "read"),
    [
        ("stack", {STACK, BOTH}),
        ("stack and not browser", {STACK, BOTH}),
        ("browser and not stack", {BOTH}),
        ("not stack and not browser", {PLAIN, STACK, BOTH}),
        ("slow or stack", {PLAIN, STACK, BOTH}),
        ("stack and (", {PLAIN, STACK, BOTH}),
    ],
)
def test_a_file_is_left_out_only_if_none_of_its_tests_can_be_wanted(wanted: str, read: set[str]) -> None:
    assert {text for text in (PLAIN, STACK, BOTH) if may_hold(wanted, text)} == read


def test_the_marks_are_written_in_the_files_of_the_tests_that_have_them() -> None:
    """Not given by a conftest, where nobody would see which files hold them."""
    places = [path for path in HERE.rglob("*.py") if any(f"mark.{mark}" in path.read_text() for mark in MARKS)]

    assert [path.name for path in places if not path.name.startswith("test_")] == []
    assert not any("add_marker" in path.read_text() for path in HERE.rglob("conftest.py"))


def test_the_workers_of_a_run_share_all_files_and_read_none_twice() -> None:
    files = [Path(f"test_{number}.py") for number in range(10)]

    shares = [share(files, number, 3) for number in range(3)]

    assert sorted(path for one in shares for path in one) == files
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_stack_is_shared_by_its_folder_and_the_faults_by_two_workers() -> None:
    of_threats = {group_of(path) for path in (HERE / "threats").glob("test_*.py")}
    of_faults = {group_of(path) for path in (HERE / "faults").glob("test_*.py")}

    assert of_threats == {"threats"}
    assert len(of_faults) == len(list((HERE / "faults").glob("test_*.py"))) > 1
