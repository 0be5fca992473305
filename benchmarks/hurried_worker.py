"""The worker of the product, in which no process waits for days: `python -m benchmarks.hurried_worker`.

What is measured is the same: the wait is one timer, however long it is. The other processes wait as their registries'
policies say, which is seconds for the names that the benchmarks use.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from django.core.management import execute_from_command_line

from workflows.contact_change import spec as contact_change
from workflows.contact_change import story as contact_changes
from workflows.domain_safeguard import spec as domain_safeguard
from workflows.domain_safeguard import story as domain_safeguards

TIME_TO_STOP_IT = timedelta(seconds=2)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    for spec, story in ((contact_change, contact_changes), (domain_safeguard, domain_safeguards)):
        setattr(story, "PERIODS", replace(spec.PERIODS, time_to_stop_it=TIME_TO_STOP_IT))  # noqa: B010
    execute_from_command_line(["manage.py", "temporal_worker"])


if __name__ == "__main__":
    main()
