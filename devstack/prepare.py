"""Brings the database and the static files to the state that this version needs, before anything reads them.

It does not register Temporal's search attributes: the embedded server starts with them, and elsewhere the worker
registers missing ones before it takes work.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from backoffice import starting
from devstack import signers

STAMP = "collected"


def main() -> None:
    """Migrates and collects; safe to run again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    starting.begin()
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    make_signers(Path(settings.DATA_DIR), now=timezone.now())
    if settings.STATIC_COLLECTED:
        collect()


def make_signers(data_dir: Path, *, now: datetime) -> None:
    """The demonstration's certificate authority with its newest revocation lists, and the people who sign."""
    authority = signers.authority(data_dir, now=now)
    for person in signers.PEOPLE:
        signers.signer(authority, person, now=now)


def collect() -> bool:
    """Collects the static files unless that was done of the same ones; gives whether it did."""
    root = Path(settings.STATIC_ROOT)
    stamp, state = root.with_name(f"{root.name}.{STAMP}"), _state()
    if root.exists() and stamp.exists() and stamp.read_text() == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=1)
    stamp.write_text(state)
    return True


def _state() -> str:
    """Changes when any source of a static file comes, goes or changes."""
    from django.contrib.staticfiles.finders import get_finders

    seen = [settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            seen.append(f"{name} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest()


if __name__ == "__main__":
    main()
