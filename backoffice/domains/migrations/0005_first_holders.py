from __future__ import annotations

from django.db import migrations

BATCH = 1000


def forwards(apps, _editor):
    domains = apps.get_model("domains", "Domain").objects
    holding = apps.get_model("domains", "DomainHolding")
    last = 0
    while batch := list(domains.filter(pk__gt=last, holdings=None).order_by("pk")[:BATCH]):
        holding.objects.bulk_create(
            holding(domain_id=one.pk, customer_id=one.customer_id, since=one.registered_at) for one in batch
        )
        last = batch[-1].pk


class Migration(migrations.Migration):
    """Writes the present holder of each domain that is there into the history of holders, in batches."""

    atomic = False

    dependencies = [("domains", "0004_registrar_records")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
