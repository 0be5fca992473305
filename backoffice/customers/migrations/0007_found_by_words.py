import django.db.models.deletion
from django.db import migrations, models


GUARD = """
CREATE OR REPLACE FUNCTION contact_point_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a contact point is superseded, never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.customer_id IS DISTINCT FROM OLD.customer_id
        OR NEW.kind IS DISTINCT FROM OLD.kind
        OR NEW.since IS DISTINCT FROM OLD.since
        OR NEW.recorded_by IS DISTINCT FROM OLD.recorded_by
        OR NEW.recorded_through IS DISTINCT FROM OLD.recorded_through
        OR ((NEW.value IS DISTINCT FROM OLD.value
                OR NEW.value_index IS DISTINCT FROM OLD.value_index
                OR NEW.last_four_index IS DISTINCT FROM OLD.last_four_index
                OR NEW.last_six_index IS DISTINCT FROM OLD.last_six_index
                OR NEW.masked IS DISTINCT FROM OLD.masked
                OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts IS DISTINCT FROM OLD.parts))
            AND current_setting('countersign.resealing', true) IS DISTINCT FROM 'on')
    THEN
        RAISE EXCEPTION 'a contact point is superseded, never overwritten' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at)
        OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)
        OR (OLD.sim_swapped_at IS NOT NULL AND NEW.sim_swapped_at IS DISTINCT FROM OLD.sim_swapped_at)
        OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts_checked_at IS DISTINCT FROM OLD.parts_checked_at)
    THEN
        RAISE EXCEPTION 'what a contact point went through is not taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
"""What was derived from an address is written anew only by `reindexing`, and sealed values by `reseal`."""

GUARD_BEFORE = """
CREATE OR REPLACE FUNCTION contact_point_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a contact point is superseded, never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.customer_id IS DISTINCT FROM OLD.customer_id
        OR NEW.kind IS DISTINCT FROM OLD.kind
        OR NEW.value_index IS DISTINCT FROM OLD.value_index
        OR NEW.masked IS DISTINCT FROM OLD.masked
        OR NEW.since IS DISTINCT FROM OLD.since
        OR NEW.recorded_by IS DISTINCT FROM OLD.recorded_by
        OR NEW.recorded_through IS DISTINCT FROM OLD.recorded_through
        OR ((NEW.value IS DISTINCT FROM OLD.value
                OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts IS DISTINCT FROM OLD.parts))
            AND current_setting('countersign.resealing', true) IS DISTINCT FROM 'on')
    THEN
        RAISE EXCEPTION 'a contact point is superseded, never overwritten' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at)
        OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)
        OR (OLD.sim_swapped_at IS NOT NULL AND NEW.sim_swapped_at IS DISTINCT FROM OLD.sim_swapped_at)
        OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts_checked_at IS DISTINCT FROM OLD.parts_checked_at)
    THEN
        RAISE EXCEPTION 'what a contact point went through is not taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    """What customers are found by: entries for the words of their names, and the last digits of telephone numbers."""

    dependencies = [
        ("customers", "0006_postal_addresses_split_by_guess"),
    ]

    operations = [
        migrations.CreateModel(
            name="NameEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(db_collation="C", max_length=100)),
            ],
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="last_four_index",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="last_six_index",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                condition=models.Q(("last_four_index", ""), _negated=True),
                fields=["last_four_index"],
                name="phones_by_last_four",
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                condition=models.Q(("last_six_index", ""), _negated=True),
                fields=["last_six_index"],
                name="phones_by_last_six",
            ),
        ),
        migrations.AddField(
            model_name="nameentry",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="name_entries",
                to="customers.customer",
            ),
        ),
        migrations.AddIndex(
            model_name="nameentry",
            index=models.Index(fields=["text", "customer"], name="customers_by_name"),
        ),
        migrations.AddConstraint(
            model_name="nameentry",
            constraint=models.UniqueConstraint(fields=("customer", "text"), name="one_name_entry_a_text"),
        ),
        migrations.RunSQL(GUARD, GUARD_BEFORE),
    ]
