"""All pages, and the one of the risk rules."""

from __future__ import annotations

from django.urls import include, path

from backoffice.payments.risk import desk

urlpatterns = [path("rules/", include(desk)), path("", include("backoffice.urls"))]
