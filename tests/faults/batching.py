"""Drives autopay updates on a running stack by the rule functions, and holds worker and web at chosen moments of them;
runs in a process of its own (see `inside`)."""

from __future__ import annotations

import uuid
from typing import Any

import requests
from django.conf import settings

from backoffice.cards.autopay.models import AutopayUpdate, Line, UpdaterResponse
from backoffice.cases.models import Alarm, Case, CaseState
from backoffice.cases.opening import open_case
from tests.cards.autopay.updating import make_mandate, make_renewed
from tests.factories import make_customer
from tests.faults.driving import in_the_day, until
from tests.faults.holding import hold_rows, let_all_go, let_go
from tests.playing import customer_actor

LINES = 3
TWO_DAYS = 2 * 86_400
"""In seconds: so long the updater takes."""
_ROWS = {
    "record": "SELECT 1 FROM cards_autopayupdate WHERE case_id = %s FOR NO KEY UPDATE",
    "answer": "SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE",
}


def opened() -> str:
    """An update of a card with so many recurring payments as `LINES`; gives the case's id."""
    card = make_renewed(make_customer(time_zone=in_the_day()))
    for one in (card.replaces, card):
        assert one is not None
        seed: dict[str, str | int] = {
            "token": one.issuer_token,
            "last4": one.last_four,
            "brand": "Visa",
            "exp_month": 9,
            "exp_year": 2030,
        }
        requests.post(f"{settings.ISSUER_URL}/_sim/cards", json=seed, timeout=10).raise_for_status()
    for _line in range(LINES):
        make_mandate(card)
    by = customer_actor(card.customer)
    content = {"card": str(card.public_id)}
    case, _new = open_case(
        process="autopay_update", customer=card.customer, by=by, key=str(uuid.uuid4()), content=content
    )
    return str(case.id)


def ends(*, case_id: str, seconds: float = 90) -> None:
    until(lambda: Case.objects.get(id=case_id).state == CaseState.CLOSED, "not closed", case_id, seconds)


# --- the moments ------------------------------------------------------------------------------------------------------


def hold(*, case_id: str, before: str) -> None:
    """The worker cannot go on `before` the "record" that the batch is sent, or the web before the "answer" to it."""
    hold_rows(_ROWS[before], case_id, case_id=case_id, before=before)


def is_taken(*, case_id: str) -> None:
    """Until the updater has the batch."""
    until(lambda: _batch(case_id) in batches(), "not taken there", case_id, 30)


def is_recorded(*, case_id: str) -> None:
    """Until our record says that it was sent."""
    until(lambda: _update(case_id).sent_at is not None, "not recorded", case_id, 30)


def is_answered(*, case_id: str) -> None:
    """Until our record has an answer for every line."""
    until(lambda: answered(case_id=case_id) == LINES, "not answered", case_id, 30)


def answered(*, case_id: str) -> int:
    """How many lines have an answer in our records."""
    return Line.objects.filter(update_id=uuid.UUID(case_id)).exclude(answer="").count()


def stands(*, case_id: str) -> tuple[bool, bool, int]:
    """Whether the updater has the batch, whether we know that it was sent, and how many lines have their answer."""
    return _batch(case_id) in batches(), _update(case_id).sent_at is not None, answered(case_id=case_id)


def of_batch(*, number: int) -> str:
    """The case of the batch that the updater took as this one since it began, counted from the end as well."""
    return str(AutopayUpdate.objects.get(batch=uuid.UUID(batches()[number])).case_id)


# --- what became of it ------------------------------------------------------------------------------------------------


def payments(*, case_id: str) -> dict[str, Any]:
    """What became of each payment, in our records."""
    update = _update(case_id)
    lines = Line.objects.filter(update=update).select_related("mandate")
    return {
        "lines": sorted({(line.answer, line.state, line.settled_by) for line in lines}),
        "with the new card": sum(line.mandate.card_id == update.card_id for line in lines),
        "responses": UpdaterResponse.objects.filter(key__startswith=update.batch.hex).count(),
        "apart": Alarm.objects.filter(key__contains=update.batch.hex).count(),
    }


def two_days_pass() -> None:
    _updater("clock", {"advance": TWO_DAYS})


def lose_answer() -> None:
    """The updater takes the next batch, and nobody is told."""
    _updater("faults", {"lost_answer": {}})


def batches() -> list[str]:
    """Those that the updater has, in their order."""
    found: list[str] = _updater("state")["batches"]
    return found


def responses() -> dict[str, int]:
    """How many the updater has written, by what became of them."""
    found: dict[str, int] = _updater("state")["responses"]
    return found


def _update(case_id: str) -> AutopayUpdate:
    return AutopayUpdate.objects.select_related("card").get(case_id=case_id)


def _batch(case_id: str) -> str:
    return _update(case_id).batch.hex


def _updater(path: str, content: Any = None) -> Any:
    method = "GET" if content is None else "POST"
    answer = requests.request(method, f"{settings.UPDATER_URL}/_sim/{path}", json=content, timeout=10)
    answer.raise_for_status()
    return answer.json()


__all__ = ["let_all_go", "let_go"]
