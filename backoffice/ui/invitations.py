"""The forms of those who were invited: a code opens an account, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def code_field(label: _StrOrPromise) -> forms.CharField:
    """The code of an invitation, as people type it."""
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class CaseForm(forms.Form):
    """Which case it is about."""

    reference = forms.CharField(
        label=_("The number of the case"),
        help_text=_("It stands with the code, as in K7Q-4MX-2."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class WhichForm(CaseForm):
    """Which invitation it is about."""

    mail = forms.EmailField(label=_("The address that we wrote to"), max_length=254)


class JoinForm(WhichForm):
    """The code, and how to sign in from then on."""

    code = code_field(_("The code from our mail"))
    username = forms.CharField(
        label=_("Choose a name to sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least ten characters. We never ask you for it."),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
