"""A password that is replaced ends the sessions of its person, all but the one in which they replaced it. Nobody deletes
these, so this notes the mark of the old password, and wakes the publishers of the live state (`live/publishing.py`):
pages that are still open in them are told nothing any more. The mark is that of `live/watching.py`."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION telephony_password_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO telephony_endedsession (mark, ended_at)
        VALUES (left(encode(sha256(convert_to(OLD.password, 'UTF8')), 'hex'), 32), clock_timestamp());
    PERFORM pg_notify('telephony_calls', '');
    RETURN NULL;
END $$;
CREATE TRIGGER password_ends_watching AFTER UPDATE OF password ON staff_user
    FOR EACH ROW WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION telephony_password_ends();
"""
BACKWARDS = """
DROP TRIGGER password_ends_watching ON staff_user;
DROP FUNCTION telephony_password_ends();
"""


class Migration(migrations.Migration):
    dependencies = [("telephony", "0004_ended_sessions"), ("staff", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
