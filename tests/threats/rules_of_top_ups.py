"""The calls of `rule_calls` for the rules of top-ups and of cards on file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backoffice.actors import Actor
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.top_up import calling, codes
from backoffice.staff.models import User
from backoffice.voice.contract import INCOMING, Event, Left, Role, Why
from tests.factories import now
from tests.payments.making import make_card_on_file
from tests.threats.people import World

_LEFT = Event(
    instance="i", conversation=f"{INCOMING}1", number=1, at=now(), what=Left(role=Role.CUSTOMER, why=Why.HUNG_UP)
)
CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "payments.cards_on_file.keeping.forget": lambda w, by, user: keeping.forget(
        card=make_card_on_file(w.customer()), by=by, now=now()
    ),
    "payments.cards_on_file.keeping.keep": lambda w, by, user: keeping.keep(
        customer=w.customer(), token="pm_1", by=by, now=now()
    ),
    "payments.top_up.calling.take": lambda w, by, user: calling.take(_LEFT, by=by, now=now()),
    "payments.top_up.codes.show": lambda w, by, user: codes.show(case_id=w.cases["own"].id, by=by, now=now()),
}
