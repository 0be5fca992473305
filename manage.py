#!/usr/bin/env python
"""The command line of Countersign; `manage.py help` lists the commands."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from backoffice import starting, time_limits
    except ImportError:
        sys.exit("Django is not installed here: run `make setup` and use .venv/bin/python manage.py")
    starting.begin()
    time_limits.this_is(time_limits.of_command(sys.argv))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
