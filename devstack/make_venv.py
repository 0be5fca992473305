"""Makes `.venv` from a file of pinned packages: `python3 make_venv.py FILE`; does nothing if it is up to date. Any
Python 3 can run this, before any package is installed. A stamp in the folder says from which Python, place and files it
was made. If any of these has changed, the folder is made again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "stamp.json"
OLDEST = (3, 11)
_OF_UV = {"index-url": "UV_DEFAULT_INDEX", "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE"}
_OF_PIP_ALONE = {
    "cache-dir", "default-timeout", "disable-pip-version-check", "no-cache-dir", "no-input", "progress-bar", "quiet",
    "retries", "root-user-action", "timeout",
}  # fmt: skip
"""Settings of pip by which no other package is taken."""
_PACKAGES = "twilio/rest|stripe|faker|holidays/countries|pygments/lexers|mypy|mypyc|setuptools"
HARDLY_IMPORTED = rf"/site-packages/(?:(?:{_PACKAGES})/|.*/tests/)"
"""A third of all code, of which little is ever imported, or nothing: that is compiled when it is."""


def main(name: str) -> None:
    """Installs the packages of the file `name`. If something is missing for that, it says so in one line."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(f"Python {found} is too old: install Python 3.11 or newer, and give its name as `make PYTHON=…`.")
    base = [sys.version, str(VENV)]
    stamp = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    files: dict[str, str] = stamp.get("files", {})
    stale = stamp.get("base", base) != base or any(_mark(file) != mark for file, mark in files.items())
    if stale or not _works():
        files = {}
        _make()
    if name not in files:
        if not any(_pins(name) <= _pins(other) for other in files):
            _install(name)
        files[name] = _mark(name)
        STAMP.write_text(json.dumps({"base": base, "files": files}, indent=1))


def _mark(name: str) -> str:
    path = ROOT / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"


def _pins(name: str) -> set[str]:
    """The packages of a file, each with its version; the same version has the same hashes."""
    return {line for line in (ROOT / name).read_text().splitlines() if "==" in line and line[0] not in " #"}


def _works() -> bool:
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def _make() -> None:
    _say("Making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401 - Debian packs it apart
        import venv
    except ImportError:
        sys.exit("Python's venv module is missing: on Debian, apt-get install python3-venv")
    venv.create(VENV, with_pip=True)


def _install(name: str) -> None:
    _say(f"Installing the packages of {name}: a minute or two the first time")
    _install_by_uv(name)
    pip = [*_pip(), "--quiet", "install", "--no-compile", "--require-hashes", "-r", str(ROOT / name)]
    if subprocess.run(pip, check=False).returncode:
        sys.exit(f"The packages of {name} could not be installed; pip says why above.")
    _compile()


def _install_by_uv(name: str) -> None:
    """Where the file pins uv, that does the same with less than half the work, and pip finds everything there. Where uv
    would take packages from elsewhere than pip, or does not manage, everything is left to pip."""
    pin = pin_of("uv", (ROOT / name).read_text())
    told = subprocess.run([*_pip(), "config", "list"], capture_output=True, text=True, check=False).stdout
    sources = sources_of_uv(told)
    if not pin or sources is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "uv.txt"
        alone.write_text(pin)
        first = subprocess.run([*_pip(), "--quiet", "install", "--require-hashes", "-r", str(alone)], check=False)
    if first.returncode == 0:
        uv = [str(VENV / "bin" / "uv"), "--quiet", "--no-config", "pip", "install", "--require-hashes"]
        into = ["--python", str(VENV / "bin" / "python"), "-r", str(ROOT / name)]
        subprocess.run([*uv, *into], env={**os.environ, **sources}, check=False)


def _pip() -> list[str]:
    return [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]


def pin_of(package: str, pins: str) -> str:
    """The lines of a file of pins that pin this package, with its hashes; empty where it is not pinned."""
    lines = pins.splitlines()
    begins = next((number for number, line in enumerate(lines) if line.startswith(f"{package}==")), None)
    if begins is None:
        return ""
    hashes = itertools.takewhile(lambda line: line.startswith("    --hash="), lines[begins + 1 :])
    return "\n".join([lines[begins], *hashes]).removesuffix("\\") + "\n"


def sources_of_uv(settings: str) -> dict[str, str] | None:
    """The environment in which uv takes packages from where pip does, by what `pip config list` says; None where pip
    has a setting that uv does not know."""
    lines = (line.partition("=") for line in settings.splitlines())
    known = {name.rpartition(".")[2]: value.strip("'\"") for name, _equals, value in lines}
    if known.keys() - _OF_UV.keys() - _OF_PIP_ALONE:
        return None
    return {_OF_UV[name]: ",".join(value.split()) for name, value in known.items() if name in _OF_UV}


def _compile() -> None:
    """On all cores, as pip does not. Some packages hold files for older Pythons, which nobody imports: they do not
    count."""
    compiling = [str(VENV / "bin" / "python"), "-m", "compileall", "-qq", "-j", "0", "-x", HARDLY_IMPORTED]
    subprocess.run([*compiling, str(VENV / "lib")], check=False)


def _say(line: str) -> None:
    sys.stderr.write(f"{line} …\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1])
