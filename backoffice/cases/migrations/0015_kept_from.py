"""People who are kept from a family of cases: whatever the route, an answer of theirs is refused."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION cases_refuse_who_is_kept_from() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM cases_keptfrom k JOIN cases_case c ON c.id = NEW.case_id
        WHERE k.root_id = COALESCE(c.root_id, c.id) AND k.user_id = NEW.answered_by_id
    ) THEN
        RAISE EXCEPTION 'this user is kept from the case' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_not_by_who_is_kept_from BEFORE UPDATE OF answered_by_id ON cases_workitem
    FOR EACH ROW WHEN (NEW.answered_by_id IS NOT NULL AND OLD.answered_by_id IS NULL)
    EXECUTE FUNCTION cases_refuse_who_is_kept_from();
"""
UNDO = """
DROP TRIGGER item_not_by_who_is_kept_from ON cases_workitem;
DROP FUNCTION cases_refuse_who_is_kept_from();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_ways_to_invite"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptFrom",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="kept_from", to="cases.case"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_from",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("root", "user"), name="kept_from_a_family_once")],
            },
        ),
        migrations.RunSQL(REFUSE, UNDO),
    ]
