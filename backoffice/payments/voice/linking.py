"""What a customer agrees to: the payee, the amount and what it is for, as a sentence that is read out and as a hash.

Only money that fits the hash moves (dynamic linking: PSD2 RTS article 5, threat 18). Whatever of it changes makes the
reading void.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.conf import settings

from backoffice import languages
from backoffice.cases.models import Case
from backoffice.payments.voice.models import Reading, VoicePayment
from backoffice.payments.voice.records import payment_of
from backoffice.payments.voice.spoken_orders import SPOKEN
from backoffice.voice.speech.words.amounts import amount_in_words
from backoffice.voice.speech.words.language import Language, NoWords
from backoffice.voice.speech.words.spelling import digits_in_words, spelled


def digest(payment: VoicePayment) -> str:
    """64 hex digits: SHA-256 over canonical JSON (sorted keys, no blanks, UTF-8)."""
    content = {
        "case": str(payment.case_id),
        "payee": payment.merchant.trading_name,
        "amount": payment.amount,
        "currency": payment.currency,
        "what_for": payment.what_for,
        "last_four": payment.last_four,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def language_of(payment: VoicePayment) -> Language:
    """The language in which we write to the customer, if the voice speaks it; else that of the settings."""
    try:
        return Language.of(languages.offered(payment.point.customer.language))
    except NoWords:
        return Language.of(settings.LANGUAGE_CODE)


def sentence(payment: VoicePayment, *, is_new: bool) -> str:
    """What is read out. `is_new` says that the customer hears it for the first time in this version."""
    language = language_of(payment)
    told = {
        "company": settings.COMPANY_NAME,
        "case": spelled(payment.case.reference, language, briefly=True),
        "payee": payment.merchant.trading_name,
        "amount": amount_in_words(payment.amount, payment.currency, language),
        "what_for": payment.what_for,
        "card": digits_in_words(payment.last_four, language, briefly=True),
    }
    return SPOKEN[language].order(told, is_changed=is_new and payment.version > 1)


def void(payment: VoicePayment, *, now: datetime) -> None:
    """What was read out does not count any more."""
    Reading.objects.filter(payment=payment, void_at=None).update(void_at=now)


def on_freeze(case: Case, now: datetime) -> None:
    """Nobody pays later for what they agreed to before a case was paused: it is read out again."""
    void(payment_of(case), now=now)


def valid(payment: VoicePayment) -> Reading | None:
    """The reading that fits the order as it is now, agreed to or not; None where there is none."""
    reading = Reading.objects.filter(payment=payment, void_at=None).first()
    return reading if reading is not None and reading.sha256 == digest(payment) else None


def agreed(payment: VoicePayment) -> bool:
    """Whether the customer agreed to what is ordered now."""
    reading = valid(payment)
    return reading is not None and reading.agreed_at is not None
