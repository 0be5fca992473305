"""Nothing outside this folder knows the sample process, and the process does not know the faces."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

SAMPLE = Path(__file__).parent
NAMES = r"locker_handover|LockerHandover|\blockers?\b|tests[./]sample"
ABOVE = ("desk", "portal", "field", "api", "cli", "engine")
"""What a process's own files may not import: they are mounted by the faces, not the other way round."""
OTHERS = ("cards", "visits", "domains")


def mentions() -> set[str]:
    """The files of the work tree in which it is named."""
    listed = ["git", "grep", "-li", "--untracked", "--perl-regexp", NAMES]
    found = subprocess.run(listed, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout
    return set(found.splitlines())


def test_nothing_else_in_the_repository_names_it() -> None:
    found = mentions()

    assert "tests/sample/spec.py" in found
    assert {name for name in found if not name.startswith("tests/sample/")} <= {"docs/new-process.md"}


def test_it_is_registered_by_one_line() -> None:
    lines = (SAMPLE / "conftest.py").read_text().splitlines()

    assert [line.strip() for line in lines if "installed(" in line] == ["with installed(PROCESS):"]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


FILES = sorted(path for path in SAMPLE.glob("*.py") if not path.name.startswith(("test_", "conftest", "playing")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_files_import_no_face_and_no_other_process(path: Path) -> None:
    rooms = "|".join((*ABOVE, *OTHERS))
    forbidden = re.compile(rf"backoffice\.({rooms})\b|workflows\.(card_reissue|home_visit)\b")

    assert [name for name in imports_of(path) if forbidden.match(name)] == []


@pytest.mark.parametrize("name", ["facts", "spec", "story"])
def test_what_the_engine_plays_imports_neither_django_nor_the_back_office(name: str) -> None:
    roots = {imported.split(".")[0] for imported in imports_of(SAMPLE / f"{name}.py")}

    assert roots <= {"__future__", "dataclasses", "datetime", "enum", "temporalio", "tests", "workflows"}
