import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A message with the code that proves a new address goes to an address that is not on file."""

    dependencies = [("customers", "0009_offered_languages"), ("outgoing", "0002_initial")]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="point",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.contactpoint",
            ),
        ),
    ]
