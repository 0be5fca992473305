"""What the settings read from an embedded stack: where its parts listen, and its own random keys. It uses no Django."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path

ADDRESSES = "stack.json"
KEYS = "keys.json"


def addresses(data_dir: Path) -> dict[str, str]:
    """The addresses that `manage.py up` wrote last, by the name of the variable; empty before the first start."""
    return _read(data_dir / ADDRESSES)


def write_addresses(data_dir: Path, values: dict[str, str]) -> None:
    _write(data_dir / ADDRESSES, values)


def keys(data_dir: Path) -> dict[str, str]:
    """The keys of this data folder. They are made at random on first use, and only their owner can read them."""
    path = data_dir / KEYS
    found = _read(path)
    if not found:
        data_dir.mkdir(parents=True, exist_ok=True)
        _write(path, _new_keys(), only_if_new=True)
        found = _read(path)
    return found if found.keys() >= _new_keys().keys() else _with_new_ones(path)


def _with_new_ones(path: Path) -> dict[str, str]:
    """Adds the keys that an older version did not make; of two who add at once, the first wins."""
    with path.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = _new_keys() | _read(path)
        if complete != _read(path):
            _write(path, complete)
        return complete


def keys_already_made(data_dir: Path) -> dict[str, str]:
    """The keys of this data folder; empty when none were made."""
    return _read(data_dir / KEYS)


def _new_keys() -> dict[str, str]:
    def random_key() -> str:
        return base64.urlsafe_b64encode(os.urandom(32)).decode()

    def webhook_secret() -> str:
        return "whsec_" + base64.b64encode(os.urandom(32)).decode()

    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SEALING_KEYS": random_key(),
        "INDEX_KEY": secrets.token_urlsafe(32),
        "CODEC_KEYS": f"k1:{random_key()}",
        "CHECKPOINT_KEY": random_key(),
        "SIGNALS_SECRET": webhook_secret(),
        "ISSUER_KEY": "sk_test_" + secrets.token_urlsafe(24),
        "ISSUER_WEBHOOK_SECRET": "whsec_" + secrets.token_urlsafe(24),
        "PAYMENTS_KEY": "sk_test_" + secrets.token_urlsafe(24),
        "PAYMENTS_WEBHOOK_SECRET": "whsec_" + secrets.token_urlsafe(24),
        "UPDATER_SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        "REGISTRY_PASSWORD": secrets.token_urlsafe(12),
        "TELEPHONY_TOKEN": secrets.token_hex(16),
        "VOICE_CONTROL_SECRET": webhook_secret(),
        "VOICE_EVENTS_SECRET": webhook_secret(),
    }


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    content: dict[str, str] = json.loads(path.read_text())
    return content


def _write(path: Path, values: dict[str, str], *, only_if_new: bool = False) -> None:
    """Writes the file whole or not at all, so a reader never sees half of it. Of two first writers, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(values, indent=1))
    if only_if_new:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    else:
        draft.replace(path)
