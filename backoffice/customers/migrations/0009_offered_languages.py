from django.db import migrations, models

import backoffice.languages


class Migration(migrations.Migration):
    """Only languages with a catalogue are offered. What customers had chosen is kept until we speak it."""

    dependencies = [("customers", "0008_reindex")]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="language",
            field=models.CharField(
                choices=backoffice.languages.choices, default="en", max_length=8, verbose_name="language"
            ),
        ),
    ]
