"""The addresses that show every component on each face, before the real ones; only tests have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.defaults import page_not_found, permission_denied, server_error

import backoffice.urls

NOW = datetime(2026, 11, 22, 12, 58, tzinfo=UTC)
UNTIL = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
PAGES = {
    "portal": '{% extends "portal/base.html" %}{% block title %}Gallery{% endblock %}{% block content %}',
    "public": '{% extends "public/base.html" %}{% block title %}Gallery{% endblock %}{% block content %}',
    "desk": '{% extends "desk/base.html" %}{% block desk %}',
    "field": '{% extends "field/base.html" %}{% block title %}Gallery{% endblock %}{% block where %}<span class='
    '"step-head__where">Lindenstraat 12, Utrecht</span><span>14:00 to 16:00 · step 2 of 5</span>{% endblock %}'
    '{% block action %}<button class="btn btn--primary">The code fits</button>{% endblock %}{% block sent %}All sent'
    '{% endblock %}{% block unsafe %}<a href="#unsafe">I do not feel safe</a>{% endblock %}{% block content %}',
}


class Answers(forms.Form):
    yours = forms.ChoiceField(
        label="Was this payment yours?",
        help_text="899.00 EUR on Friday 20 November",
        choices=[("yes", "Yes"), ("no", "No"), ("unsure", "I do not know")],
        widget=forms.RadioSelect,
    )
    places = forms.MultipleChoiceField(
        label="Where did you use your card?",
        choices=[("shop", "In a shop"), ("net", "On the internet")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    name = forms.CharField(label="Your name", help_text="As on your card", max_length=60)
    reach = forms.ChoiceField(label="How we reach you", choices=[("call", "Call me"), ("mail", "Write to me")])
    born = forms.DateField(label="A date", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    photo = forms.FileField(label="A photo of the card", required=False)
    note = forms.CharField(label="Anything else", widget=forms.Textarea, required=False)
    agree = forms.BooleanField(label="I have read this", help_text="We keep your answers for 13 months.")


def _stage(label: str, state: str, when: str = "") -> dict[str, str]:
    return {"label": label, "state": state, "when": when}


def everything() -> dict[str, Any]:
    """What the gallery shows."""
    return {
        "now": NOW,
        "until": UNTIL,
        "zone": "Europe/Amsterdam",
        "reader": "customer",
        "states": ["us", "customer", "others", "done", "stopped", "attention"],
        "stages": [
            _stage("Card blocked", "done", "today 13:58"),
            _stage("You were told", "done", "mail, 13:59"),
            _stage("Your answers", "current"),
            _stage("A visit", "skipped"),
            _stage("We check them", "future", "same day"),
            _stage("New card by post", "future", "3 to 5 days"),
        ],
        "events": [
            {
                "at": NOW,
                "sentence": "The customer signed in",
                "who": "M. Jansen",
                "channel": "portal",
                "proof": "passkey",
            },
            {"at": NOW - timedelta(minutes=9), "sentence": "The issuer did not answer", "tone": "attention"},
            {"at": NOW - timedelta(hours=3), "sentence": "The card was blocked", "who": "the process", "tone": "done"},
        ],
        "works": [
            _work("late", -20, "Review the visit"),
            _work("soon", 50, "Approve the reissue"),
            _work("", 2880, "Call"),
        ],
        "payments": [
            ("Bakery Smit", "Fri 20 Nov, 08:12", "4.20 EUR"),
            ("A shop abroad", "Fri 20 Nov, 13:40", "899.00 EUR"),
        ],
        "answers": [
            {"label": "Was it yours?", "value": "No", "change": "#yours"},
            {"label": "Anything else", "value": "", "change": "#note"},
        ],
    }


def _work(urgency: str, minutes: int, what: str) -> dict[str, object]:
    return {
        "url": "#case",
        "what": what,
        "reference": "K7Q-4MX-2",
        "who": "card reissue · Jansen, M. ····4242",
        "why": "visit passed",
        "due_at": datetime.now(UTC) + timedelta(minutes=minutes),
        "urgency": urgency,
        "claim_url": "/claim" if minutes > 0 else "",
    }


def show(request: HttpRequest, face: str) -> HttpResponse:
    context = {**everything(), "form": Answers({} if "wrong" in request.GET else None), "title": "Gallery"}
    if face == "desk":
        context |= admin.site.each_context(request) | {"reader": "staff"}
    source = PAGES[face] + '{% include "components/gallery.html" %}{% endblock %}'
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def broken(request: HttpRequest, status: int) -> HttpResponse:
    if status == 404:
        return page_not_found(request, Exception())
    return permission_denied(request, Exception()) if status == 403 else server_error(request)


urlpatterns = [
    path("gallery/<str:face>", show),
    path("broken/<int:status>", broken),
    *backoffice.urls.urlpatterns,
]
