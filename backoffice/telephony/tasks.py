from __future__ import annotations

import uuid

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from backoffice.telephony import menu, placing, waking
from backoffice.telephony.ports import ProviderFailed

log = structlog.get_logger(__name__)


@shared_task(name=waking.SEE_TO)
def see_to(call_id: str) -> None:
    """Does what the provider must do now for one call."""
    placing.see_to(call_id=uuid.UUID(call_id), now=timezone.now())


@shared_task(name="telephony.see_to_calls")
def see_to_calls() -> None:
    """The same for every call whose line is open: after a lost answer, a lost report or a killed worker."""
    placing.see_to_all(now=timezone.now())


@shared_task(name=waking.PROCEED_IN_MENU)
def proceed_in_menu(conversation: str, step: str, digits: str) -> None:
    """Has the gateway do the next step of the voice menu. Where it does not answer, the line ends by itself."""
    from backoffice.telephony.adapters.voice_gateway import client

    gateway = client(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET)
    now = timezone.now()
    for command in menu.next_commands(conversation=conversation, step=menu.Step(step), digits=digits, now=now):
        try:
            gateway.ask(command)
        except ProviderFailed as failed:
            log.warning("the voice menu could not go on", step=step, why=str(failed))
            return
