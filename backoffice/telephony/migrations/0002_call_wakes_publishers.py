"""A call that is written or changes its state wakes the publishers of the live state (`live/publishing.py`)."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION telephony_call_wakes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('telephony_calls', '');
    RETURN NULL;
END $$;
CREATE TRIGGER call_wakes_publishers AFTER INSERT OR DELETE OR UPDATE OF state, ended_at, customer_id, agent_id
    ON telephony_call FOR EACH STATEMENT EXECUTE FUNCTION telephony_call_wakes();
"""
BACKWARDS = """
DROP TRIGGER call_wakes_publishers ON telephony_call;
DROP FUNCTION telephony_call_wakes();
"""


class Migration(migrations.Migration):
    dependencies = [("telephony", "0001_telephone_calls")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
