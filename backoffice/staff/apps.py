from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.db.models.signals import post_delete, post_migrate
from django.utils.translation import gettext_lazy as _


def _create_groups(*, using: str, apps: Any = None, **_rest: object) -> None:
    """After a migration, makes all permissions and then the groups; Django would make the permissions of later apps too
    late. `apps` is missing when a database was flushed (after a test with a live server): then the installed apps are
    used.
    """
    from django.apps import apps as installed

    from backoffice.staff.roles import create_groups

    apps = apps or installed
    try:
        apps.get_model("auth", "Permission")
    except LookupError:
        return
    for config in installed.get_app_configs():
        create_permissions(config, verbosity=0, using=using, apps=apps)
    create_groups(apps=apps, using=using)


def _remember_authenticator(*, instance: Any, origin: Any = None, **_rest: object) -> None:
    """Notes that there was an authenticator, whoever removes it and wherever; see the portal's rule."""
    from backoffice.staff.models import FormerAuthenticator, User

    if instance.type == "recovery_codes" or isinstance(origin, User):
        return
    FormerAuthenticator.objects.create(user_id=instance.user_id, kind=instance.type, added_at=instance.created_at)


class StaffConfig(AppConfig):
    name = "backoffice.staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        post_migrate.connect(_create_groups, sender=self, dispatch_uid="staff.groups")
        post_delete.connect(_remember_authenticator, sender="mfa.Authenticator", dispatch_uid="staff.authenticators")
