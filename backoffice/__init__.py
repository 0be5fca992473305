"""The Django project. Importing it makes our Celery application the default one for tasks."""

from __future__ import annotations

from backoffice.celery import app as celery_app

__all__ = ["celery_app"]
