"""Calls for payments as rows, without a gateway."""

from __future__ import annotations

from typing import Any

from backoffice.payments.voice.models import VoiceCall, VoicePayment
from backoffice.telephony.models import CallOutcome, CallState
from tests.factories import now
from tests.telephony.rows import write_call


def make_voice_call(
    payment: VoicePayment, *, number: int = 1, over: CallOutcome | None = None, **fields: Any
) -> VoiceCall:
    """A try that goes on, or one that came to `over`."""
    at = now()
    state = CallState.DIALLING if over is None else CallState.ENDED
    more: dict[str, Any] = {"matter": str(payment.case_id), **({} if over is None else {"outcome": over.value})}
    call = write_call(payment.point.customer, at=at, state=state, **more)
    ended = None if over is None else at
    told = {"placed_at": at, "heard_at": at, "ended_at": ended, **fields}
    return VoiceCall.objects.create(payment=payment, call=call, number=number, **told)
