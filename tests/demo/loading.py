"""Loads the people of the story, as the command does."""

from __future__ import annotations

import io

from django.core.management import call_command


def load() -> None:
    call_command("demo_data", force=True, people=True, stdout=io.StringIO())
