from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def _added(*, request: HttpRequest, user: Any, authenticator: Any, **_rest: object) -> None:
    """allauth tells us nowhere else. Recovery codes do not count as an authenticator."""
    from backoffice.actors import Channel
    from backoffice.portal import authenticators
    from backoffice.staff.roles import actor_of

    if authenticator.type in authenticators.KINDS and hasattr(user, "customer"):
        authenticators.tell_added(user=user, by=actor_of(user=user, channel=Channel.PORTAL, request=request))


class PortalConfig(AppConfig):
    name = "backoffice.portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_added, dispatch_uid="portal.authenticator_added")
