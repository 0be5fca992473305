"""The worker of the product, whose contact changes do not wait three days: `python -m benchmarks.hurried_worker`.

What is measured is the same: the wait is one timer, however long it is. The other processes wait as their registries'
policies say, which is seconds for the names that the benchmarks use.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from django.core.management import execute_from_command_line

from workflows.contact_change import story

TIME_TO_STOP_IT = timedelta(seconds=2)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    setattr(story, "PERIODS", replace(story.PERIODS, time_to_stop_it=TIME_TO_STOP_IT))  # noqa: B010
    execute_from_command_line(["manage.py", "temporal_worker"])


if __name__ == "__main__":
    main()
