"""What a payment's calls may cost us, looked at just before they ring (`risk.minutes`, `telephony.minutes`)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.cases import alarms
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.risk import limits, minutes
from backoffice.payments.risk.rules import TOO_LONG
from backoffice.payments.voice.models import VoicePayment
from backoffice.refusals import Conflict
from backoffice.telephony import minutes as minutes_of_all
from workflows.voice_payment.facts import Mode
from workflows.voice_payment.spec import VOICE_PAYMENT


def refuse(payment: VoicePayment, *, now: datetime) -> None:
    """Locks the merchant until the end of the caller's transaction, in which the call is written, so that calls that
    begin at once do not pass its limit together. `now` is aware UTC.

    Raises `Conflict` where the agent's telephone, which would be rung first, costs extra, and where the merchant's
    minutes of the day are used up.
    """
    if payment.mode == Mode.SAME_CALL and not payment.agent.may_be_rung:
        raise Conflict("agent_number_refused", _("It costs extra to ring the telephone of the shop's agent."))
    merchant = Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.merchant_id)
    if minutes.needed(merchant, now=now) > _limit(payment):
        raise Conflict("merchant_minutes_spent", str(TOO_LONG))


def warn(payment: VoicePayment, *, now: datetime) -> None:
    """Sounds an alarm once a day where nearly all is used up, of the merchant or in all."""
    day = now.date().isoformat()
    needed, limit = minutes.needed(payment.merchant, now=now), _limit(payment)
    if minutes.are_nearly_spent(needed, limit=limit):
        told = {"merchant": payment.merchant.trading_name, "minutes": needed, "limit": limit}
        _sound("merchant_minutes", f"merchant_minutes:{payment.merchant_id}:{day}", told, now)
    if minutes_of_all.are_nearly_spent(now=now):
        used, most = minutes_of_all.used(now=now), minutes_of_all.limit()
        told = {"minutes": round(used.total_seconds() / 60), "limit": round(most.total_seconds() / 60)}
        _sound("call_minutes", f"call_minutes:{day}", told, now)


def _limit(payment: VoicePayment) -> int:
    return limits.usual(payment.currency).counts.line_minutes_of_a_merchant_a_day


def _sound(code: str, key: str, told: dict[str, object], now: datetime) -> None:
    alarms.sound(process=VOICE_PAYMENT.name, code=code, key=key, told=told, now=now)
