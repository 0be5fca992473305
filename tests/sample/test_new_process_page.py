"""docs/new-process.md, whose examples are the files of this folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "new-process.md"
SAMPLE = Path(__file__).parent
EXCERPT = re.compile(
    r"^From \[`(?P<named>[^`]+)`\]\((?P<link>[^)]+)\):$|^```(?:python|django)\n(?P<code>.*?)^```$", re.M | re.S
)


def excerpts() -> list[tuple[str, str]]:
    """Each excerpt with the file that was named last before it."""
    found, file = [], ""
    for match in EXCERPT.finditer(PAGE.read_text()):
        if match["named"]:
            file = match["named"]
        else:
            found.append((file, match["code"]))
    return found


@pytest.mark.parametrize(("file", "code"), excerpts(), ids=lambda value: value.strip().splitlines()[0][:50])
def test_an_excerpt_stands_in_its_file_line_by_line(file: str, code: str) -> None:
    assert code in (Path(settings.BASE_DIR) / file).read_text()


def test_a_file_that_is_named_is_the_one_that_is_linked() -> None:
    named = [match for match in EXCERPT.finditer(PAGE.read_text()) if match["named"]]

    assert named
    for match in named:
        assert (PAGE.parent / match["link"]).resolve() == (Path(settings.BASE_DIR) / match["named"]).resolve()


def test_every_file_of_the_sample_is_on_the_page() -> None:
    own = [path for path in SAMPLE.glob("*.py") if not path.name.startswith(("test_", "__", "conftest", "playing"))]

    page = PAGE.read_text()

    assert [path.name for path in own if f"`{path.name}`" not in page] == []
    assert [path.name for path in (SAMPLE / "templates").iterdir() if f"{path.name}/" not in page] == []
