from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("domains", "0012_what_was_paid_of_invoices"),
    ]

    operations = [
        migrations.AddField(
            model_name="cession",
            name="old_contacts",
            field=models.JSONField(blank=True, null=True, verbose_name="contacts before"),
        ),
    ]
