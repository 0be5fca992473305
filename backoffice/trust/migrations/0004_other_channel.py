"""A contact may have been reported that came in another way than those that we use."""

from django.db import migrations, models

CHANNELS = [
    ("mail", "e-mail"),
    ("sms", "text message"),
    ("call", "telephone call"),
    ("person", "in person"),
    ("letter", "letter"),
    ("other", "in another way"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("trust", "0003_mutual_codes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="channel",
            field=models.CharField(choices=CHANNELS, max_length=8, verbose_name="channel"),
        ),
    ]
