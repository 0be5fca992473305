"""The account updater's files, where an operator carries them: `updater_file list`, `updater_file write BATCH PATH`,
`updater_file read PATH`."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cards.autopay import answers, files
from backoffice.cards.autopay.calls import request_of
from backoffice.cards.autopay.models import AutopayUpdate


class Command(BaseCommand):
    help = "Lists and writes the batches for the account updater, and reads its responses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        does = parser.add_subparsers(dest="does", required=True)
        does.add_parser("list", help="the batches that wait for an answer")
        write = does.add_parser("write", help="write the request file of a batch")
        write.add_argument("batch", type=uuid.UUID)
        write.add_argument("path", type=Path)
        does.add_parser("read", help="take a response file").add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        match options["does"]:
            case "list":
                for update in _sent():
                    self.stdout.write(f"{update.batch.hex} {update.lines.count()}")
            case "write":
                self._write(options["batch"], options["path"])
            case "read":
                self._read(options["path"])

    def _write(self, batch: uuid.UUID, path: Path) -> None:
        update = _sent().filter(batch=batch).select_related("card__replaces").first()
        if update is None or update.sent_at is None:
            raise CommandError("No batch with this id waits for an answer.")
        path.write_text(files.write_request(request_of(update, made_at=update.sent_at)), encoding="ascii")

    def _read(self, path: Path) -> None:
        try:
            response = files.read_response(path.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError, files.Unreadable) as wrong:
            raise CommandError(f"This file was not taken: {wrong}.") from None
        carrier = Actor(kind=ActorKind.OUTSIDE, id="account_updater", channel=Channel.COMMAND_LINE, proof="file")
        taken = answers.take(response=response, by=carrier, now=timezone.now())
        told = f"{taken.moved} moved, {taken.noted} others, {taken.found} found"
        said = "taken before" if taken.again else told
        self.stdout.write(f"{said}, {len(taken.apart)} kept apart")


def _sent() -> QuerySet[AutopayUpdate]:
    return AutopayUpdate.objects.filter(live=True, sent_at__isnull=False).order_by("sent_at")
