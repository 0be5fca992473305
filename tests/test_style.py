"""What the linters do not check: the length of files, and that no file names a machine, a registry or a tracker."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
"""The most lines that a file of code may have. A longer file lacks a concept."""
CODE = {".py", ".html", ".js", ".css"}
FOREIGN = {
    "a path of one machine": r"(?<![\w.])/(?:home|root|Users|work)/[\w.]",
    "a host of a package registry": r"https?://(?!pypi\.org/|www\.python\.org/)[\w.-]*(?:pypi|artifactory|nexus|simple/)",
    "a tracker's number": r"(?i)\b(?:issue|ticket) #?\d+\b",
}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_of_code_is_longer_than_it_should_be() -> None:
    code = [path for path in tracked() if path.suffix in CODE]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code}

    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_line_of_a_template_or_a_style_sheet_is_longer_than_a_line_of_code() -> None:
    widest = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["line-length"]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.html", "backoffice/*.css", "templates")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > widest
    ]

    assert found == []


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".json", ".woff2", ".png", ".jpg"}:
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in re.finditer(FOREIGN[what], text)]

    assert found == []


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda page: page.name)
def test_what_a_document_names_is_there(page: Path) -> None:
    text = page.read_text()
    links = [page.parent / link for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)]
    rooms = "tests|docs|backoffice|workflows|devstack|demo"
    paths = [ROOT / path for path in re.findall(rf"`((?:{rooms})/[\w/]+\.\w+)`", text)]

    assert [str(path) for path in (*links, *paths) if not path.exists()] == []
