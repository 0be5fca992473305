"""`manage.py demo_prepare`: what the stories need in addition to the people: a card that can be misused, free visitors,
domains that can be given away, and a fraud on which nobody has decided lately."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from backoffice.actors import Channel
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cases import withdrawing
from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import Customer
from backoffice.staff.models import Role, User
from backoffice.staff.roles import actor_of
from backoffice.visits.models import Slot, VisitState
from demo import data, domains, frauds, payments, shop
from demo.calendars import offer_demo_slots, staff_demo_hours

DEMONSTRATION_CARDS = "ic_demo_"
"""How the issuer's tokens of the demonstration's cards begin."""
FIRST = "ic_demo_maria"
"""The card of which the story tells when it is played for the first time."""


class Command(BaseCommand):
    help = "Prepares the stories on the demonstration's people; prints, as JSON, the card and domains they are about."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_MODE or settings.PRODUCTION:
            raise CommandError("Demonstration mode is off: set COUNTERSIGN_DEMO=1.")
        maria = Customer.objects.get(user__username="maria")
        self._stop_interrupted()
        now = datetime.now(UTC)
        busy = CardReissue.objects.filter(live=True).values("card")
        first = Card.objects.filter(issuer_token=FIRST, state=CardState.ACTIVE).exclude(id__in=busy).first()
        card = first or self._another(maria, now)
        self._seed([card, *Card.objects.filter(issuer_token__startswith=DEMONSTRATION_CARDS).exclude(id=card.id)])
        self._end_finished_windows(now)
        visitors = User.objects.filter(groups__name=Role.FIELD.value, is_active=True).order_by("id")
        offer_demo_slots(visitors=list(visitors), now=now)
        supervisor = actor_of(user=User.objects.get(username="sam"), channel=Channel.COMMAND_LINE)
        staff_demo_hours(by=supervisor, now=now)
        shop.prepare(now=now)
        frauds.let_rest(now=now)
        given = domains.for_story(now=now)
        domains.tell_registry()
        told = {"token": card.issuer_token, "last_four": card.last_four}
        self.stdout.write(json.dumps({"card": told, "domains": given, "earlier_phone": data.earlier_phone()}))

    def _stop_interrupted(self) -> None:
        """Stops what an interrupted story left open, so that its visitor is free, and its domain; waits until its
        process has ended. The shop stays a merchant."""
        supervisor = User.objects.get(username="sam")
        by = actor_of(user=supervisor, channel=Channel.COMMAND_LINE)
        stopped = []
        theirs = Case.objects.filter(customer__user__username__in=data.STORY, parent=None)
        for case in theirs.exclude(state=CaseState.CLOSED).exclude(process="merchant_admission"):
            if not withdrawing.why_not_withdraw(case, by=by):
                withdrawing.withdraw(case_id=case.id, by=by, reason="An earlier demonstration was interrupted.")
                stopped.append(case.id)
        deadline = time.monotonic() + 30
        family = Case.objects.filter(Q(id__in=stopped) | Q(parent_id__in=stopped)).exclude(state=CaseState.CLOSED)
        while stopped and family.exists() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _another(self, maria: Customer, now: datetime) -> Card:
        """Once a story has replaced her card she gets one more: her others have payments that no story knows."""
        return Card.objects.create(
            customer=maria,
            issuer_token=f"ic_demo_maria_{secrets.token_hex(4)}",
            brand="Visa",
            last_four=f"{secrets.randbelow(10_000):04d}",
            expiry_month=9,
            expiry_year=now.year + 2,
            state=CardState.ACTIVE,
        )

    def _seed(self, cards: list[Card]) -> None:
        """Lets the issuer's simulator know the cards; those that it knows stay as they are."""
        told: list[dict[str, str | int]] = [
            {
                "token": card.issuer_token,
                "last4": card.last_four,
                "brand": "Visa",
                "exp_month": card.expiry_month,
                "exp_year": card.expiry_year,
            }
            for card in cards
        ]
        requests.post(f"{settings.ISSUER_URL}/_sim/cards", json={"cards": told}, timeout=10).raise_for_status()
        payments.tell_simulators(cards[:1])

    def _end_finished_windows(self, now: datetime) -> None:
        """Makes visitors free again whose visit is over, so that the story can be played again at once."""
        over = Slot.objects.filter(taken_by__state=VisitState.ENDED, starts__lte=now, ends__gt=now)
        for slot in over:
            slot.ends = now.replace(second=0, microsecond=0)
            slot.save(update_fields=["ends"])
