"""Drives payments by telephone on a running stack by the rule functions, with the provider's simulator, and holds
whoever works on them at chosen moments; runs in a process of its own (see `inside`)."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import requests
import stripe
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases.models import CallRecord, Case, CaseState, Event
from backoffice.payments.ledger import verifying
from backoffice.payments.ledger.models import Posting
from backoffice.payments.provider.ports import Card, PaymentProvider, provider
from backoffice.payments.provider.reading import key_in
from backoffice.payments.voice import calling, fulfilling, linking, ordering
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.telephony.models import Call
from backoffice.voice.speech.kept import KeptSounds
from backoffice.voice.speech.prompts import kept_as
from backoffice.voice.speech.speaking import Speaker
from devstack import voice
from devstack.payments.store import Kind
from tests.factories import make_customer
from tests.faults.driving import in_the_day, until
from tests.faults.holding import hold_rows, let_all_go, let_go
from tests.payments.making import make_agent, make_card_on_file, make_shop
from workflows.voice_payment.facts import Verdict

AMOUNT = 25_00
READ_OUT, VERDICT = 0x2A, 0x3A
"""Tunes in the place of a text that is read out for seconds (see `telephones`), and of what is said in the end."""
_TUNE = 2400
"""Samples at 8 kHz: 0.3 s."""
_agents = itertools.count(7001)
_THE_RECORD = """
    INSERT INTO cases_callrecord (case_id, key, begun_at) VALUES (%s, %s || ':' || %s || ':1', now())
"""
"""The row of a call cannot be written while another transaction writes the same key: for most calls it is written once
they are answered, and for one of no return before it is made."""
_THE_CASE = "SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE"


def opened(*, card: str = "4242424242424242", on_file: bool = True, accompanied: bool = False) -> dict[str, str]:
    """An order of 25.00 EUR with a card that pays; without it `on_file` all of it is keyed in. Gives the `case`, the
    `number` of the customer's telephone, and that of the `agent` where one comes along."""
    customer = make_customer(time_zone=in_the_day(), days=4000)
    if on_file:
        _keep(card, customer)
    telephone = str(next(_agents)) if accompanied else ""
    agent = make_agent(make_shop(), telephone=telephone)
    number = str(customer.contact_points.get(kind="phone", superseded_at=None).value)
    told = {"amount": "25.00", "what_for": "tulips", "phone": number, "last_four": card[-4:], "mode": "call_out"}
    payment = ordering.order(agent=agent, data=told, key=str(uuid.uuid4()), by=_as_agent(payment_agent=agent))
    _tune(payment)
    return {"case": str(payment.case_id), "number": number, "agent": telephone}


def report(*, case_id: str, fulfilled: bool) -> None:
    """The merchant says whether it has delivered."""
    payment = _payment(case_id)
    fulfilling.report(
        payment=payment, fulfilled=fulfilled, by=_as_agent(payment_agent=payment.agent), now=timezone.now()
    )


def ends(*, case_id: str, seconds: float = 90) -> None:
    until(lambda: Case.objects.get(id=case_id).state == CaseState.CLOSED, "not closed", case_id, seconds)


def _as_agent(*, payment_agent: Any) -> Actor:
    return Actor(kind=ActorKind.OUTSIDE, id=str(payment_agent.public_id), channel=Channel.API, proof="token")


