"""The page on which an invited agent opens a sign-in. Opening the page changes nothing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.networks import network_of
from backoffice.payments.agents import joining
from backoffice.payments.agents.acting import first_page
from backoffice.refusals import Refused
from backoffice.staff.mfa import note_password
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.invitations import JoinForm

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """A right code signs the agent in, and leads to their first page, which asks for a second factor."""
    form = plainly_worded(JoinForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        try:
            user = joining.join(joining.Joining(**form.cleaned_data), address=network_of(request), now=timezone.now())
        except Refused as refused:
            with_faults(form, refused)
        else:
            login(request, user, backend=_BACKEND)
            note_password(request, user)
            messages.success(request, _("Your sign-in is open. Set up a second factor now: nobody orders without."))
            return redirect(first_page(user))
    status = 400 if form.errors else 200
    return never_kept(render(request, "merchant_admission/join.html", {"form": form}, status=status))
