"""The page between a member of staff and the record of a customer of whom they hold no case. It is the same everywhere
at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backoffice.customers import reading
from backoffice.customers.reasons import ReasonForm


def ask(request: HttpRequest, *, form: ReasonForm, action: str, marker: str = "") -> HttpResponse:
    """The page that asks for the reason, with status 403. The answer goes to the address `action`; `marker` is the name
    of its button, for an address that takes other posts too."""
    context = {
        **admin.site.each_context(request),
        "title": _("Why do you open this record?"),
        "form": form,
        "action": action,
        "marker": marker,
        "minutes": reading.MINUTES_OPEN,
    }
    return render(request, "customers/why.html", context, status=403)
