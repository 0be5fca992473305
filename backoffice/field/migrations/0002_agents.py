"""Whoever sends a step is a field agent."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("field", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="submission", name="one_submission_a_key"),
        migrations.RenameField("submission", "visitor", "agent"),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(fields=("agent", "key"), name="one_submission_a_key"),
        ),
    ]
