"""The style sheets: ours take precedence over the admin's, and none has a rule for something that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile

from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import make_staff

SHEETS = sorted((Path(settings.BASE_DIR) / "backoffice" / "static" / "countersign").glob("*.css"))
LAYERS = "@layer admin, tokens, elements, components, faces;"
ADMIN = Path(apps.get_app_config("admin").path)
OUTSIDE = {"is-past", "is-skipped", "work--soon", "work--late"}
"""Classes whose end a template fills in: `is-{{ stage.state }}`."""


def rules(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def outermost(text: str) -> Iterator[str]:
    """The text outside all braces, one statement or head of a block at a time."""
    depth, begun = 0, 0
    for place, character in enumerate(text):
        if character in "{;" and depth == 0:
            yield text[begun:place].strip()
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character in ";}" and depth == 0:
            begun = place + 1


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_every_rule_is_in_a_layer(sheet: Path) -> None:
    heads = list(outermost(rules(sheet)))

    assert heads
    for head in heads:
        assert re.fullmatch(r"@layer [\w, ]+|@import url\(\"[\w./]+\"\) layer\(admin\)", head), head


def test_the_first_sheet_of_a_page_says_the_order_of_the_layers() -> None:
    head = (Path(settings.BASE_DIR) / "templates" / "components" / "head.html").read_text()
    linked = re.findall(r"countersign/(\w+)\.css", head)

    assert {*linked, "admin"} == {sheet.stem for sheet in SHEETS}
    for first in (linked[0], "admin"):
        assert rules(SHEETS[0].with_stem(first)).lstrip().startswith(LAYERS)


@pytest.mark.parametrize("path", ["/desk/", "/desk/records/", "/desk/cases/case/", "/desk/customers/customer/add/"])
@pytest.mark.django_db
def test_a_page_of_the_desk_links_the_admins_sheets_in_their_layer_only(at_desk: Desk, path: str) -> None:
    page = at_desk(make_staff(role=Role.SUPERVISOR)).get(path)

    assert page.status_code == 200
    linked = re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"', page.content.decode())
    assert linked[0] == "/static/countersign/admin.css"
    theirs = {Path(address).name for address in linked if "/admin/" in address}
    assert theirs <= {"nav_sidebar.css"}, "its rules are for the sidebar alone"


def test_the_sheets_that_are_imported_are_the_admins_own() -> None:
    css = ADMIN / "static" / "admin" / "css"
    imported = re.findall(r'@import url\("\.\./admin/css/([\w.]+)"\)', rules(SHEETS[0].with_stem("admin")))

    assert imported[0] == "base.css"
    assert all((css / name).exists() for name in imported)


def test_in_production_an_imported_sheet_keeps_its_layer(tmp_path: Path) -> None:
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    storage.save("admin/css/base.css", ContentFile(b"body { color: red }"))
    storage.save("countersign/admin.css", ContentFile(b'@import url("../admin/css/base.css") layer(admin);'))

    list(storage.post_process({name: (storage, name) for name in ("admin/css/base.css", "countersign/admin.css")}))

    written = (tmp_path / storage.stored_name("countersign/admin.css")).read_text()
    assert re.fullmatch(r'@import url\("../admin/css/base\.\w+\.css"\) layer\(admin\);', written)


@cache
def written() -> set[str]:
    """Every word of our pages and of the admin's, and of the code that fills them in."""
    places = [
        Path(settings.BASE_DIR) / "templates",
        Path(settings.BASE_DIR) / "backoffice",
        ADMIN,
    ]
    files = [path for place in places for end in ("*.html", "*.py", "*.js") for path in place.rglob(end)]
    return {word for path in files for word in re.findall(r"[\w-]+", path.read_text())}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_no_rule_is_for_a_class_that_nothing_has(sheet: Path) -> None:
    words = written()
    selectors = re.sub(r"\{[^{}]*\}", "{}", rules(sheet))

    named = set(re.findall(r"[.#]([a-zA-Z][\w-]*)", re.sub(r"url\([^)]*\)", "", selectors)))
    of_columns = {name for name in named if name.startswith("field-") and name.removeprefix("field-") in words}

    assert named - words - OUTSIDE - of_columns == set()
