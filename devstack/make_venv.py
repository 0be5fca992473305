"""Makes `.venv` from a file of pinned packages: `python3 make_venv.py FILE`; does nothing if it is up to date. Any
Python 3 can run this, before any package is installed. A stamp in the folder says from which Python, place and files it
was made. If any of these has changed, the folder is made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "stamp.json"
OLDEST = (3, 11)


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
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    ran = subprocess.run([*pip, "install", "--no-compile", "--require-hashes", "-r", str(ROOT / name)], check=False)
    if ran.returncode:
        sys.exit(f"The packages of {name} could not be installed; pip says why above.")
    _compile()


def _compile() -> None:
    """On all cores, as pip does not. Some packages hold files for older Pythons, which nobody imports: they do not
    count."""
    compiling = [str(VENV / "bin" / "python"), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")]
    subprocess.run(compiling, check=False)


def _say(line: str) -> None:
    sys.stderr.write(f"{line} …\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1])
