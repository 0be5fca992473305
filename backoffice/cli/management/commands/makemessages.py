from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Also collects the texts of the process declarations, which are marked with `N_`."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=N_"]
