"""`manage.py case list | show REF | open PROCESS … | withdraw REF`: cases on the command line, also as JSON."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from backoffice.actors import Actor, Channel, Level
from backoffice.cards.models import Card, Reason
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cases import sentences
from backoffice.cases.catalogue import spec, stage
from backoffice.cases.items import title_of
from backoffice.cases.models import Case, CaseState, Event, ItemState, WorkItem
from backoffice.cases.withdrawing import withdraw
from backoffice.customers.models import Customer
from backoffice.customers.searching import find
from backoffice.references import tidy_reference
from backoffice.refusals import Refused
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of

MOST = 200
UNKNOWN, REFUSED = 2, 3
"""Exit codes: there is no such case, card, customer or person; a rule refused."""


class Command(BaseCommand):
    """Exit codes: 0 done, 1 wrong arguments, 2 no such thing, 3 refused by a rule. Times are UTC.

    What changes something is done by a member of staff, who is named with `--by USERNAME` and has his own roles.
    """

    help = "Lists, shows, opens and withdraws cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        doing = parser.add_subparsers(dest="what", required=True, metavar="list|show|open|withdraw")
        listing = doing.add_parser("list", help="the newest cases")
        listing.add_argument("--state", choices=CaseState.values)
        listing.add_argument("--process")
        listing.add_argument("--limit", type=int, default=20, help=f"at most {MOST}")
        showing = doing.add_parser("show", help="one case with its stages, open items and timeline")
        showing.add_argument("reference")
        opening = doing.add_parser("open", help="opens a case of a process")
        opening.add_argument("process")
        opening.add_argument("--card", required=True, help="the card's public id, or its last four with --customer")
        opening.add_argument("--customer", help="the customer's public id, or his e-mail address or number")
        opening.add_argument("--reason", required=True, help=", ".join(Reason.values))
        opening.add_argument("--key", required=True, help="any text: the same key twice opens one case")
        withdrawing = doing.add_parser("withdraw", help="stops a case")
        withdrawing.add_argument("reference")
        withdrawing.add_argument("--reason", required=True, help="goes to the timeline")
        for changing in (opening, withdrawing):
            changing.add_argument("--by", required=True, metavar="USERNAME", help="who does it")
        for one in (listing, showing, opening, withdrawing):
            one.add_argument("--json", action="store_true", help="as JSON, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        does: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "list": self._list,
            "show": self._show,
            "open": self._open,
            "withdraw": self._withdraw,
        }
        try:
            told = does[options["what"]](options)
        except Refused as refused:
            raise CommandError(refused.sentence, returncode=UNKNOWN if refused.status == 404 else REFUSED) from None
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            self._tell(told)

    def _list(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not 1 <= options["limit"] <= MOST:
            raise CommandError(f"--limit must be between 1 and {MOST}.")
        cases = Case.objects.order_by("-opened_at", "id")
        if options["state"]:
            cases = cases.filter(state=options["state"])
        if options["process"]:
            cases = cases.filter(process=spec(options["process"]).name)
        return [in_short(case) for case in cases[: options["limit"]]]

    def _show(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return in_full(case_of(options["reference"]))

    def _open(self, options: Mapping[str, Any]) -> dict[str, Any]:
        name = spec(options["process"]).name
        if name != "card_reissue":
            raise CommandError(f"A case of “{name}” is not opened by itself: another case opens it.")
        case, new = open_reissue(
            card=card_of(options["card"], options["customer"]),
            reason=options["reason"],
            by=actor_named(options["by"]),
            key=f"command:{options['key']}",
        )
        return {**in_short(case), "new": new}

    def _withdraw(self, options: Mapping[str, Any]) -> dict[str, Any]:
        case = case_of(options["reference"])
        return in_short(withdraw(case_id=case.id, by=actor_named(options["by"]), reason=options["reason"]))

    def _tell(self, told: Any) -> None:
        for case in told if isinstance(told, list) else [told]:
            self.stdout.write(
                f"{case['reference']}  {case['process']}  {case['subject']}  {case['state']}"
                f"{': ' + case['outcome'] if case['outcome'] else ''}  waiting on {case['waiting_on']}"
                f"{' until ' + case['waiting_until'] if case['waiting_until'] else ''}"
            )
        if isinstance(told, list):
            if not told:
                self.stdout.write("There is no such case.")
            return
        if told.get("needs_attention"):
            self.stdout.write(f"Needs attention: {told['needs_attention']}")
        if "stages" in told:
            self.stdout.write("Stages: " + " → ".join(_marked(one) for one in told["stages"]))
        for item in told.get("items", []):
            self.stdout.write(f"Open: {item['title']} ({item['performer']}), due {item['due_at'] or 'never'}")
        for event in told.get("timeline", []):
            self.stdout.write(f"{event['at']}  {event['number']:>3}  {event['sentence']}")


def _marked(one: Mapping[str, Any]) -> str:
    return f"[{one['name']}]" if one["current"] else str(one["name"])


def case_of(typed: str) -> Case:
    """Raises `CommandError` with what is wrong: a sign of the reference, or no such case."""
    reference = tidy_reference(typed)
    if reference is None:
        raise CommandError(f"“{typed}” is not a reference: its check character does not fit. It reads like K7Q-4MX-2.")
    case = Case.objects.filter(reference=reference).select_related("parent").first()
    if case is None:
        raise CommandError(f"There is no case {reference}.", returncode=UNKNOWN)
    return case


def card_of(typed: str, customer: str | None) -> Card:
    """By its public id, or by its last four and whose it is; raises `CommandError` where that is not one card."""
    cards = Card.objects.select_related("customer")
    if len(typed) == 4 and typed.isdigit():
        if not customer:
            raise CommandError("With the last four digits say whose card it is: --customer.")
        found = list(cards.filter(last_four=typed, customer=customer_of(customer))[:2])
    else:
        found = list(cards.filter(public_id=_id(typed, "--card")))
    if len(found) != 1:
        many = "More than one card fits; give its public id." if found else "There is no such card."
        raise CommandError(many, returncode=UNKNOWN)
    return found[0]


def customer_of(typed: str) -> Customer:
    known = find(text=typed) if "@" in typed or typed.startswith("+") else None
    found = list(known[:2]) if known is not None else list(Customer.objects.filter(public_id=_id(typed, "--customer")))
    if len(found) != 1:
        many = "More than one customer fits; give the public id." if found else "There is no such customer."
        raise CommandError(many, returncode=UNKNOWN)
    return found[0]


def actor_named(username: str) -> Actor:
    """A member of staff with his own roles, at the command line."""
    user = User.objects.filter(username=username, is_staff=True, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no member of staff “{username}”.", returncode=UNKNOWN)
    return actor_of(user=user, channel=Channel.COMMAND_LINE, level=Level.SIGNED_IN)


def _id(typed: str, option: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise CommandError(f"{option}: “{typed}” is not an id.") from None


def in_short(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "id": str(case.id),
        "process": case.process,
        "subject": case.subject,
        "stage": case.stage,
        "state": case.state,
        "outcome": case.outcome,
        "outcome_reason": case.outcome_reason,
        "waiting_on": case.waiting_on,
        "waiting_until": _moment(case.waiting_until),
        "needs_attention": case.needs_attention,
        "opened_at": _moment(case.opened_at),
        "closed_at": _moment(case.closed_at),
    }


def in_full(case: Case) -> dict[str, Any]:
    """The case with its stages, its open work items, its relatives and its timeline. No personal data."""
    items = WorkItem.objects.filter(case=case, state=ItemState.OPEN).order_by("due_at", "id")
    here = stage(case.process, case.stage)
    return {
        **in_short(case),
        "parent": case.parent.reference if case.parent else None,
        "children": list(Case.objects.filter(parent=case).order_by("opened_at").values_list("reference", flat=True)),
        "stages": [
            {"value": one.value, "name": _(one.staff), "current": one is here} for one in spec(case.process).stages
        ],
        "items": [
            {
                "id": str(item.id),
                "kind": item.kind,
                "title": _(title_of(item, case.process)),
                "performer": item.role or item.performer,
                "due_at": _moment(item.due_at),
            }
            for item in items
        ],
        "timeline": [_line(event) for event in Event.objects.filter(case=case).order_by("number")],
    }


def _line(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "at": _moment(event.at),
        "kind": event.kind,
        "sentence": sentences.for_staff(event.kind, event.data),
        "by": event.actor_kind,
        "channel": event.channel,
        "proof": event.proof,
        "reason": event.reason,
        "data": event.data,
        "hash": event.hash,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
