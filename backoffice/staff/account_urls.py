"""The pages of an account: only those of allauth that we use, and no browser keeps them. There is no page for mail
addresses or forgotten passwords: with a stolen session alone, nobody may give the account a mail address, and with that
a new password. To change how you sign in, you first show the factor that you have.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.decorators.cache import never_cache

from backoffice.staff import passkeys
from backoffice.staff.step_up import factor_first

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", never_cache(account.logout), name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", never_cache(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", never_cache(account.password_change), name="account_change_password"),
    path("2fa/", never_cache(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", never_cache(passkeys.readable(mfa.authenticate)), name="mfa_authenticate"),
    path("2fa/reauthenticate/", never_cache(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", factor_first(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", factor_first(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", factor_first(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        factor_first(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        factor_first(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/webauthn/", never_cache(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", factor_first(passkeys.new(webauthn.add_webauthn)), name="mfa_add_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        never_cache(passkeys.readable(webauthn.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/webauthn/keys/<int:pk>/remove/", factor_first(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", factor_first(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
