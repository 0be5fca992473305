from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.cases import bundles, checkpoints, timeline
from backoffice.cases.models import Case
from backoffice.raw_input import check_options
from backoffice.references import tidy_reference


class Command(BaseCommand):
    help = (
        "Verifies the hash chain of every case's timeline and the signed checkpoints; names the first broken row. With "
        "a file, verifies that bundle of evidence (JSON, or a PDF that holds it) from the file alone, without a "
        "database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="a bundle of evidence")
        parser.add_argument("--case", metavar="REF", help="verify this case only")
        parser.add_argument("--key", metavar="BASE64", help="the public key to verify a file by; otherwise our own")

    def handle(self, *args: Any, **options: Any) -> None:
        check_options(options)
        if options["file"]:
            self._verify_file(Path(options["file"]), options["key"] or checkpoints.public_key())
            return
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

    def _verify_file(self, path: Path, key: str) -> None:
        try:
            found = bundles.verify(_text_of(path), key=key)
        except bundles.Broken as broken:
            raise CommandError(f"BROKEN: {broken}") from None
        self.stdout.write(
            f"Evidence of case {found.case}, {found.edition} edition, made {found.made_at}: {found.lines} lines"
            f" ({found.withheld} withheld), {found.pieces} pieces, chain intact, signed by {key}"
        )


def _text_of(path: Path) -> str:
    """The JSON of the file, or that which a PDF holds. Raises `CommandError` and `Broken`."""
    try:
        if path.stat().st_size > bundles.LARGEST:
            raise bundles.Broken("the file is too large to be a bundle of evidence of ours.")
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    if content.startswith(b"%PDF-"):
        content = _attached(content)
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise bundles.Broken("the file is no bundle of evidence: it holds other characters than ours do.") from None


def _attached(content: bytes) -> bytes:
    try:
        document = pypdfium2.PdfDocument(content)
        if document.count_attachments() != 1:
            raise bundles.Broken("the PDF does not hold one bundle of evidence.")
        return bytes(document.get_attachment(0).get_data())
    except pypdfium2.PdfiumError:
        raise bundles.Broken("the PDF is damaged.") from None
