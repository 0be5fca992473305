from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice import embedded
from demo.story.browser import Lost
from demo.story.phones import NUMBERS, ringing
from demo.story.world import World
from devstack.leftovers import AlreadyUp
from devstack.ports import PortTaken
from devstack.postgres import Unavailable
from devstack.stack import NotUp, Stack
from devstack.telephones.telephone import Missing, PhoneFailed

BASE_DIR = Path(__file__).resolve().parents[3]
LIMITS = ",".join(
    (
        *("customer_orders_an_hour 100", "card_orders_a_day 1000"),
        *("unpaid_orders_to_a_number_a_day 100", "unpaid_orders_to_a_number_a_week 500"),
    )
)
"""Two customers make all payments of the stories, each time that they are played: as many orders as nobody makes."""


CLAIM_NOTICE = 20
"""Seconds instead of ten days before a credit is taken back, so that its story comes to the end."""


class Command(BaseCommand):
    help = "Starts everything, plays the stories through the real faces, and keeps serving until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end after the stories")
        parser.add_argument("--no-story", action="store_true", help="only load the people and their cases, and serve")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration does not run with production settings.")
        environment = {"RISK_LIMITS": LIMITS, "DEMO_CLAIM_NOTICE": str(CLAIM_NOTICE), **os.environ}
        stack = Stack(
            settings.DATA_DIR, environment=environment, demo=True, also=["voice"], telephones=NUMBERS, say=self._say
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        self._say("Starting PostgreSQL, Valkey, Temporal, simulators, the voice gateway and ourselves …")
        try:
            with stack:
                self._load(stack)
                if not options["no_story"]:
                    self._play(stack)
                if not options["once"]:
                    self._serve(stack)
        except KeyboardInterrupt:
            self._say("Stopped.")
        except (AlreadyUp, PortTaken, Unavailable, NotUp) as cannot:
            raise CommandError(str(cannot)) from None
        except (Lost, Missing, PhoneFailed) as lost:
            raise CommandError(f"The story fell short: {lost}") from None

    def _load(self, stack: Stack) -> None:
        self._say("Loading people and a week of their cases, once for this data folder …")
        self._say(self._manage(stack, "demo_data"))

    def _play(self, stack: Stack) -> None:
        from demo.story.cession import play_cessions
        from demo.story.complaint import play_complaint
        from demo.story.disputing import play_dispute
        from demo.story.mails import play_mail
        from demo.story.paying import Stories
        from demo.story.play import play
        from demo.story.telephone import play_calls

        prepared = json.loads(self._manage(stack, "demo_prepare").splitlines()[-1])
        world = World({**stack.addresses}, embedded.keys(stack.data_dir), stack.data_dir, self._say)
        self._say("")
        with ringing(world):
            payments = Stories(world, lambda case: self._manage(stack, "verify_clean_leg", case))
            payments.begin()
            reference = play(world, prepared["card"], lambda case: json.loads(self._manage(stack, "demo_call", case)))
            play_complaint(world, lambda file: self._manage(stack, "verify_timeline", str(file)))
            play_calls(world)
            play_cessions(world, prepared["domains"], prepared["earlier_phone"])
            play_mail(world)
            payments.end()
            if payments.paid:
                play_dispute(world, payments.paid)
        self._say(f"The ledger:\n{self._manage(stack, 'verify_ledger', '--with-provider')}")
        self._say(f"\nThe timeline of {reference}:")
        self._say(self._manage(stack, "case", "show", reference, "--by", "ada", "--reason", "The story is over"))
        self._say(self._manage(stack, "verify_timeline"))

    def _serve(self, stack: Stack) -> None:
        from demo.people import PASSWORD, PEOPLE

        web = stack.addresses["PUBLIC_URL"]
        self._say(f"\nBegin at {web}/demo/: who is who, five tours, and one click to be anybody. Ctrl-C stops.")
        for words, address in (
            ("Desk", f"{web}/desk/"),
            ("Portal", f"{web}/portal/"),
            ("Field", f"{web}/field/"),
            ("Is this message ours?", f"{web}/check/"),
            ("API schema", f"{web}/api/schema/"),
            ("Mail and text messages", stack.addresses["INBOX_URL"]),
            ("Issuer's simulator", stack.addresses["ISSUER_URL"]),
            ("Payments' simulator", stack.addresses["PAYMENTS_URL"]),
            ("Telephones' simulator", stack.addresses["TELEPHONY_URL"]),
            ("Voice gateway (SIP)", f"sip:127.0.0.1:{stack.addresses['VOICE_SIP_PORT']}"),
            ("Registry's simulator", stack.addresses["REGISTRY_CONTROL_URL"]),
            ("Temporal", stack.addresses["TEMPORAL_UI_URL"]),
        ):
            self._say(f"  {words:24}{address}")
        self._say(f"Accounts, all with the password “{PASSWORD}”:")
        for person in PEOPLE:
            self._say(f"  {person.username:10}{person.kind:18}{person.line}")
        signal.pause()

    def _manage(self, stack: Stack, *command: str) -> str:
        """Runs one of our own commands on the stack; gives what it printed. Raises `Lost` with its error."""
        done = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *command],
            env={**os.environ, **stack.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise Lost(f"manage.py {' '.join(command)} failed: {done.stderr.strip()[-600:]}")
        return done.stdout.strip()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _interrupt(*_: object) -> None:
    """The first signal ends it. While everything stops, further signals are ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
