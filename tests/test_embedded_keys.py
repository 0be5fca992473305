"""The embedded stack's own keys: made once, and added to when a version needs more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backoffice import embedded


def test_a_key_that_an_older_version_did_not_make_is_added_and_the_others_stay(tmp_path: Path) -> None:
    older = embedded.keys(tmp_path)
    del older["REGISTRY_PASSWORD"]
    (tmp_path / embedded.KEYS).write_text(json.dumps(older))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _one: embedded.keys(tmp_path), range(8)))

    assert all(one == found[0] for one in found)
    assert found[0].items() > older.items()
    assert len(found[0]["REGISTRY_PASSWORD"]) == 16
    assert (tmp_path / embedded.KEYS).stat().st_mode & 0o077 == 0
