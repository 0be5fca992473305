"""Celery: the short, repeated, loss-tolerant work. The beat schedule is code, for nobody edits it by hand."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

app = Celery("countersign")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep the outbox": {"task": "engine.relay", "schedule": 3.0},
    "send what is due": {"task": "messages.send_due", "schedule": 3.0},
    "compare both truths": {"task": "engine.reconcile", "schedule": 60.0},
    "sign the timelines": {"task": "cases.checkpoint", "schedule": 3600.0},
}
