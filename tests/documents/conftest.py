"""What the tests of documents share: people who send files, signers, and a folder of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from backoffice.cases.models import Case, WorkItem
from devstack import signers
from tests.catalogue import installed
from tests.documents.signed_form import PROCESS, open_for
from tests.playing import ask
from tests.portal.conftest import Person, make_person

from .signing import NOW, Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One certificate authority and its signers for the whole run: keys are slow to make."""
    return Scene(signers.authority(tmp_path_factory.mktemp("signers"), now=NOW))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.CLAMD_URL = ""
    cache.clear()
    return tmp_path


@pytest.fixture
def _process() -> Iterator[None]:
    with installed(PROCESS):
        yield


@pytest.fixture
def holder(db: None, _process: None) -> Person:
    return make_person(given_name="Maria")


@pytest.fixture
def taker(db: None, _process: None) -> Person:
    return make_person(given_name="Ewa")


@pytest.fixture
def handover(holder: Person, taker: Person) -> Case:
    """A case of the holder, to which the taker is the second party."""
    return open_for(holder.customer, witness=taker.customer.contact_points.get(kind="mail").value)


@pytest.fixture
def item(handover: Case) -> WorkItem:
    """What the holder is asked to send."""
    return ask(handover, "send", stage="sent")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
