"""What this installation consists of: its apps, from the faces down to the foundations, and its processes."""

from __future__ import annotations

APPS = [
    "backoffice.security",
    "backoffice.desk",
    "backoffice.portal",
    "backoffice.field",
    "backoffice.api",
    "backoffice.cli",
    "backoffice.engine",
    "backoffice.cards",
    "backoffice.visits",
    "backoffice.domains",
    "backoffice.calls",
    "backoffice.contact_changes",
    "backoffice.mail_orders",
    "backoffice.documents",
    "backoffice.ui",
    "backoffice.cases",
    "backoffice.messages",
    "backoffice.trust",
    "backoffice.customers",
    "backoffice.staff",
    "backoffice.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "phonenumber_field",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
]

PROCESSES = [
    "backoffice.cards.reissue.process.PROCESS",
    "backoffice.visits.process.PROCESS",
    "backoffice.domains.cession.process.PROCESS",
    "backoffice.contact_changes.process.PROCESS",
    "backoffice.calls.process.PROCESS",
    "backoffice.domains.invoices.process.PROCESS",
    "backoffice.mail_orders.process.PROCESS",
    "backoffice.domains.transfer_out.process.PROCESS",
]
"""By the dotted names of their objects for the catalogue. A line here registers a process; the menus follow this
order."""
