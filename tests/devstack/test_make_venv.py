"""From where packages are taken when uv does the work of pip, and what is compiled of them."""

from __future__ import annotations

import re

import pytest

from devstack.make_venv import HARDLY_IMPORTED, ROOT, pin_of, sources_of_uv


def test_where_pip_is_told_nothing_uv_is_told_nothing() -> None:
    assert sources_of_uv("") == {}


def test_uv_takes_packages_from_where_pip_does() -> None:
    settings = "global.index-url='https://packages.example/simple'\n:env:.find-links='/one /two'\n:env:.cert='/ca.pem'"

    assert sources_of_uv(settings) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_FIND_LINKS": "/one,/two",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_what_only_says_how_pip_works_does_not_count() -> None:
    assert sources_of_uv("global.timeout='60'\n:env:.disable-pip-version-check='1'") == {}


@pytest.mark.parametrize(
    "setting",
    ["install.extra-index-url='https://other.example'", ":env:.no-index='1'", "global.proxy='http://proxy.example'"],
)
def test_a_setting_of_pip_that_uv_would_not_follow_leaves_it_to_pip(setting: str) -> None:
    assert sources_of_uv(f"global.timeout='60'\n{setting}") is None


def test_a_package_is_pinned_alone_with_its_hashes() -> None:
    hashes = "    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    pins = f"one==1.0 \\\n    --hash=sha256:aa\nuv==2.0 \\\n{hashes}    # via us\nzz==3 \\\n"

    assert pin_of("uv", pins) == f"uv==2.0 \\\n{hashes}"
    assert pin_of("on", pins) == ""


def test_whoever_develops_installs_by_uv() -> None:
    assert pin_of("uv", (ROOT / "requirements-dev.txt").read_text()).startswith("uv==")


@pytest.mark.parametrize(
    ("path", "is_compiled"),
    [
        ("django/db/models/base.py", True),
        ("stripe/params/_card.py", False),
        ("stripes/card.py", True),
        ("numpy/linalg/tests/test_linalg.py", False),
        ("django/test/client.py", True),
    ],
)
def test_what_is_hardly_ever_imported_is_not_compiled_before(path: str, is_compiled: bool) -> None:
    place = f"/srv/tests/countersign/.venv/lib/python3.11/site-packages/{path}"

    assert (re.search(HARDLY_IMPORTED, place) is None) == is_compiled
