"""Each session that is deleted before its time is noted for a while, and wakes the publishers of the live state
(`live/publishing.py`): pages that are still open in it are told nothing any more. The mark is that of
`live/watching.py`."""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION telephony_session_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM telephony_endedsession WHERE id IN (
        SELECT id FROM telephony_endedsession WHERE ended_at < clock_timestamp() - interval '1 hour'
        LIMIT 100 FOR UPDATE SKIP LOCKED
    );
    INSERT INTO telephony_endedsession (mark, ended_at)
        SELECT left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 32), clock_timestamp()
        FROM gone WHERE expire_date > clock_timestamp();
    IF FOUND THEN
        PERFORM pg_notify('telephony_calls', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER session_ends_watching AFTER DELETE ON django_session
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION telephony_session_ends();
"""
BACKWARDS = """
DROP TRIGGER session_ends_watching ON django_session;
DROP FUNCTION telephony_session_ends();
"""


class Migration(migrations.Migration):
    dependencies = [("telephony", "0003_lines_at_the_provider"), ("sessions", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="EndedSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=32, verbose_name="mark of the session")),
                ("ended_at", models.DateTimeField(db_index=True, verbose_name="ended at")),
            ],
            options={"verbose_name": "session that ended", "verbose_name_plural": "sessions that ended"},
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
