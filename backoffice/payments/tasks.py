from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from backoffice.actors import system
from backoffice.payments.bills import looking
from backoffice.payments.claims import disputes
from backoffice.payments.fees import noting
from backoffice.payments.payouts import catching_up, freeing
from backoffice.payments.provider import taking
from backoffice.payments.provider.ports import ProviderFailed
from backoffice.payments.risk import tightening
from backoffice.payments.top_up import watching as watching_top_ups
from backoffice.payments.voice import watching
from backoffice.payments.voice.models import VoicePayment


@shared_task(name="payments.look_at_voice_calls")
def look_at_voice_calls() -> None:
    """Looks at every call for a payment that goes on."""
    watching.look_at_all(now=timezone.now())


@shared_task(name="payments.look_at_losses")
def look_at_losses() -> None:
    """Tightens the limits of the risk rules, or opens them again, by what was lost."""
    tightening.look_at_losses(now=timezone.now())


@shared_task(name="payments.see_to_bill_pages")
def see_to_bill_pages() -> None:
    """Finds out which pages for bills were paid, and ends those that are not needed."""
    looking.see_to_pages(by=system(), now=timezone.now())


@shared_task(name="payments.see_to_payouts")
def see_to_payouts() -> None:
    """Lets held payouts go on once what held them is gone, and alarms where money cannot be paid out."""
    now = timezone.now()
    freeing.free_all(by=system(), now=now)
    freeing.alarm_all(by=system(), now=now)


@shared_task(name="payments.catch_up_payouts")
def catch_up_payouts() -> None:
    """Pays merchants for payments whose case had ended before merchants were paid out."""
    catching_up.catch_up(by=system(), now=timezone.now())


@shared_task(name="payments.note_fees")
def note_fees() -> None:
    """Posts what the provider keeps of top-ups and of bills that were paid by card."""
    noting.note_all(by=system(), now=timezone.now())


@shared_task(name="payments.look_at_refunds", autoretry_for=(ProviderFailed,), retry_backoff=30, max_retries=8)
def look_at_refunds(payment_id: str) -> None:
    """Asks the provider which refunds of a payment there are."""
    disputes.look_at_refunds(payment=VoicePayment.objects.get(pk=uuid.UUID(payment_id)), now=timezone.now())


@shared_task(name="payments.forget")
def forget() -> None:
    """Forgets which events of the payment provider came, once they cannot come again, and pages on which nobody
    paid."""
    now = timezone.now()
    taking.forget(by=system(), now=now)
    looking.forget(by=system(), now=now)


@shared_task(name="payments.look_after_top_ups")
def look_after_top_ups() -> None:
    """Looks after everybody who is on the telephone about a top-up."""
    watching_top_ups.look_after_all(timezone.now())
