"""No process looks for garbage while it starts, and each does when it works."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.security.starting import ROOT

WAS = "import gc; print(was, gc.isenabled(), gc.get_freeze_count() > 100_000)"
BEFORE = """
import gc, sys
from django.apps import registry
populate = registry.Apps.populate
def noted(self, installed=None):
    global was
    was = gc.isenabled()
    populate(self, installed)
registry.Apps.populate = noted
"""
ENTRIES = {
    "web": "import backoffice.wsgi",
    "celery": "sys.argv = ['/bin/celery']; from backoffice.celery import app; app.loader.init_worker()",
    "command": "sys.argv = ['manage.py', 'check', '--list-tags']; import manage; manage.main()",
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_garbage_is_looked_for_once_the_apps_are_ready(entry: str) -> None:
    started = subprocess.run(
        [sys.executable, "-c", f"{BEFORE}\n{ENTRIES[entry]}\n{WAS}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert started.stdout.splitlines()[-1] == "False True True"
