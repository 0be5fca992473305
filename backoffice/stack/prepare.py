"""Brings the stores to the state that this version needs; in one process, for Django's start costs seconds."""

from __future__ import annotations

import os

import django
from django.core.management import call_command, get_commands


def main() -> None:
    """Migrates the database and registers Temporal's search attributes; safe to run again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    if "search_attributes" in get_commands():
        call_command("search_attributes")


if __name__ == "__main__":
    main()
