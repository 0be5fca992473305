"""The page of a handover that is open to anybody: it stops one, by the code of the message that announces it."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.ui.customers import never_kept
from tests.sample import stopping


class StopForm(forms.Form):
    code = forms.CharField(
        label=_("The code of the message"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Type the code of the message.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    form = StopForm(request.POST if request.method == "POST" else None)
    stopped = None
    if form.is_valid():
        try:
            stopped = stopping.stop(code=form.cleaned_data["code"], address=network_of(request), now=timezone.now())
        except Refused as refused:
            form.add_error("code", refused.sentence)
    context = {"form": form, "stopped": stopped}
    return never_kept(render(request, "locker_handover/stop.html", context, status=400 if form.errors else 200))


urlpatterns = [path("lockers/stop/", stop, name="stop")]
