"""What the process has done in a call: the customer is rung, hears what is to be paid, and keys in what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.payments.voice import gateway, linking, spending
from backoffice.payments.voice.models import Reading, VoiceCall, VoicePayment
from backoffice.payments.voice.records import call_under_way, payment_of
from backoffice.payments.voice.spoken_orders import SPOKEN
from backoffice.refusals import Conflict
from backoffice.telephony import by_voice
from backoffice.telephony.models import CallOutcome, CallState
from backoffice.voice.contract import (
    Ask,
    Capture,
    Command,
    Dial,
    HangUp,
    Item,
    Part,
    Role,
    Say,
    State,
    TelephoneState,
)
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import Commanded, Mode, Prepared, Saying, Verdict

RINGS_FOR = 45.0
AGENT_RINGS_FOR = 15.0
"""Seconds."""
WHOLE_CARD = (Item.CARD_NUMBER, Item.EXPIRY, Item.SECURITY_CODE)
KNOWN_CARD = (Item.SECURITY_CODE,)
AGREES, AGAIN = "1", "2"


def prepare(*, case: Case, args: Nothing, now: datetime) -> Prepared:
    """Writes the call before anything rings, so that the customer can look whether it is us. Numbers and minutes are
    looked at once more: days may have passed since the order."""
    payment = payment_of(case)
    number = payment.calls.count() + 1
    try:
        spending.refuse(payment, now=now)
        call = by_voice.dial(
            customer=case.customer,
            point=payment.point,
            purpose="voice_payment",
            case_id=case.id,
            case_reference=case.reference,
            key=f"{case.id}:{number}",
            by=system(),
            now=now,
        )
    except Conflict as refused:
        timeline.note(case, "payment.not_rung", by=system(), data={"because": refused.code}, at=now)
        spending.warn(payment, now=now)
        return Prepared()
    linking.void(payment, now=now)
    VoiceCall.objects.create(payment=payment, call=call, number=number, placed_at=now, heard_at=now)
    timeline.note(case, "payment.rung", by=system(), data={"try": str(number)}, at=now)
    spending.warn(payment, now=now)
    return Prepared(number=number)


def ring(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Commanded]:
    """The customer alone; in the same call the agent first, who is put through to the customer."""
    payment, call = payment_of(case), call_under_way(payment_of(case))
    if call is None:
        return _commanded(None)
    first = Dial(
        key=f"{call.id}:ring",
        conversation=call.conversation,
        role=Role.CUSTOMER,
        number=payment.point.value,
        ring_for=RINGS_FOR,
    )
    if payment.mode == Mode.SAME_CALL:
        first = Dial(
            key=first.key,
            conversation=first.conversation,
            role=Role.AGENT,
            number=payment.agent.telephone,
            ring_for=RINGS_FOR,
            then=payment.point.value,
        )
    return _commanded(gateway.have_done(first), call)


def hang_up(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Ends the call, but leaves two who talk with each other alone."""
    call = call_under_way(payment_of(case))
    talk_on = call is not None and _they_talk(call)
    if call is not None and not talk_on:
        gateway.have_done(HangUp(key=f"{call.id}:hang_up", conversation=call.conversation))

    def record(case: Case, now: datetime) -> Nothing:
        if call is not None:
            end(call, now=now, talk_on=talk_on)
        return Nothing()

    return record


def read_out(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Commanded]:
    """Reads out what is ordered now, and asks for 1, 2 or the star; nobody agrees before they have heard all of it. The
    agent hears nothing of it."""
    payment, call = payment_of(case), call_under_way(payment_of(case))
    if call is None:
        return _commanded(None)
    known = linking.valid(payment)
    text = linking.sentence(payment, is_new=known is None)
    version, sha256, language = payment.version, linking.digest(payment), linking.language_of(payment)
    asked = key.rpartition(":")[2]
    ask = Ask(
        key=f"{call.id}:read:{version}:{asked}",
        conversation=call.conversation,
        text=text,
        language=language.value,
        choices=(AGREES, AGAIN),
        whole=True,
        seconds=20.0,
    )
    state = gateway.have_done(*_parted(call), ask)

    def record(case: Case, now: datetime) -> Commanded:
        """A reading is written once for each version, as it was said; agreeing to it comes later."""
        if state is not None and known is None and payment.version == version:
            linking.void(payment, now=now)
            Reading.objects.create(
                payment=payment,
                call=call,
                version=version,
                sha256=sha256,
                text=text,
                language=language.value,
                read_at=now,
            )
            timeline.note(case, "payment.read_out", by=system(), data={"sha256": sha256}, at=now)
        return _commanded(state, call)(case, now)

    return record


