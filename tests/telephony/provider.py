"""The telephone simulator, served by a thread of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backoffice.telephony.adapters.twilio import TwilioTelephony
from devstack.telephony.app import Options, build
from tests.devstack.serving import Served

ACCOUNT, TOKEN, OURS = "AC" + "1" * 32, "a" * 31 + "b", "+31205550100"


class Phones(Served):
    """The simulator."""

    def __init__(self, data: Path) -> None:
        super().__init__(lambda: build(Options(data, ACCOUNT, TOKEN)))

    def calls(self, to: str = "") -> list[dict[str, Any]]:
        """The newest first."""
        found = self.ask("GET", "/_sim/calls")["calls"]
        return [call for call in found if to in ("", call["to"])]

    def do(self, which: str, step: str) -> dict[str, Any]:
        done: dict[str, Any] = self.ask("POST", f"/_sim/calls/{which}/{step}")
        return done

    def adapter(self, *, read: float = 5, token: str = TOKEN) -> TwilioTelephony:
        return TwilioTelephony(url=self.url, account=ACCOUNT, token=token, number=OURS, connect=1, read=read)
