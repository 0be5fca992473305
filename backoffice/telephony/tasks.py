from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from backoffice.telephony import menu, menu_branches, placing, waking
from backoffice.telephony.ports import ProviderFailed
from backoffice.voice.contract import Command

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
    now = timezone.now()
    _have_done(menu.next_commands(conversation=conversation, step=menu.Step(step), digits=digits, now=now), where=step)


@shared_task(name=waking.PROCEED_IN_BRANCH)
def proceed_in_branch(name: str, conversation: str) -> None:
    """The same for a conversation that a branch of the menu has."""
    _have_done(menu_branches.proceed(name, conversation, timezone.now()), where=name)


def _have_done(commands: Sequence[Command], *, where: str) -> None:
    from backoffice.telephony.adapters.voice_gateway import client

    gateway = client(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET)
    for command in commands:
        try:
            gateway.ask(command)
        except ProviderFailed as failed:
            log.warning("the voice menu could not go on", step=where, why=str(failed))
            return
