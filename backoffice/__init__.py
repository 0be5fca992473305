"""The Django project. Importing it makes our Celery application the one that tasks are sent through."""

from __future__ import annotations

from backoffice.celery import app as celery_app

__all__ = ["celery_app"]
