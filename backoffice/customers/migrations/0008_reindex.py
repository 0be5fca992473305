from __future__ import annotations

from django.db import migrations

from backoffice import idn
from backoffice.customers import reindexing
from backoffice.sealed import keyed_hash


def forwards(apps, _editor):
    reindexing.all_customers(apps)
    reindexing.all_contact_points(apps)


def backwards(apps, _editor):
    """Mail as the version before compared it: with the domain as people write it. What was tidied stays tidy."""
    points = apps.get_model("customers", "ContactPoint").objects
    contacts = apps.get_model("trust", "Contact").objects
    for point in points.filter(kind="mail").iterator(reindexing.BATCH):
        name, _at, host = point.value.rpartition("@")
        shown = f"{name}@{idn.to_unicode(host)}"
        if shown == point.value:
            continue
        new = keyed_hash("contact.mail", shown.casefold())
        contacts.filter(customer_id=point.customer_id, address_index=point.value_index).update(address_index=new)
        point.value, point.value_index = shown, new
        reindexing.write([point])


class Migration(migrations.Migration):
    """Tidies names and birth dates, and writes what customers are found by, in batches. If it is interrupted it can
    begin again. The indexes on the names themselves are no longer read.
    """

    atomic = False

    dependencies = [("customers", "0007_found_by_words"), ("trust", "0003_mutual_codes")]

    operations = [
        migrations.RunPython(forwards, backwards),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_family_name",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_given_name",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_organisation",
        ),
    ]
