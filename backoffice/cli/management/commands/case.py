"""`manage.py case list | show REF | open PROCESS … | withdraw REF`: cases on the command line, also as JSON."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backoffice.actors import Actor, Channel, Level
from backoffice.cases import keeping_from
from backoffice.cases.catalogue import Opening, spec
from backoffice.cases.models import Case, CaseState
from backoffice.cases.need_to_know import read_case
from backoffice.cases.opening import open_by_form, openable
from backoffice.cases.timeline import LONGEST_REASON
from backoffice.cases.withdrawing import withdraw
from backoffice.cli.opening_options import OpeningParser, add_opening_options, fields_of
from backoffice.cli.shapes import as_lines, in_full, in_short
from backoffice.customers.models import Customer
from backoffice.customers.searching import find
from backoffice.raw_input import check_options
from backoffice.refusals import Invalid, Refused
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.ui.lookup import NotAReference, case_of

MOST = 200
UNKNOWN, REFUSED = 2, 3
"""Exit codes: there is no such case, customer or person; a rule refused."""


class Command(BaseCommand):
    """Exit codes: 0 done, 1 wrong arguments, 2 no such thing, 3 refused by a rule. Times are UTC.

    Everything is done by a member of staff, named with `--by USERNAME`, whose role decides as on every other face. They
    see a case that is in their hands, or any with `--reason`; it is noted, and the customer sees who looked. A case of
    any process is opened, with the fields of its opening as options: `manage.py case open PROCESS --help`.
    """

    help = "Lists, shows, opens and withdraws cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        doing = parser.add_subparsers(
            dest="what", required=True, metavar="list|show|open|withdraw", parser_class=OpeningParser
        )
        listing = doing.add_parser("list", help="the newest cases")
        listing.add_argument("--state", choices=CaseState.values)
        listing.add_argument("--process")
        listing.add_argument("--limit", type=int, default=20, help=f"at most {MOST}")
        showing = doing.add_parser("show", help="one case with its stages, open items and timeline")
        showing.add_argument("reference")
        showing.add_argument("--reason", default="", help="why, without a case in your hands; the customer may read it")
        opening = doing.add_parser("open", help="opens a case of a process")
        add_opening_options(opening)
        withdrawing = doing.add_parser("withdraw", help="stops a case")
        withdrawing.add_argument("reference")
        withdrawing.add_argument("--reason", required=True, help="goes to the timeline")
        for one in (listing, showing, opening, withdrawing):
            one.add_argument("--by", required=True, metavar="USERNAME", help="who does it")
            one.add_argument("--json", action="store_true", help="as JSON, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        does: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "list": self._list,
            "show": self._show,
            "open": self._open,
            "withdraw": self._withdraw,
        }
        check_options(options)
        try:
            told = does[options["what"]](options)
        except NotAReference as malformed:
            raise CommandError(malformed.sentence) from None
        except Refused as refused:
            raise CommandError(words_of(refused), returncode=UNKNOWN if refused.status == 404 else REFUSED) from None
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(as_lines(told)))

    def _list(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not 1 <= options["limit"] <= MOST:
            raise CommandError(f"--limit must be between 1 and {MOST}.")
        by = actor_of_staff(staff_named(options["by"]))
        rights.LIST.check(by)
        cases = Case.objects.filter(keeping_from.visible(by)).order_by("-opened_at", "id")
        if options["state"]:
            cases = cases.filter(state=options["state"])
        if options["process"]:
            cases = cases.filter(process=spec(options["process"]).name)
        return [in_short(case) for case in cases[: options["limit"]]]

    def _show(self, options: Mapping[str, Any]) -> dict[str, Any]:
        user = staff_named(options["by"])
        by = actor_of_staff(user)
        try:
            case = case_of(options["reference"])
        except Refused:
            rights.READ.check(by)
            raise
        read_case(case, by=by, user=user, now=timezone.now(), page="command_line:show", reason=options["reason"])
        return in_full(case)

    def _open(self, options: Mapping[str, Any]) -> dict[str, Any]:
        by = actor_of_staff(staff_named(options["by"]))
        opening = openable(options["process"], by=by)
        data = fields_of(options)
        case, new = open_by_form(
            process=options["process"],
            customer=whose(opening, data, options["customer"]),
            by=by,
            key=f"command:{options['key']}",
            data=data,
        )
        return {**in_short(case), "new": new}

    def _withdraw(self, options: Mapping[str, Any]) -> dict[str, Any]:
        by = actor_of_staff(staff_named(options["by"]))
        rights.WITHDRAW.check(by)
        case = case_of(options["reference"])
        if len(options["reason"]) > LONGEST_REASON:
            raise CommandError(f"--reason: at most {LONGEST_REASON} characters.")
        return in_short(withdraw(case_id=case.id, by=by, reason=options["reason"]))


def words_of(refused: Refused) -> str:
    """All sentences of a refusal, each with the field that it belongs to."""
    if not isinstance(refused, Invalid):
        return refused.sentence
    said = [(field, sentence) for field, sentences in refused.errors.items() for sentence in sentences]
    return "\n".join(f"{field}: {sentence}" if field else sentence for field, sentence in said)


def whose(opening: Opening, data: Mapping[str, str], typed: str | None) -> Customer:
    """The customer who is named, or whom the fields identify. Raises `CommandError` when there is none."""
    if typed:
        return customer_of(typed)
    try:
        customer = opening.whose(data)
    except Invalid as invalid:
        raise CommandError(words_of(invalid)) from None
    if customer is None:
        raise CommandError("Say which customer it is for: --customer.")
    return customer


def customer_of(typed: str) -> Customer:
    known = find(text=typed) if "@" in typed or typed.startswith("+") else None
    found = list(known[:2]) if known is not None else list(Customer.objects.filter(public_id=_id(typed, "--customer")))
    if len(found) != 1:
        many = "More than one customer fits; give the public id." if found else "There is no such customer."
        raise CommandError(many, returncode=UNKNOWN)
    return found[0]


def staff_named(username: str) -> User:
    user = User.objects.filter(username=username, is_staff=True, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no member of staff “{username}”.", returncode=UNKNOWN)
    return user


def actor_of_staff(user: User) -> Actor:
    """The member of staff as an actor at the command line, with their own roles."""
    return actor_of(user=user, channel=Channel.COMMAND_LINE, level=Level.SIGNED_IN)


def _id(typed: str, option: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise CommandError(f"{option}: “{typed}” is not an id.") from None
