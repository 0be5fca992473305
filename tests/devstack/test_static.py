"""Static files as the embedded stack and production serve them: compressed, for ever, under names with a hash."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client, override_settings

from devstack.prepare import collect
from tests.factories import make_customer

COLLECTED = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("served") / "static"
    kept = {**settings.STORAGES, "staticfiles": {"BACKEND": COLLECTED}}
    with override_settings(
        STATIC_ROOT=folder,
        STORAGES=kept,
        STATIC_COLLECTED=True,
        WHITENOISE_USE_FINDERS=False,
        WHITENOISE_AUTOREFRESH=False,
    ):
        collect()
        yield folder


@pytest.fixture
def client(root: Path) -> Client:
    """A browser in front of a web process that was started after the files were collected."""
    return Client(headers={"accept-encoding": "gzip, br"})


def addresses_in(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


@pytest.mark.django_db
def test_each_file_of_a_page_is_kept_for_ever_under_its_hash_and_sent_compressed(client: Client) -> None:
    found = addresses_in(_plain(client.get("/check/")))

    assert len(found) > 8
    for address in found:
        answer = client.get(address)
        assert re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert int(re.findall(r"max-age=(\d+)", answer.headers["Cache-Control"])[0]) >= 31_536_000
        if address.endswith(("tokens.css", ".js")):
            assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.django_db
def test_a_page_is_sent_compressed_and_never_twice_alike(client: Client) -> None:
    first, second = client.get("/check/"), client.get("/check/")

    assert first.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in first.headers["Vary"]
    assert first.headers["Cache-Control"] == "private, no-store"
    assert "<h1" in _plain(first)
    assert len({len(client.get("/check/").content) for _ in range(8)} | {len(first.content), len(second.content)}) > 1


@pytest.mark.django_db
def test_who_takes_no_compressed_answer_gets_a_plain_one(root: Path) -> None:
    for accepts in ("", "identity", "br"):
        answer = Client(headers={"accept-encoding": accepts}).get("/check/")
        assert "Content-Encoding" not in answer.headers
        assert b"<h1" in answer.content


@pytest.mark.django_db
def test_pages_behind_the_sign_in_are_compressed_too(client: Client) -> None:
    customer = make_customer()
    assert customer.user is not None
    client.force_login(customer.user, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/portal/")

    assert page.headers["Content-Encoding"] == "gzip"
    assert "no-store" in page.headers["Cache-Control"]


def test_every_file_that_a_template_of_ours_names_was_collected(root: Path) -> None:
    named = {
        name
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for name in re.findall(r"{% static [\"']([^\"']+)[\"']", path.read_text())
    }

    assert "countersign/tokens.css" in named
    assert all((root / staticfiles_storage.url(name).removeprefix(settings.STATIC_URL)).exists() for name in named)


def test_collecting_again_does_nothing_until_a_file_changes(tmp_path: Path) -> None:
    source = tmp_path / "ours"
    source.mkdir()
    (source / "a.css").write_text("p { color: red }")
    with override_settings(
        STATICFILES_DIRS=[source],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STATIC_ROOT=tmp_path / "static",
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": COLLECTED}},
    ):
        did = [collect(), collect()]
        (source / "a.css").write_text("p { color: navy }")
        did.append(collect())
        (source / "b.css").write_text("q { color: red }")
        did += [collect(), collect()]
        url = staticfiles_storage.url("a.css")

        assert did == [True, False, True, True, False]
        assert "navy" in (tmp_path / "static" / url.removeprefix("/static/")).read_text()
        (tmp_path / "static" / "staticfiles.json").unlink()


def _plain(answer: Any) -> str:
    content: bytes = answer.content
    return gzip.decompress(content).decode() if answer.headers.get("Content-Encoding") == "gzip" else content.decode()
