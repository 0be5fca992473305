"""What people do in the played week, each through the rule that their face calls."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db.models import Q
from django.utils import timezone

from backoffice.actors import Actor, Channel, Level
from backoffice.cards.models import Card, CardReissue, Reason, Shipping
from backoffice.cards.reissue import opening, signals
from backoffice.cards.reissue.understanding import Details
from backoffice.cases import answering, worklist
from backoffice.cases.answering import Session
from backoffice.cases.catalogue import item_kind
from backoffice.cases.models import Case, ItemState, PerformerKind, WorkItem
from backoffice.cases.windows import Window
from backoffice.customers.models import Customer
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.trust import assurance
from backoffice.visits import handshake
from backoffice.visits.booking import places
from backoffice.visits.offering import enter_slot
from demo.living import outside
from demo.living.clock import Loop
from demo.living.engine import Engine

T = TypeVar("T")
OPENED_BY = "demonstration:"
"""How the keys begin with which the cases of the played week were opened."""
_CHANNELS = {"viktor": Channel.FIELD, "vera": Channel.FIELD}


class People:
    """Everybody who acts, and the loop on whose clock they do. `now` is the present at which the week ends."""

    def __init__(self, loop: Loop, engine: Engine, *, now: datetime) -> None:
        self.loop, self.engine, self.now = loop, engine, now
        self._staff: dict[str, User] = {}

    # --- who ----------------------------------------------------------------------------------------------------------

    def staff(self, username: str) -> Actor:
        if username not in self._staff:
            self._staff[username] = User.objects.get(username=username)
        return actor_of(user=self._staff[username], channel=_CHANNELS.get(username, Channel.DESK), proof="totp")

    def user(self, username: str) -> User:
        self.staff(username)
        return self._staff[username]

    @staticmethod
    def customer(customer: Customer) -> Actor:
        return actor_of(user=_account(customer), channel=Channel.PORTAL, proof="password")

    # --- when ---------------------------------------------------------------------------------------------------------

    async def when(self, moment: datetime) -> None:
        await self.loop.until(moment)

    async def later(self, **span: float) -> None:
        await self.loop.until(self.loop.now() + timedelta(**span))

    async def found(self, case: Case, look: Callable[[], T | None]) -> T:
        """What `look` finds, once it finds it: it looks again whenever the case or its family has changed."""
        root = case.root_id_or_own
        while True:
            seen = self.engine.steps[root]
            found = look()
            if found is not None:
                return found
            await self.loop.holds(partial(self.engine.has_gone_on, root, seen))

    async def item(self, case: Case, kind: str) -> WorkItem:
        """The open work item of this kind."""
        items = WorkItem.objects.filter(case=case, kind=kind, state=ItemState.OPEN)
        return await self.found(case, items.first)

    async def stage(self, case: Case, stage: str) -> None:
        """Until the case is in this stage."""
        await self.found(case, Case.objects.filter(id=case.id, stage=stage).first)

    async def visit(self, case: Case) -> Case:
        """The home visit under the case."""
        return await self.found(case, Case.objects.filter(parent=case).order_by("-opened_at").first)

    async def below(self, case: Case, process: str) -> Case:
        """The newest case of that process under the case."""
        return await self.found(case, Case.objects.filter(parent=case, process=process).order_by("-opened_at").first)

    # --- what ---------------------------------------------------------------------------------------------------------

    async def did(self, case: Case) -> None:
        """Brings what was written to the process."""
        await self.engine.relay(case.root_id_or_own)

    async def report(self, card: Card, reason: Reason, *, by: Actor, payments: list[dict[str, str]]) -> Case:
        """Somebody reports a card, or a detector the `payments` that look like misuse."""
        key, now = f"{OPENED_BY}{card.issuer_token}", timezone.now()
        if payments:
            case, _new = signals.fraud_signalled(signal_id=key, card=card, by=by, now=now)
            signals.note_details(signal_id=key, details=Details(payments=payments), by=by, now=now)
        else:
            case, _new = opening.open_reissue(card=card, reason=reason, by=by, key=key, now=now)
        await self.did(case)
        return case

    async def answer(self, case: Case, kind: str, who: str = "", **data: Any) -> WorkItem:
        """The item is answered by a member of staff, or by the customer, who confirms who they are where it asks so."""
        item = await self.item(case, kind)
        if item.performer == PerformerKind.CUSTOMER:
            by, session = self.customer(case.customer), _session(case, item)
        else:
            by, session = self.staff(who), None
        answering.answer(item_id=item.id, by=by, data=data, session=session, now=timezone.now())
        await self.did(case)
        return item

    async def take(self, case: Case, who: str, *, given_by: str = "") -> None:
        """A member of staff takes the item of the case, or of the visit under it, that waits for their role; or a
        supervisor hands it over to them."""
        waiting = worklist.open_items().filter(Q(case=case) | Q(case__parent=case), performer=PerformerKind.ROLE)
        item = await self.found(case, waiting.first)
        if given_by:
            giver = self.user(given_by)
            worklist.hand_over(item_id=item.id, to=self.user(who), by=self.staff(given_by), user=giver)
        else:
            worklist.claim(item_id=item.id, by=self.staff(who), user=self.user(who))
        await self.did(case)

    def draft(self, case: Case, item: WorkItem, **data: Any) -> None:
        answering.save_draft(item_id=item.id, by=self.customer(case.customer), data=data, now=timezone.now())

    async def letter(self, case: Case, *steps: Shipping, days: float = 1) -> None:
        """The letter with the new card goes on, a step each so many days."""
        for step in steps:
            await self.later(days=days)
            card = CardReissue.objects.select_related("new_card").get(case=case).new_card
            if card is None:
                raise ValueError("no card was ordered")
            outside.report(self.loop, card, step)
            await self.did(case)

    async def book(self, visit: Case, visitor: str, starts: datetime, *, hours: float = 2) -> None:
        """A window is put into the visitor's calendar, and the customer chooses it."""
        await self.item(visit, "choose_visit")
        ends = starts + timedelta(hours=hours)
        enter_slot(visitor=self.user(visitor), starts=starts, ends=ends)
        place = str(places(visit.customer)[0].pk)
        await self.answer(visit, "choose_visit", how="visit", window=Window(starts, ends).key, place=place)

    async def meet(self, visit: Case, visitor: str, starts: datetime) -> None:
        """The visitor checks in, the customer opens, and each proves to the other who they are."""
        await self.when(starts + timedelta(minutes=12))
        await self.answer(visit, "check_in", visitor)
        await self.later(minutes=1)
        await self.answer(visit, "meet_customer", visitor, outcome="opened")
        await self.later(minutes=1)
        half_b = handshake.half_b(visit, visitor=self.user(visitor), now=timezone.now())
        await self.answer(visit, "compare_half", half=half_b)
        half_a = handshake.half_a(visit, by=self.customer(visit.customer), now=timezone.now())
        await self.later(minutes=1)
        await self.answer(visit, "enter_half", visitor, half=half_a)

    async def check_identity(self, visit: Case, visitor: str, outcome: str = "match", remarks: str = "") -> None:
        await self.later(minutes=4)
        await self.answer(
            visit, "id_check", visitor, outcome=outcome, portrait="yes" if outcome == "match" else "no",
            document="passport", valid_until="2031-05-17", last_signs="7K2P", remarks=remarks,
        )  # fmt: skip


def _account(customer: Customer) -> User:
    if customer.user is None:
        raise ValueError(f"customer {customer.public_id} has no account")
    return customer.user


def _session(case: Case, item: WorkItem) -> Session:
    """A new session of the customer, in which they have just shown what the item asks for."""
    session = Session(user=_account(case.customer), key=f"{uuid.uuid4().hex}{secrets.token_hex(4)}")
    if item_kind(case.process, item.kind).level >= Level.CONFIRMED:
        assurance.grant(
            user=session.user, session_key=session.key, case_id=case.id, action=item.step, level=Level.CONFIRMED,
            method="totp", now=timezone.now(),
        )  # fmt: skip
    return session
