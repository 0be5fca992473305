"""`manage.py demo_call CASE`: the customer of a case asked a while ago to be called about it now, as no story can wait
until a quarter of an hour begins. At night it only says from when we may call there."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.calls.back import offering, staffing
from backoffice.cases.models import Case
from backoffice.cases.opening import open_case
from backoffice.cases.windows import Window
from backoffice.staff.models import Role, User
from backoffice.staff.roles import actor_of
from backoffice.telephony import numbers
from backoffice.trust.quiet_hours import next_allowed
from workflows.call_back.spec import CALL_BACK_SPEC, PERIODS

ASKED_AGO = PERIODS.preparation + timedelta(minutes=1)


class Command(BaseCommand):
    help = "Arranges a call-back about a case for this minute; prints, as JSON, its reference and the number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_MODE or settings.PRODUCTION:
            raise CommandError("Demonstration mode is off: set COUNTERSIGN_DEMO=1.")
        about = Case.objects.select_related("customer").get(reference=options["reference"])
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        point = numbers.callable_numbers(customer=about.customer, now=now)[0]
        told = {"number": str(point.value), "reference": ""}
        window = Window(now, now + PERIODS.window)
        if offering.is_awake(window, about.customer.time_zone):
            told["reference"] = self._arrange(about, window, str(point.pk), asked_at=now - ASKED_AGO).reference
        else:
            told["from"] = next_allowed(at=now, time_zone=about.customer.time_zone).isoformat()
        self.stdout.write(json.dumps(told))

    def _arrange(self, about: Case, window: Window, number: str, *, asked_at: datetime) -> Case:
        supervisor = actor_of(user=User.objects.get(username="sam"), channel=Channel.COMMAND_LINE)
        staffing.make_room(Role.SUPPORT, window.starts, by=supervisor, now=asked_at)
        customer = Actor(
            kind=ActorKind.CUSTOMER,
            id=str(about.customer.public_id),
            channel=Channel.PORTAL,
            level=Level.SIGNED_IN,
            proof="password",
        )
        made, _new = open_case(
            process=CALL_BACK_SPEC.name,
            customer=about.customer,
            by=customer,
            key=f"demo:call:{uuid.uuid4()}",
            content={"what": f"case:{about.reference}", "number": number, "window": window.key},
            now=asked_at,
        )
        return made
