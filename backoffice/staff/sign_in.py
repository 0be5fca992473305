"""How people sign in: there is no sign-up, the secrets of authenticators are sealed, and each person lands on their own
face."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from backoffice.networks import network_of
from backoffice.sealed import seal, unseal
from backoffice.staff.models import User

DESK, FIELD, PORTAL = "/desk/", "/field/", "/portal/"


def face_of(user: User) -> str:
    """The first page of the user's face. A room may have one of its own for people who are neither staff nor customers:
    `first_page` of its `AppConfig` names the function that gives its address, or "" for others."""
    if not user.is_staff:
        found = (import_string(room.first_page)(user) for room in apps.get_app_configs() if hasattr(room, "first_page"))
        return next(filter(None, found), PORTAL)
    if user.has_perm("staff.use_field") and not user.has_perm("staff.use_desk"):
        return FIELD
    return DESK


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by staff; nobody signs up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The username or the password is not right. Check both, and type them again."),
        "too_many_login_attempts": _("Too many tries. Wait a quarter of an hour, then try again."),
        "enter_current_password": _("This is not the password that you have now."),
        "incorrect_password": _("This is not your password."),
        "account_inactive": _("This account is closed."),
        "rate_limited": _("Too many tries. Wait some minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return face_of(request.user) if isinstance(request.user, User) else PORTAL

    def get_client_ip(self, request: HttpRequest) -> str:
        """For allauth's limits, which count it."""
        return network_of(request)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of authenticators, and does not let staff remove their last second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code does not work. Wait until your app shows a new one, and type that."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not authenticator.user.is_staff or authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
