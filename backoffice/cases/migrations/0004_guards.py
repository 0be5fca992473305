"""Rules that hold whatever the route: the timeline is append-only, and four eyes are four."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON cases_event
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON cases_event
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON cases_checkpoint
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER part_append_only BEFORE UPDATE OR DELETE ON cases_part
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
"""
FOUR_EYES = """
CREATE FUNCTION cases_require_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'answered' AND NEW.part <> '' AND NOT EXISTS (
        SELECT 1 FROM cases_part p JOIN cases_case c ON c.id = NEW.case_id
        WHERE p.root_id = COALESCE(c.root_id, c.id) AND p.user_id = NEW.answered_by_id AND p.part = NEW.part
    ) THEN
        RAISE EXCEPTION 'four eyes: this user does not have the part % in this case', NEW.part
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_four_eyes BEFORE INSERT OR UPDATE ON cases_workitem
    FOR EACH ROW EXECUTE FUNCTION cases_require_part();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_initial")]

    operations = [
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER event_append_only ON cases_event; DROP TRIGGER event_no_truncate ON cases_event;"
            "DROP TRIGGER checkpoint_append_only ON cases_checkpoint; DROP TRIGGER part_append_only ON cases_part;"
            "DROP FUNCTION cases_refuse_change();",
        ),
        migrations.RunSQL(
            FOUR_EYES, "DROP TRIGGER item_four_eyes ON cases_workitem; DROP FUNCTION cases_require_part();"
        ),
    ]
