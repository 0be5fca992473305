"""The calls, in one file that is written whole or not at all, so that a kill loses nothing that was answered."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

Json = dict[str, Any]
LIVE = ("queued", "ringing", "in-progress")
EVENT_OF = {"queued": "initiated", "ringing": "ringing", "in-progress": "answered"}
"""The event that tells of a status; everything else is `completed`."""
STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "ring": (("queued",), "ringing"),
    "answer": (("queued", "ringing"), "in-progress"),
    "busy": (("queued", "ringing"), "busy"),
    "no_answer": (("queued", "ringing"), "no-answer"),
    "fail": (("queued", "ringing"), "failed"),
    "hang_up": (("in-progress",), "completed"),
}
"""What somebody may do with a telephone: in which statuses, and the status afterwards. `voicemail` is beside these."""


class Lines:
    """`emit(call, event)` is told of every change, in its order."""

    def __init__(self, path: Path, emit: Callable[[Json, str], None]) -> None:
        self._path, self._emit = path, emit
        self.calls: dict[str, Json] = json.loads(path.read_text()) if path.exists() else {}

    def make(self, told: Json, account: str) -> Json:
        """A call that is queued."""
        sid, now = "CA" + secrets.token_hex(16), time.time()
        call: Json = {
            "sid": sid,
            "account_sid": account,
            "to": told["To"],
            "from": told["From"],
            "status": "queued",
            "answered_by": None,
            "made": now,
            "changed": now,
            "started": None,
            "ended": None,
            "sequence": 0,
            "callback": told.get("StatusCallback", ""),
            "events": told.get("StatusCallbackEvent", ["completed"]),
            "amd_callback": told.get("AsyncAmdStatusCallback", "") if told.get("MachineDetection") else "",
            "rings_for": float(told.get("Timeout", 60)),
            "talks_for": float(told.get("TimeLimit", 14400)),
        }
        self.calls[sid] = call
        self._keep()
        self._emit(call, "initiated")
        return call

    def step(self, sid: str, step: str) -> Json:
        """Somebody does something with the telephone. Raises `KeyError` for an unknown call, `ValueError` for what
        cannot be done now."""
        call = self.calls[sid]
        if step == "voicemail":
            return self._voicemail(call)
        allowed, after = STEPS.get(step, ((), ""))
        if call["status"] not in allowed:
            raise ValueError(f"'{step}' is not possible while the call is {call['status']}.")
        if step == "answer" and call["status"] == "queued":
            self._become(call, "ringing")
        if step == "answer" and call["amd_callback"]:
            call["answered_by"] = "human"
        self._become(call, after)
        return call

    def end(self, sid: str) -> Json:
        """We hang up, whatever it does. Raises `KeyError`, and `ValueError` for a call that is over."""
        call = self.calls[sid]
        if call["status"] not in LIVE:
            raise ValueError("Call is not in-progress. Cannot redirect.")
        self._become(call, "completed" if call["status"] == "in-progress" else "canceled")
        return call

    def let_time_pass(self) -> None:
        """Queued telephones ring; those that nobody answers stop after their time; so does who talks for too long."""
        now = time.time()
        for call in list(self.calls.values()):
            waited = now - call["changed"]
            if call["status"] == "queued":
                self._become(call, "ringing")
            elif call["status"] == "ringing" and waited > call["rings_for"]:
                self._become(call, "no-answer")
            elif call["status"] == "in-progress" and waited > call["talks_for"]:
                self._become(call, "completed")

    def _voicemail(self, call: Json) -> Json:
        if call["status"] not in ("queued", "ringing"):
            raise ValueError(f"'voicemail' is not possible while the call is {call['status']}.")
        if call["amd_callback"]:
            call["answered_by"] = "machine_start"
        self._become(call, "in-progress")
        return call

    def _become(self, call: Json, status: str) -> None:
        now = time.time()
        call["status"], call["changed"] = status, now
        if status == "in-progress":
            call["started"] = now
        if status not in LIVE:
            call["ended"] = now
        self._keep()
        self._emit(call, EVENT_OF.get(status, "completed"))
        if status == "in-progress" and call["answered_by"]:
            self._emit(call, "amd")

    def _keep(self) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(self.calls))
        draft.replace(self._path)


def shown(call: Json) -> Json:
    """The call as the API answers it."""
    uri = f"/2010-04-01/Accounts/{call['account_sid']}/Calls/{call['sid']}.json"
    plain = {name: call[name] for name in ("sid", "account_sid", "to", "from", "status", "answered_by")}
    times = {"date_created": "made", "date_updated": "changed", "start_time": "started", "end_time": "ended"}
    return {
        **plain,
        **{name: _rfc2822(call[ours]) for name, ours in times.items()},
        "direction": "outbound-api",
        "duration": str(int(call["ended"] - call["started"])) if call["started"] and call["ended"] else None,
        "api_version": "2010-04-01",
        "uri": uri,
        "subresource_uris": {},
    }


def _rfc2822(at: float | None) -> str | None:
    return None if at is None else formatdate(at)
