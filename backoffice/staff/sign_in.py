from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by staff; nobody signs up."""

    def is_open_for_signup(self, request: object) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):
    pass
