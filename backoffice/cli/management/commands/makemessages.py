from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Collects the texts of the process declarations too, which `N_` marks."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=N_"]
