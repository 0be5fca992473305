"""Production as it is shipped: without the development stack and without the demonstration on the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.security.starting import PARTS, ROOT, ask, command_of, safe_production

SHIPPED = ("backoffice", "workflows", "templates", "manage.py")
LEFT_OUT = ("devstack", "demo", "benchmarks", "tests")
FINDS = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name)))"
IMPORTS_EVERYTHING = """
import importlib, pkgutil
import django
django.setup()
import backoffice, workflows
for package in (backoffice, workflows):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
        print(module.name)
"""
STARTS_WITHOUT = """
import sys
import django
from django.conf import settings
settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app not in sys.argv[1:]]
django.setup()
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the product alone."""
    folder = tmp_path_factory.mktemp("shipped")
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


def test_nothing_but_the_product_can_be_imported_there(tmp_path: Path, shipped: Path) -> None:
    asked = ask(safe_production(tmp_path), "-c", FINDS, "backoffice", *LEFT_OUT, folder=shipped)

    assert asked.stdout.split() == ["backoffice"]


def test_every_module_of_the_product_is_imported_without_them(tmp_path: Path, shipped: Path) -> None:
    asked = ask(safe_production(tmp_path), "-c", IMPORTS_EVERYTHING, folder=shipped)

    assert asked.returncode == 0, asked.stderr
    assert {"backoffice.urls", "backoffice.wsgi", "backoffice.celery"} < set(asked.stdout.split())


def test_the_product_starts_and_finds_nothing_wrong(tmp_path: Path, shipped: Path) -> None:
    asked = ask(safe_production(tmp_path), "manage.py", "check", folder=shipped)

    assert asked.returncode == 0, asked.stderr
    assert "no issues" in asked.stdout


@pytest.mark.parametrize("part", PARTS)
def test_every_part_refuses_unsafe_settings_there(tmp_path: Path, shipped: Path, part: str) -> None:
    asked = ask(safe_production(tmp_path) | {"DEBUG": "1"}, *command_of(part, tmp_path), folder=shipped)

    assert asked.returncode != 0
    assert "DEBUG must be off" in asked.stderr


def test_demonstration_mode_is_refused_there_by_name(tmp_path: Path, shipped: Path) -> None:
    asked = ask(safe_production(tmp_path) | {"COUNTERSIGN_DEMO": "1"}, "manage.py", "check", folder=shipped)

    assert asked.returncode != 0
    assert "COUNTERSIGN_DEMO must be off" in asked.stderr


@pytest.mark.parametrize("environment", ["production", "embedded"])
def test_unsafe_settings_are_refused_whether_or_not_the_stack_is_installed(tmp_path: Path, environment: str) -> None:
    unsafe = safe_production(tmp_path) | {"COUNTERSIGN_ENV": environment, "COUNTERSIGN_DEMO": "1"}

    with_both = ask(unsafe)
    with_neither = ask(unsafe, "-c", STARTS_WITHOUT, "devstack", "demo")

    assert with_both.returncode != 0
    assert "COUNTERSIGN_DEMO" in with_both.stderr
    assert with_neither.stderr.splitlines()[-1] == with_both.stderr.splitlines()[-1]
    assert with_neither.returncode == with_both.returncode
