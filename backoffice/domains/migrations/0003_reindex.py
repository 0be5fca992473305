from __future__ import annotations

from django.db import migrations

from backoffice.domains import searching


def forwards(apps, _editor):
    searching.reindex(apps.get_model("domains", "Domain").objects, apps.get_model("domains", "DomainPart").objects)


class Migration(migrations.Migration):
    """Writes the parts by which the domains that are there are found, in batches."""

    atomic = False

    dependencies = [("domains", "0002_found_by_parts")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
