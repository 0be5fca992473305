""" "Call me": the public page for who has no account at hand. Whatever is typed, the answer is the same."""

from __future__ import annotations

import uuid

import structlog
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from backoffice.calls.back import asking
from backoffice.celery import app as celery_app
from backoffice.networks import network_of
from backoffice.refusals import Refused
from backoffice.sealed import seal
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import plainly_worded, with_faults

ASK = "call_back.ask"
log = structlog.get_logger(__name__)


class Away(Refused):
    """The wish cannot be passed on just now."""

    status = 503


class CallMeForm(forms.Form):
    reference = forms.CharField(
        label=_("The reference of your case"),
        help_text=_("It is in every message about the case: 7 letters and digits in groups, as in K7Q-4MX-2."),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the reference of the case.")},
    )
    last_three = forms.CharField(
        label=_("The last three digits of the telephone number that we have of you"),
        help_text=_("We call the number that we have on file, and no other."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("Type the last three digits of your number.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def call_me(request: HttpRequest) -> HttpResponse:
    form = plainly_worded(CallMeForm(request.POST if request.method == "POST" else None))
    asked, status = False, 200
    if form.is_valid():
        try:
            _pass_on(form, request)
            asked = True
        except Refused as refused:
            form, status = with_faults(form, refused), refused.status
    elif form.errors:
        status = 400
    return never_kept(render(request, "call_back/public/call_me.html", {"form": form, "asked": asked}, status=status))


def _pass_on(form: forms.Form, request: HttpRequest) -> None:
    """What was typed is looked at afterwards, so that the answer tells nothing. Raises `Refused`."""
    given, request_id = form.cleaned_data, str(uuid.uuid4())
    by = asking.anybody(request_id)
    asking.check(reference=given["reference"], network=network_of(request), by=by, now=timezone.now())
    try:
        sealed = [seal(given["reference"]), seal(given["last_three"]), request_id]
        celery_app.send_task(ASK, args=sealed, ignore_result=True)
    except OperationalError as away:
        log.warning("broker away, a wish to be called is refused", why=type(away).__name__)
        sentence = _t("We cannot take your wish just now. Try again in a few minutes, or call us.")
        raise Away("away", sentence, field="reference") from away
