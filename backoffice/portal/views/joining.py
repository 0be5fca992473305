"""The pages for invitations. People who were named as a party to a case and have no account open one here; who has one
joins with it in the portal."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import claiming, parties
from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.ui.customers import CustomerRequest, for_customers, never_kept
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.invitations import CaseForm, JoinForm, WhichForm, code_field

ASKED_AGAIN = Limit("invitations-again", times=5, per=timedelta(hours=1))
BACKEND = "django.contrib.auth.backends.ModelBackend"


class ClaimForm(CaseForm):
    code = code_field(_("The code from our letter, or from the other party"))
    mail = forms.EmailField(
        label=_("Your own e-mail address"),
        help_text=_("We send another code there. It counts as yours once you have typed that."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class TakePartForm(CaseForm):
    code = code_field(_("The code"))


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
def code(request: HttpRequest) -> HttpResponse:
    """For a code that did not come by mail. A right one has a second code sent to the address that is given here, and
    leads to the form of `join`, in which both are filled in."""
    form = plainly_worded(ClaimForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        given = form.cleaned_data
        try:
            claiming.claim(claiming.Claiming(**given), address=network_of(request))
        except Refused as refused:
            with_faults(form, refused)
        else:
            messages.success(
                request, _t("Your code is right. We have written to your address: type the code from there.")
            )
            known = {name: given[name] for name in ("reference", "mail")}
            following = plainly_worded(JoinForm(initial=known))
            return never_kept(render(request, "public/join.html", {"form": following, "action": reverse("join")}))
    return never_kept(render(request, "public/join_code.html", {"form": form}, status=400 if form.errors else 200))


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


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def take_part(request: CustomerRequest) -> HttpResponse:
    """For who has an account, and a code."""
    form = plainly_worded(TakePartForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        customer, address = request.customer, network_of(request)
        try:
            case = claiming.join_with_account(**form.cleaned_data, customer=customer, by=request.actor, address=address)
        except Refused as refused:
            with_faults(form, refused)
        else:
            messages.success(request, _t("You take part in this case now."))
            return redirect("portal:case", case.reference)
    return render(request, "portal/take_part.html", {"form": form}, status=400 if form.errors else 200)


def _invite_again(form: forms.Form, request: HttpRequest) -> None:
    if allowed(ASKED_AGAIN, network_of(request), now=timezone.now()):
        by = Actor(kind=ActorKind.OUTSIDE, id="invitation page", channel=Channel.PORTAL)
        parties.invite_again(reference=form.cleaned_data["reference"], mail=form.cleaned_data["mail"], by=by)
