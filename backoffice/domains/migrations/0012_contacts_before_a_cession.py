from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("domains", "0011_handle_before_a_cession"),
    ]

    operations = [
        migrations.AddField(
            model_name="cession",
            name="old_contacts",
            field=models.JSONField(blank=True, null=True, verbose_name="contacts before"),
        ),
    ]
