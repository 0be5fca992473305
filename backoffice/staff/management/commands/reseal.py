"""`manage.py reseal`: encrypts every sealed value again with the newest key, so that an older key can be dropped."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

from backoffice.sealed import SealedTextField, reseal

BATCH = 500


class Command(BaseCommand):
    help = "Closes every sealed value again with the newest of SEALING_KEYS. Safe to repeat, and to run at work."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedTextField):
                    self.stdout.write(f"{model._meta.label}.{field.name}: {_reseal_column(model, field)}")
        self.stdout.write(f"authenticators: {_reseal_authenticators()}")


def _reseal_column(model: type[models.Model], field: models.Field[Any, Any]) -> int:
    """Rewrites one column in batches, each under row locks. Returns the number of values."""
    quoted = connection.ops.quote_name
    table, column = quoted(model._meta.db_table), quoted(str(field.column))
    key = quoted(str(model._meta.pk.column))
    last: Any = None
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL countersign.resealing = 'on'")
            after = "" if last is None else f"AND {key} > %s"
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} WHERE {column} <> '' {after} "  # noqa: S608  (names of our own)
                f"ORDER BY {key} LIMIT {BATCH} FOR UPDATE",
                [] if last is None else [last],
            )
            rows = cursor.fetchall()
            if not rows:
                return done
            changes = [(reseal(value), pk) for pk, value in rows]
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", changes)  # noqa: S608
        last, done = rows[-1][0], done + len(rows)


def _reseal_authenticators() -> int:
    """Reseals the secrets that the account library stores: those of TOTP and of recovery codes."""
    done = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            held = Authenticator.objects.select_for_update().get(pk=pk)
            for name in ("secret", "seed"):
                if name in held.data:
                    held.data[name] = reseal(held.data[name])
                    done += 1
            held.save(update_fields=["data"])
    return done
