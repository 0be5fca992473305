"""What the tests of documents share."""

from __future__ import annotations

import pytest

from devstack import signers

from .signing import NOW, Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One certificate authority and its signers for the whole run: keys are slow to make."""
    return Scene(signers.authority(tmp_path_factory.mktemp("signers"), now=NOW))
