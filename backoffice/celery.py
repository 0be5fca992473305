"""Celery, for short, repeated work that may be lost. The beat schedule is code; nobody edits it by hand."""

from __future__ import annotations

import os
import sys

from celery import Celery, signals

from backoffice import readiness, starting, time_limits

if time_limits.is_celery(sys.argv):
    starting.begin()
    time_limits.this_is(time_limits.Runs.WORKER)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

app = Celery("countersign")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
_EVERY = {
    "messages.send_due": 3.0,
    "webhooks.deliver_due": 5.0,
    "engine.reconcile": 60.0,
    "domains.poll_registry": 10.0,
    "domains.guard_frozen": 10.0,
    "cases.checkpoint": 3600.0,
    "cases.measure": 3600.0,
    "staff.sweep_portraits": 86_400.0,
    "ui.delete_expired": 300.0,
    "documents.delete_due": 86_400.0,
    "mail_orders.analyse": 30.0,
    "mail_orders.answer": 60.0,
    "mail_orders.delete_content": 86_400.0,
    "suspicions.delete_texts": 86_400.0,
    "telephony.see_to_calls": 10.0,
    "payments.look_at_voice_calls": 2.0,
    "payments.look_at_losses": 3600.0,
    "payments.see_to_bill_pages": 60.0,
    "payments.see_to_payouts": 30.0,
    "payments.catch_up_payouts": 300.0,
    "payments.note_fees": 60.0,
    "payments.forget": 86_400.0,
    "payments.look_after_top_ups": 3.0,
}
"""Seconds between two runs. A run that has waited this long is dropped: after an outage of the worker runs would queue
up, although each does everything that is due."""
app.conf.beat_schedule = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}} for task, seconds in _EVERY.items()
}


@signals.worker_ready.connect
@signals.beat_init.connect
def _announce(**_: object) -> None:
    readiness.announce()
