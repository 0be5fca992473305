from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.cases import checkpoints, timeline
from backoffice.cases.models import Case
from backoffice.raw_input import check_options
from backoffice.references import tidy_reference


class Command(BaseCommand):
    help = "Verifies the hash chain of every case's timeline and the signed checkpoints; names the first broken row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", metavar="REF", help="verify this case only")

    def handle(self, *args: Any, **options: Any) -> None:
        check_options(options)
        case_id = None
        if options["case"]:
            reference = tidy_reference(options["case"])
            case = Case.objects.filter(reference=reference).first() if reference else None
            if case is None:
                raise CommandError(f"There is no case {options['case']}.")
            case_id = case.id
        events = cases = 0
        for case in timeline.cases_to_verify(case_id):
            broken = timeline.verify(case)
            if broken:
                raise CommandError(f"BROKEN: event {broken.number} of case {broken.reference} {broken.what}.")
            events, cases = events + case.events, cases + 1
        wrong = checkpoints.contradiction()
        if wrong:
            raise CommandError(f"BROKEN: {wrong}")
        self.stdout.write(f"{events} events in {cases} cases, chain intact")
