"""Brings the database to the state that this version needs, before anything reads it.

Temporal's search attributes are not its business: the embedded server is started with them, and the worker registers
what is missing elsewhere before it takes work.
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
