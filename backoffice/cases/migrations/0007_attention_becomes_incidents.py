"""What was one text for each case becomes an incident; and back. No event is touched."""

import re

from django.db import migrations
from django.utils import timezone

FIXED = {
    "engine_lost": "the engine has lost the process",
    "ended_early": "the process has ended, the case has not",
    "runs_on": "the case is closed, its process runs on",
}
PATTERNS = [
    ("step_fails", re.compile(r"step (?P<key>\d+) fails: (?P<error>.+)")),
    ("dead_letter", re.compile(r"dead letter: (?P<error>.*)")),
    ("process_fails", re.compile(r"the process fails and waits for a mended version \((?P<error>.*)\)")),
    ("alarm", re.compile(r"(?P<key>visit): (?P<code>.+)")),
    ("call_fails", re.compile(r"(?P<key>\S+) fails: (?P<error>.+)")),
    ("outside_away", re.compile(r"(?P<key>[a-z_]+)\.[a-z_]+: (?P<code>[a-z_]+)")),
]


def read(text):
    """The kind, key and values of a text as it was written."""
    for kind, sentence in FIXED.items():
        if text == sentence:
            return kind, "", {}
    for kind, pattern in PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            values = {name: value for name, value in found.groupdict().items() if value}
            return kind, values.pop("key", ""), values
    return "ended_failed", "", {"reason": text}


def write(incident):
    """The text that was written for such an incident."""
    key, error, code = incident.key, incident.what.get("error", ""), incident.what.get("code", "")
    return {
        "step_fails": f"step {key} fails: {error}",
        "call_fails": f"{key} fails: {error}",
        "outside_away": f"{key}.call: {code}",
        "dead_letter": f"dead letter: {error}",
        "process_fails": f"the process fails and waits for a mended version ({error})",
        "alarm": f"{key}: {code}",
        "ended_failed": incident.what.get("reason", "") or "failed",
        **FIXED,
    }[incident.kind][:200]


def forwards(apps, schema_editor):
    Case, Incident = apps.get_model("cases", "Case"), apps.get_model("cases", "Incident")
    now = timezone.now()
    for case in Case.objects.exclude(needs_attention="").iterator():
        kind, key, what = read(case.needs_attention)
        Incident.objects.create(case=case, kind=kind, key=key[:60], what=what, opened_at=now)
        away = kind == "outside_away"
        Case.objects.filter(pk=case.pk).update(
            needs_attention="", open_incidents=0 if away else 1, waits_for=key[:40] if away else ""
        )


def backwards(apps, schema_editor):
    Case, Incident = apps.get_model("cases", "Case"), apps.get_model("cases", "Incident")
    for incident in Incident.objects.filter(resolved_at=None).order_by("-opened_at", "-id").iterator():
        Case.objects.filter(pk=incident.case_id).update(needs_attention=write(incident), open_incidents=0, waits_for="")
    Incident.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_incidents")]

    operations = [migrations.RunPython(forwards, backwards)]
