"""What the voice gateway tells of the calls for payments: it moves our rows, and tells the process what it came to.

Events come in order, but late, twice or not at all; who watches the calls (`watching.py`) makes up for those that do
not come. All is written under the lock of the case.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

import msgspec
import structlog

from backoffice.actors import Actor
from backoffice.cases import incidents, timeline
from backoffice.cases.models import Case, CaseState, IncidentKind
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.payments.voice import calling, linking, rights
from backoffice.payments.voice.models import CONVERSATION, CleanLeg, Reading, VoiceCall
from backoffice.staff.rights import needs
from backoffice.telephony import by_voice, states
from backoffice.telephony.models import CallOutcome, CallState
from backoffice.voice.contract import (
    Answered,
    Asked,
    AskedEnd,
    Captured,
    CleanWindow,
    Event,
    Keying,
    Left,
    Outcome,
    PromptOver,
    Ringing,
    Role,
    TelephoneState,
    Why,
)
from backoffice.voice.gateway.proving import digest
from workflows.voice_payment.facts import Heard, Told
from workflows.voice_payment.spec import TOLD

log = structlog.get_logger(__name__)
_CAPTURED: Mapping[Outcome, Heard] = {
    Outcome.STOPPED: Heard.STOPPED,
    Outcome.GIVEN_UP: Heard.NOTHING_KEYED,
    Outcome.DECLINED: Heard.NOT_ACCEPTED,
    Outcome.UNAVAILABLE: Heard.PROVIDER_AWAY,
}
"""A customer who hung up in the middle is told of by the event that says so."""
_NOT_AGREED: Mapping[AskedEnd, Heard] = {
    AskedEnd.WRONG: Heard.NOTHING_KEYED,
    AskedEnd.SILENT: Heard.NOTHING_KEYED,
    AskedEnd.UNSAID: Heard.LOST,
}
_LOST = frozenset({Why.LOST, Why.FAILED})


@needs(rights.TELL_CALL)
def take(event: Event, *, by: Actor, now: datetime) -> bool:
    """Takes an event at `now` (aware UTC); gives whether it changed something."""
    call_id = _id_of(event.conversation)
    case_id = call_id and VoiceCall.objects.filter(pk=call_id).values_list("payment_id", flat=True).first()
    if not call_id or not case_id:
        log.warning("an event of a call for a payment that we do not know")
        return False
    with changing(case_id) as case:
        call = VoiceCall.objects.select_for_update(of=("self",)).select_related("payment__card", "call").get(pk=call_id)
        if event.number <= call.last_event or call.instance not in ("", event.instance):
            return False
        call.instance, call.last_event, call.heard_at, call.missed_at = event.instance, event.number, now, None
        heard = _Hearing(case, call, by, now).hear(event)
        call.save()
        by_voice.still_on(call_id=call.call_id, now=now)
        if heard is not None:
            signal(case, TOLD, Told(call=call.number, what=heard))
    return True


def take_event(event: Event, by: Actor, now: datetime) -> bool:
    """As `telephony.conversations` takes it."""
    return take(event, by=by, now=now)


@needs(rights.TELL_CALL)
def lost(*, call_id: uuid.UUID, by: Actor, now: datetime) -> None:
    """The gateway is gone, or knows nothing of the call: so is the line."""
    case_id = VoiceCall.objects.filter(pk=call_id).values_list("payment_id", flat=True).first()
    if case_id is None:
        return
    with changing(case_id) as case:
        call = VoiceCall.objects.select_for_update(of=("self",)).select_related("call").get(pk=call_id)
        if call.ended_at is not None:
            return
        timeline.note(case, "payment.line_lost", by=by, data={"try": str(call.number)}, at=now)
        calling.end(call, now=now, outcome=CallOutcome.BROKEN_OFF)
        signal(case, TOLD, Told(call=call.number, what=Heard.LOST))


def _id_of(conversation: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(conversation.removeprefix(CONVERSATION))
    except ValueError:
        return None


class _Hearing:
    """One event, in the unit of work that takes it. Each method gives what the process must know, None for nothing."""

    def __init__(self, case: Case, call: VoiceCall, by: Actor, now: datetime) -> None:
        self.case = case
        self.call = call
        self.by = by
        self.now = now

    def hear(self, event: Event) -> Heard | None:
        match event.what:
            case Ringing(role=role):
                self._rings(role)
            case Answered(role=role):
                return self._answered(role)
            case Left() as left:
                return self._left(left)
            case Asked() as asked:
                return self._asked(asked)
            case Keying(item=item, stage=stage):
                self.call.item, self.call.keying, self.call.is_cut = item.value, stage.value, self.call.is_joined
            case Captured() as captured:
                return self._captured(captured)
            case PromptOver():
                return Heard.SAID
        return None

    def _rings(self, role: Role) -> None:
        setattr(self.call, role.value, TelephoneState.RINGING.value)
        if role is Role.CUSTOMER:
            self._move(CallState.RINGING)

    def _answered(self, role: Role) -> Heard:
        setattr(self.call, role.value, TelephoneState.UP.value)
        if role is Role.AGENT:
            return Heard.AGENT_THERE
        self.call.is_joined = self.call.agent == TelephoneState.UP
        self._move(CallState.ANSWERED)
        timeline.note(self.case, "payment.answered", by=self.by, at=self.now)
        return Heard.ANSWERED

    def _left(self, left: Left) -> Heard:
        setattr(self.call, left.role.value, TelephoneState.OVER.value)
        self.call.is_joined = self.call.is_cut = False
        if left.role is Role.AGENT:
            alone = self.call.customer == ""
            return Heard.NOT_ANSWERED if alone else Heard.AGENT_AWAY
        self.call.item = self.call.keying = ""
        self.call.ended_at = self.call.ended_at or self.now
        self.call.lines_closed_at = self.call.lines_closed_at or self.now
        self.call.save()
        busy = left.why is Why.BUSY
        outcome = CallOutcome.BROKEN_OFF if left.why in _LOST else CallOutcome.SPOKEN
        calling.end(self.call, now=self.now, outcome=outcome)
        if not left.answered:
            data = {"because": "busy" if busy else "no_answer"}
            timeline.note(self.case, "payment.not_answered", by=self.by, data=data, at=self.now)
            return Heard.NOT_ANSWERED
        timeline.note(self.case, "payment.call_over", by=self.by, data={"because": left.why.value}, at=self.now)
        return Heard.LOST if left.why in _LOST else Heard.HUNG_UP

    def _asked(self, asked: Asked) -> Heard | None:
        """The customer's answer counts for what was read out in this version of the order, and for no other."""
        if asked.why is AskedEnd.HUNG_UP:
            return None
        if asked.digits == calling.AGAIN:
            return Heard.AGAIN
        if asked.digits != calling.AGREES:
            timeline.note(self.case, "payment.not_agreed", by=self.by, at=self.now)
            return _NOT_AGREED.get(asked.why, Heard.STOPPED) if asked.why else Heard.STOPPED
        reading = linking.valid(self.call.payment)
        if reading is None or reading.call_id != self.call.pk or f":read:{reading.version}:" not in asked.key:
            return Heard.CHANGED
        Reading.objects.filter(pk=reading.pk, agreed_at=None).update(agreed_at=self.now)
        timeline.note(self.case, "payment.agreed", by=self.by, data={"sha256": reading.sha256}, at=self.now)
        return Heard.AGREED

    def _captured(self, captured: Captured) -> Heard | None:
        self.call.item = self.call.keying = ""
        self.call.is_cut = False
        self._keep_proof(captured)
        if self.call.ended_at is not None:
            return None  # The process knows that this line is lost, and has all of it asked for in another call.
        if self.case.state == CaseState.CLOSED:
            return None  # It was called off meanwhile: nobody would forget the token any more.
        if captured.outcome is not Outcome.DONE:
            data = {"because": captured.outcome.value}
            timeline.note(self.case, "payment.not_keyed", by=self.by, data=data, at=self.now)
            return _CAPTURED.get(captured.outcome)
        payment = self.call.payment
        if not linking.agreed(payment):
            return Heard.CHANGED
        if payment.card is None and captured.last_four != payment.last_four:
            timeline.note(self.case, "payment.other_card", by=self.by, at=self.now)
            return Heard.OTHER_CARD
        payment.token, payment.brand = captured.token, captured.brand or payment.brand
        payment.save(update_fields=["token", "brand"])
        timeline.note(self.case, "payment.keyed", by=self.by, at=self.now)
        return Heard.TAKEN

    def _keep_proof(self, captured: Captured) -> None:
        """Whatever came of the capture. The signature is checked by whoever wants to know (`verify_clean_leg`)."""
        proof = captured.proof
        if proof is None:
            return
        window = msgspec.json.decode(proof.window, type=CleanWindow)
        if CleanLeg.objects.filter(sha256=digest(proof)).exists():
            return
        CleanLeg.objects.create(
            payment=self.call.payment,
            call=self.call,
            at=self.now,
            window=proof.window,
            signature=proof.signature,
            key_id=proof.key_id,
            sha256=digest(proof),
            frames=window.frames,
            non_silent=window.non_silent,
            events=window.events,
        )
        data = {"sha256": digest(proof), "frames": str(window.frames)}
        if window.is_clean:
            timeline.note(self.case, "payment.clean_leg", by=self.by, data=data, at=self.now)
        else:
            timeline.note(self.case, "payment.unclean_leg", by=self.by, data=data, at=self.now)
            incidents.open(self.case, IncidentKind.ALARM, by=self.by, key="unclean_leg", values={})

    def _move(self, to: CallState) -> None:
        """Forward only: where the call is there already, or further, nothing is written."""
        current = states.locked(self.call.call_id)
        if to in states.next_states(current):
            states.move(call_id=current.pk, to=to, by=self.by, now=self.now)
