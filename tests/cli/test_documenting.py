from __future__ import annotations

from django.core.management import call_command


def test_the_pages_are_made_from_the_declarations_of_today() -> None:
    call_command("document_processes", "--check")