def _keep(number: str, customer: Any) -> None:
    there, card = _provider(), {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    params: Any = {"type": "card", "card": card}
    reference = _library().v1.payment_methods.create(params).id
    known = there.new_customer(key=f"{customer.pk}:customer:{uuid.uuid4()}")
    saved = there.save_card(reference, customer=known, key=f"{customer.pk}:card:{uuid.uuid4()}")
    assert isinstance(saved, Card)
    make_card_on_file(customer, reference=saved.reference, provider_customer=known, last_four=saved.last_four)


def _tune(payment: VoicePayment) -> None:
    """The gateway plays tunes in the place of what it would read out of this payment."""
    kept = KeptSounds(voice.prompts(Path(settings.DATA_DIR)))
    language = linking.language_of(payment)
    texts = {linking.sentence(payment, is_new=True): READ_OUT}
    texts |= {calling.verdict_in_words(payment, verdict): VERDICT for verdict in Verdict}
    for text, tune in texts.items():
        kept.put(kept_as(_speaker(), language, text), bytes([tune]) * _TUNE)


@cache
def _speaker() -> str:
    async def version() -> str:
        speaker = Speaker()
        try:
            return await speaker.version()
        finally:
            await speaker.close()

    return asyncio.run(version())


# --- the moments ------------------------------------------------------------------------------------------------------


def hold(*, case_id: str, before: str) -> None:
    """Nobody can go on in this case `before` the record of a call, by its name, or with "case" at all, until
    `let_go`."""
    if before == "case":
        hold_rows(_THE_CASE, case_id, case_id=case_id, before=before)
    else:
        hold_rows(_THE_RECORD, case_id, case_id, before, case_id=case_id, before=before, unchecked=True)


def is_at(*, case_id: str, stage: str, seconds: float = 45) -> None:
    until(lambda: Case.objects.get(id=case_id).stage == stage, f"not {stage}", case_id, seconds)


def has(*, case_id: str, event: str, times: int = 1, seconds: float = 45) -> None:
    """Until the timeline has so many events of this kind."""
    noted = Event.objects.filter(case_id=case_id, kind=f"payment.{event}")
    until(lambda: noted.count() >= times, f"no {event}", case_id, seconds)


def comes(*, case_id: str, event: str, seconds: float) -> bool:
    """Whether it has one within so many."""
    deadline = time.monotonic() + seconds
    while not Event.objects.filter(case_id=case_id, kind=f"payment.{event}").exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_prepared(*, case_id: str) -> None:
    """Until the call is written."""
    until(lambda: VoiceCall.objects.filter(payment__case_id=case_id).exists(), "no call written", case_id, 30)


def is_begun(*, case_id: str, call: str) -> None:
    """Until it is written that this call is made."""
    key = f"{case_id}:{call}:1"
    until(lambda: CallRecord.objects.filter(key=key).exists(), f"{call} not begun", case_id, 30)


def is_asked(*, case_id: str) -> None:
    """Until it is written that the bank is asked."""
    until(lambda: _payment(case_id).asked_at is not None, "the bank is not asked", case_id, 30)


def is_keying(*, case_id: str, item: str, stage: str = "typing") -> None:
    """Until our record says so of what the customer keys in."""

    def there() -> bool:
        call = VoiceCall.objects.filter(payment__case_id=case_id, ended_at=None).first()
        return call is not None and (call.item, call.keying) == (item, stage)

    until(there, f"not {stage} {item}", case_id, 30)


def is_there(*, case_id: str, status: str) -> None:
    """Until the provider has one payment of this case, and it is so far."""
    until(lambda: _statuses(case_id) == [status], f"not {status} there", case_id, 30)


def is_given_back(*, case_id: str) -> None:
    """Until the provider has refunded it."""
    until(lambda: len(_refunds(case_id)) == 1, "not refunded there", case_id, 30)


def faults(**wanted: Any) -> None:
    """Switches faults of the provider on."""
    _simulator("POST", "faults", wanted)


def no_faults() -> None:
    _simulator("DELETE", "faults")


def fault_is_used_up(*, case_id: str, name: str) -> None:
    """`case_id` is that of the case that it strikes."""
    until(lambda: name not in _simulator("GET", "faults"), f"{name} did not strike", case_id, 30)


def tokens() -> int:
    """How many security codes the provider has taken since it began."""
    things: dict[str, int] = _simulator("GET", "state")["things"]
    return things.get(Kind.TOKEN.words, 0)


def has_tokens(*, case_id: str, number: int) -> None:
    """Until it has taken so many."""
    until(lambda: tokens() == number, f"no {number} tokens", case_id, 30)


def reconnects() -> None:
    """Until our database answers again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            Case.objects.exists()
            return
        except DatabaseError:
            close_old_connections()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


# --- what became of it ------------------------------------------------------------------------------------------------


def stands(*, case_id: str) -> tuple[str, list[str], int]:
    """Where the money stands: by our record, in the provider's books, and how much has moved by the ledger."""
    moved = Posting.objects.filter(case_id=case_id).count()
    return _payment(case_id).money, _statuses(case_id), moved


def money(*, case_id: str) -> dict[str, Any]:
    """All that is written about the money of a case, here and there."""
    payment = _payment(case_id)
    there = [one for one in _intents() if key_in(one.metadata) == payment.provider_key]
    return {
        "here": payment.money,
        "there": [(one.status, one.amount_received) for one in there],
        "refunds": [(one.status, one.amount) for one in _refunds(case_id)],
        "ledger": dict(Counter(Posting.objects.filter(case_id=case_id).values_list("kind", flat=True))),
        "token": payment.token,
    }


def story(*, case_id: str) -> list[str]:
    """The kinds of all that is on the timeline, in its order, and how the last call stands."""
    noted = Event.objects.filter(case_id=case_id).order_by("number").values_list("kind", flat=True)
    calls = VoiceCall.objects.filter(payment__case_id=case_id).order_by("number")
    return [*noted, *(f"{one.customer} {one.item} {one.keying} {one.missed_at} {one.ended_at}" for one in calls)]


def calls(*, case_id: str) -> list[str]:
    """The states in which our records have the calls of the case."""
    return list(Call.objects.filter(case_id=case_id).order_by("announced_at").values_list("state", flat=True))


def seconds_until_lost(*, case_id: str, since: float) -> float:
    """From this time (Unix) until the process was told that the line is lost."""
    lost = Event.objects.filter(case_id=case_id, kind="payment.line_lost").earliest("number")
    return lost.at.timestamp() - since


def ledger() -> tuple[list[str], list[int]]:
    """What is wrong with the ledger, and the sums of all balances."""
    found = verifying.verify()
    return list(found.wrong), [one.minor for one in found.sums]


def is_paid(*, case_id: str, seconds: float = 90) -> None:
    paid = (MoneyState.CAPTURED, MoneyState.REFUNDED)
    until(lambda: _payment(case_id).money in paid, "not paid", case_id, seconds)


def _payment(case_id: str) -> VoicePayment:
    return VoicePayment.objects.select_related("agent").get(case_id=case_id)


def _statuses(case_id: str) -> list[str]:
    key = _payment(case_id).provider_key
    return [one.status for one in _intents() if key_in(one.metadata) == key]


def _intents() -> list[stripe.PaymentIntent]:
    return list(_library().v1.payment_intents.list({"limit": 100}).auto_paging_iter())


def _refunds(case_id: str) -> list[stripe.Refund]:
    payment = _payment(case_id).provider_payment
    return list(_library().v1.refunds.list({"payment_intent": payment, "limit": 100}).auto_paging_iter())


def _provider() -> PaymentProvider:
    found = provider()
    assert found is not None
    return found


@cache
def _library() -> stripe.StripeClient:
    """The provider's own library, without anything of ours."""
    return stripe.StripeClient(
        settings.PAYMENTS_KEY, base_addresses={"api": settings.PAYMENTS_URL}, max_network_retries=0
    )


def _simulator(method: str, path: str, content: Any = None) -> Any:
    answer = requests.request(method, f"{settings.PAYMENTS_URL}/_sim/{path}", json=content, timeout=10)
    answer.raise_for_status()
    return answer.json()


__all__ = ["let_all_go", "let_go"]