def ring_agent(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Commanded]:
    """Not taken where the agent is there already, or has no telephone that we ring."""
    payment, call = payment_of(case), call_under_way(payment_of(case))
    if call is None or call.agent == TelephoneState.UP or not payment.agent.may_be_rung:
        return _commanded(None)
    dial = Dial(
        key=f"{call.id}:agent:{key.rpartition(':')[2]}",
        conversation=call.conversation,
        role=Role.AGENT,
        number=payment.agent.telephone,
        ring_for=AGENT_RINGS_FOR,
    )
    return _commanded(gateway.have_done(dial), call)


def take_keys(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Commanded]:
    """The agent, if one is there, is joined without a moment in which they hear anything; then the customer keys in."""
    payment, call = payment_of(case), call_under_way(payment_of(case))
    if call is None:
        return _commanded(None)
    capture = Capture(
        key=f"{call.id}:keys:{key.rpartition(':')[2]}",
        conversation=call.conversation,
        items=KNOWN_CARD if payment.card_id else WHOLE_CARD,
        language=linking.language_of(payment).value,
        join=call.agent == TelephoneState.UP,
    )
    return _commanded(gateway.have_done(capture), call)


def say(*, case: Case, args: Saying, key: str, asked_at: datetime, now: datetime) -> Record[Commanded]:
    """What came of it, to the customer alone."""
    payment, call = payment_of(case), call_under_way(payment_of(case))
    if call is None:
        return _commanded(None)
    told = Say(
        key=f"{call.id}:say:{key.rpartition(':')[2]}",
        conversation=call.conversation,
        role=Role.CUSTOMER,
        text=verdict_in_words(payment, args.verdict),
        language=linking.language_of(payment).value,
    )
    return _commanded(gateway.have_done(told), call)


def verdict_in_words(payment: VoicePayment, verdict: Verdict) -> str:
    return SPOKEN[linking.language_of(payment)].verdicts[verdict]


def end(call: VoiceCall, *, now: datetime, outcome: CallOutcome = CallOutcome.SPOKEN, talk_on: bool = False) -> None:
    """Within `changing`: nothing more is expected of this call, and its live state ends, too. `outcome` is what came of
    it where somebody had answered. Where both `talk_on`, its lines stay open."""
    fresh = VoiceCall.objects.select_related("call").get(pk=call.pk)
    if fresh.ended_at is None:
        fresh.ended_at, fresh.item, fresh.keying, fresh.is_cut = now, "", "", False
        fresh.save(update_fields=["ended_at", "item", "keying", "is_cut"])
    if fresh.lines_closed_at is None and not talk_on:
        fresh.lines_closed_at = now
        fresh.save(update_fields=["lines_closed_at"])
    if fresh.call.is_over:
        return
    answered = fresh.call.answered_at is not None
    by_voice.over(
        call_id=fresh.call_id,
        to=CallState.ENDED if answered else CallState.NOT_ANSWERED,
        outcome=outcome.value if answered else CallOutcome.NO_ANSWER.value,
        now=now,
    )


def _they_talk(call: VoiceCall) -> bool:
    return call.is_joined and not call.is_cut and call.customer == call.agent == TelephoneState.UP


def _parted(call: VoiceCall) -> Sequence[Command]:
    if not call.is_joined:
        return ()
    return (Part(key=f"{call.id}:part:{call.last_event}", conversation=call.conversation),)


def _commanded(state: State | None, call: VoiceCall | None = None) -> Record[Commanded]:
    """What the gateway says of both telephones, for the live state. Events say it, too; one that came meanwhile knows
    more, also of two who are joined by now."""

    def record(case: Case, now: datetime) -> Commanded:
        if state is None or call is None:
            return Commanded(taken=False)
        fresh = VoiceCall.objects.select_for_update().get(pk=call.pk)
        if fresh.ended_at is None and not fresh.instance:
            fresh.instance = state.instance
        fresh.heard_at, fresh.missed_at = now, None
        if state.events >= fresh.last_event:
            fresh.is_joined, fresh.is_cut = state.joined, state.cut
        fresh.save(update_fields=["instance", "heard_at", "missed_at", "is_joined", "is_cut"])
        return Commanded()

    return record
