"""Brings the database to the state that this version needs, before anything reads it.

It does not register Temporal's search attributes: the embedded server starts with them, and elsewhere the worker
registers missing ones before it takes work.
"""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def main() -> None:
    """Migrates; safe to run again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)


if __name__ == "__main__":
    main()
