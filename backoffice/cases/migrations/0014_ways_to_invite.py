from django.db import migrations, models

import backoffice.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_cases_paused"),
    ]

    operations = [
        migrations.AddField(
            model_name="party",
            name="claimed_mail",
            field=backoffice.sealed.SealedTextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="party",
            name="way",
            field=models.CharField(
                choices=[
                    ("mail", "by a code from our mail"),
                    ("hand", "by a code that the other one gave them"),
                    ("letter", "by a code from our letter"),
                ],
                db_default="mail",
                default="mail",
                max_length=8,
                verbose_name="way",
            ),
        ),
    ]
