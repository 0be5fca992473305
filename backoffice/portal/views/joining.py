"""The page for invitations. People who were named as a party to a case and have no account open one here."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import parties
from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import plainly_worded, with_faults

ASKED_AGAIN = Limit("invitations-again", times=5, per=timedelta(hours=1))
BACKEND = "django.contrib.auth.backends.ModelBackend"


class WhichForm(forms.Form):
    """Which invitation it is about."""

    reference = forms.CharField(
        label=_("The number of the case"),
        help_text=_("It is in our message, as in K7Q-4MX-2."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    mail = forms.EmailField(label=_("The address that we wrote to"), max_length=254)


class JoinForm(WhichForm):
    code = forms.CharField(
        label=_("The code from our message"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
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


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The form. A right code opens the account, signs in, and leads to the case. Opening the page changes nothing."""
    form = plainly_worded(JoinForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        try:
            user, case = parties.join(parties.Joining(**form.cleaned_data), address=network_of(request))
        except Refused as refused:
            with_faults(form, refused)
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, _t("Your account is open. Here is the case that you were invited to."))
            return redirect("portal:case", case.reference)
    return never_kept(render(request, "public/join.html", {"form": form}, status=400 if form.errors else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Asks for a new code. The answer is always the same, whether or not a code was sent."""
    form = plainly_worded(WhichForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        try:
            _invite_again(form, request)
        except CannotCount as away:
            with_faults(form, away)
        else:
            messages.success(request, _t("If an invitation waits for this address, a new code is on its way to it."))
            return redirect("join")
    return never_kept(render(request, "public/join_again.html", {"form": form}, status=400 if form.errors else 200))


def _invite_again(form: forms.Form, request: HttpRequest) -> None:
    if allowed(ASKED_AGAIN, network_of(request), now=timezone.now()):
        by = Actor(kind=ActorKind.OUTSIDE, id="invitation page", channel=Channel.PORTAL)
        parties.invite_again(reference=form.cleaned_data["reference"], mail=form.cleaned_data["mail"], by=by)
