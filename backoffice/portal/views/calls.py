"""Who of us is on the telephone with the reader now: the customer's own page, which is open in two seconds while the
telephone rings, and the public one for who has no account at hand."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.networks import network_of
from backoffice.telephony import live
from backoffice.telephony.live import asking
from backoffice.telephony.templatetags.live import shown, tone_of
from backoffice.ui.customers import CustomerRequest, for_customers, never_kept


class AskForm(forms.Form):
    typed = forms.CharField(
        label=_("The number on which you are called, or the reference of your case"),
        help_text=_("As in +31 20 555 0100, or K7Q-4MX-2."),
        max_length=asking.LONGEST_TYPED,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type your telephone number, or the reference of your case.")},
    )
    last_three = forms.CharField(
        label=_("The last three digits of your telephone number"),
        help_text=_("Only needed with the reference of a case."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


@require_safe
@for_customers
def now(request: CustomerRequest) -> HttpResponse:
    """With `?somebody` the reader says that somebody is on the telephone now."""
    found, somebody = live.state_of(request.customer), "somebody" in request.GET
    if somebody:
        found = found.to_somebody_on_the_telephone()
    context = {**shown(found), "customer": request.customer, "somebody": somebody, "live_page": True}
    return render(request, "portal/calls_now.html", context)


@require_safe
@for_customers
def ticket(request: CustomerRequest) -> HttpResponse:
    """A page that stays open gets another ticket, which every answer to a customer brings along."""
    return HttpResponse()


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """ "Are you talking to us?", for anybody. It names nobody and stores nothing; who is signed in gets their own."""
    if hasattr(request.user, "customer"):
        return never_kept(redirect("portal:calls_now"))
    form = AskForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        said = form.cleaned_data
        found = asking.ask(typed=said["typed"], last_three=said["last_three"], network=network_of(request))
    context = {"form": form, "found": found, "tone": tone_of(found.state) if found else ""}
    return never_kept(render(request, "public/calls.html", context, status=400 if form.errors else 200))
