"""`manage.py demo_data`: the people of the demonstration and what belongs to them. Safe to repeat."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.actors import Channel
from backoffice.cards.models import Card
from backoffice.staff.models import Role, User
from backoffice.staff.roles import actor_of
from demo import data, domains
from demo.calendars import offer_demo_slots, staff_demo_hours
from demo.living import outside, week
from demo.people import PEOPLE


class Command(BaseCommand):
    help = "Loads people and a week of their cases: accounts with known passwords, so never into production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", action="store_true", help="only the people of the story; no week is played")
        parser.add_argument("--force", action="store_true", help="load them although demonstration mode is off")

    def handle(self, *_args: Any, force: bool = False, people: bool = False, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("These accounts have known passwords. They are never loaded into production.")
        if not (settings.DEMO_MODE or force):
            raise CommandError("Demonstration mode is off: set COUNTERSIGN_DEMO=1, or say --force.")
        now = datetime.now(UTC)
        data.load(now=now)
        domains.tell_registry()
        self.stdout.write(f"{len(PEOPLE)} people of the demonstration are here.")
        if not people:
            self._play_week(now)
        data.keep_phone_new(now=now)
        visitors = User.objects.filter(groups__name=Role.FIELD.value, is_active=True).order_by("id")
        offer_demo_slots(visitors=list(visitors), now=now)
        supervisor = actor_of(user=User.objects.get(username="sam"), channel=Channel.COMMAND_LINE)
        staff_demo_hours(by=supervisor, now=now)

    def _play_week(self, now: datetime) -> None:
        """Loading again changes nothing: the week was played once, and since then real time passes in its cases."""
        if week.is_played():
            self.stdout.write("Their back office is the one of last time.")
            return
        began, used = time.monotonic(), time.process_time()
        cards = data.load_customers(now=now)
        outside.know(list(Card.objects.order_by("id")))
        open_ones = week.play(now=now, cards=cards)
        took = f"{time.monotonic() - began:.1f} s, {time.process_time() - used:.1f} s of this processor"
        self.stdout.write(f"{len(cards)} customers; a week was played, {len(open_ones)} cases are open ({took}).")
