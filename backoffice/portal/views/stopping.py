"""The public page that stops a case by the code of a message. Nobody signs in; opening it changes nothing, and it asks
twice."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.cases import stopping_by_notice
from backoffice.cases.stopping_by_notice import Stoppable
from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import plainly_worded, with_faults


class StopForm(forms.Form):
    code = forms.CharField(
        label=_("The code of the message"),
        help_text=_("It is in the message that tells you of the change: 14 letters and digits in groups."),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the code of the message.")},
    )
    last_three = forms.CharField(
        label=_("The last three digits of your telephone number"),
        help_text=_("The number that we have of you, or the one that we had before. Leave it empty if we have none."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """First says what the code would stop; the second button stops it."""
    form = plainly_worded(StopForm(request.POST if request.method == "POST" else None))
    found, stopped = None, False
    if form.is_valid():
        stopped = "confirmed" in request.POST
        try:
            found = _do(form, request, stopped=stopped)
        except Refused as refused:
            form = with_faults(form, refused)
    context = {"form": form, "found": found, "stopped": stopped}
    return never_kept(render(request, "public/stop.html", context, status=400 if form.errors else 200))


def _do(form: forms.Form, request: HttpRequest, *, stopped: bool) -> Stoppable:
    rule = stopping_by_notice.stop if stopped else stopping_by_notice.look
    return rule(
        code=form.cleaned_data["code"],
        last_three=form.cleaned_data["last_three"],
        network=network_of(request),
        by=stopping_by_notice.anybody(),
        now=timezone.now(),
    )
