from django.db import migrations, models

import backoffice.sealed


def _longer(name: str, verbose_name: str) -> migrations.SeparateDatabaseAndState:
    """Going back keeps the column as it is: a long name must not be lost, and older code can read it."""
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE customers_customer ALTER COLUMN {name} TYPE varchar(200)", migrations.RunSQL.noop
            )
        ],
        state_operations=[
            migrations.AlterField("customer", name, models.CharField(verbose_name, max_length=200, blank=True))
        ],
    )


class Migration(migrations.Migration):
    """Postal addresses in their parts, beside the text as it was; names as long as people have them."""

    dependencies = [("customers", "0004_guards")]

    operations = [
        migrations.AddField(
            "contactpoint", "parts", backoffice.sealed.SealedTextField("parts", editable=False, null=True)
        ),
        migrations.AddField(
            "contactpoint",
            "parts_checked_at",
            models.DateTimeField("parts checked", blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            "customer",
            "contact_person",
            models.CharField("contact person", max_length=200, blank=True, default="", db_default=""),
        ),
        _longer("given_name", "given name"),
        _longer("family_name", "family name"),
        _longer("organisation_name", "organisation"),
    ]
