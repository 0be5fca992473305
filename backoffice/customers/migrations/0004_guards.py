from django.db import migrations

CONTACT_POINTS = """
CREATE FUNCTION contact_point_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OR (NEW.value IS DISTINCT FROM OLD.value
            AND current_setting('countersign.resealing', true) IS DISTINCT FROM 'on')
    THEN
        RAISE EXCEPTION 'a contact point is superseded, never overwritten' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at)
        OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)
        OR (OLD.sim_swapped_at IS NOT NULL AND NEW.sim_swapped_at IS DISTINCT FROM OLD.sim_swapped_at)
    THEN
        RAISE EXCEPTION 'what a contact point went through is not taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contact_point_guard BEFORE UPDATE OR DELETE ON customers_contactpoint
    FOR EACH ROW EXECUTE FUNCTION contact_point_guard();
"""

ACCESSES = """
CREATE FUNCTION opening_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the openings of records are only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER opening_guard BEFORE UPDATE OR DELETE ON customers_access
    FOR EACH ROW EXECUTE FUNCTION opening_guard();
"""


class Migration(migrations.Migration):
    """Addresses are superseded, never overwritten; who opened a record stays noted. Nobody gets round it."""

    dependencies = [("customers", "0003_records")]

    operations = [
        migrations.RunSQL(
            CONTACT_POINTS,
            "DROP TRIGGER contact_point_guard ON customers_contactpoint; DROP FUNCTION contact_point_guard();",
        ),
        migrations.RunSQL(ACCESSES, "DROP TRIGGER opening_guard ON customers_access; DROP FUNCTION opening_guard();"),
    ]
