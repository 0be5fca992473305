"""The mutual code and the channel "in person" get their names; what was issued and registered stays good."""

from django.conf import settings
from django.db import migrations, models

CHANNELS = [
    ("mail", "e-mail"),
    ("sms", "text message"),
    ("call", "telephone call"),
    ("person", "in person"),
    ("letter", "letter"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("trust", "0002_halves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="halves", name="one_pair_of_halves_a_visit"),
        migrations.RenameModel("Halves", "MutualCode"),
        migrations.AlterModelOptions(
            name="mutualcode", options={"verbose_name": "mutual code", "verbose_name_plural": "mutual codes"}
        ),
        migrations.RenameField("mutualcode", "visitor", "agent"),
        migrations.AddConstraint(
            model_name="mutualcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("void_at", None)), fields=("case_id", "target"), name="one_live_mutual_code"
            ),
        ),
        migrations.AlterField(
            model_name="contact",
            name="channel",
            field=models.CharField(choices=CHANNELS, max_length=8, verbose_name="channel"),
        ),
        migrations.RunSQL(
            "UPDATE trust_contact SET channel = 'person' WHERE channel = 'visit'",
            "UPDATE trust_contact SET channel = 'visit' WHERE channel = 'person'",
        ),
    ]
