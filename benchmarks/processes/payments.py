"""Recurring payments of cards with a new number: three for each, of which the network moves two and one is ticked
off."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.processes.script import Script, customer_actor


class AutopayUpdate(Script):
    name = "autopay_update"
    codes = "AEN"
    """What the account updater answers of each case's payments."""

    def make(self, count: int) -> list[Any]:
        """Cards that replace another one, with payments in our register."""
        return [self._renewed() for _ in range(count)]

    def open_case(self, subject: Any) -> uuid.UUID:
        return self._open(subject.customer, customer_actor(subject.customer), card=str(subject.public_id))

    def move_the_rest(self, item: Any) -> Mapping[str, str]:
        from backoffice.cards.autopay import lines

        return {f"line_{one.public_id.hex}": "moved" for one in lines.to_do(lines.update_of(item.case))}

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        """The batches that the account updater has and has not answered."""
        from backoffice.cards.autopay.models import AutopayUpdate, NetworkAnswer

        sent = AutopayUpdate.objects.filter(case__in=cases, sent_at__isnull=False, settled_at=None)
        return list(sent.filter(lines__answer=NetworkAnswer.NONE).distinct())

    def report(self, letter: Any) -> None:
        from backoffice.actors import Actor, ActorKind, Channel
        from backoffice.cards.autopay import answers, files

        now = datetime.now(UTC)
        lines = [
            files.AnsweredLine(line.public_id, code)
            for line, code in zip(letter.lines.order_by("position"), self.codes, strict=False)
        ]
        updater = Actor(kind=ActorKind.OUTSIDE, id="account_updater", channel=Channel.API, proof="signature")
        answers.take(response=files.Response(letter.batch, 1, now, lines), by=updater, now=now)

    def _renewed(self) -> Any:
        from backoffice.actors import system
        from backoffice.cards.autopay import mandates
        from backoffice.cards.models import Card, CardState

        now, customer = datetime.now(UTC), self._make_customer()
        shared = {"customer": customer, "brand": "VISA", "expiry_month": 9, "expiry_year": now.year + 2}
        cards = [
            Card.objects.create(
                issuer_token=f"ic_bench_{uuid.uuid4().hex}",
                last_four=f"{uuid.uuid4().int % 10_000:04d}",
                state=state,
                **shared,
            )
            for state in (CardState.CLOSED, CardState.ACTIVE)
        ]
        cards[1].replaces = cards[0]
        cards[1].save(update_fields=["replaces"])
        for name in ("Example Energy", "Example Music", "Example Gym"):
            due = (now + timedelta(days=9)).date()
            mandates.add(customer=customer, card=cards[0], biller=name, next_debit=due, by=system(), now=now)
        return cards[1]
